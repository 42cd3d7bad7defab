"""`make bench`: the full synchronization against the bare pipe, and the embedded services against minimal ones."""

import sys

from benchmarks.full_synch import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
