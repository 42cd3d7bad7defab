"""`python -m interlace.testing.simulator`: plays schedules; ends with `N schedules, 0 violations` or fails."""

import sys

from interlace.testing.simulator.runner import main

sys.exit(main(sys.argv[1:]))
