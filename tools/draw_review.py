"""Draw the Full Synch. Review of a state directory as a terminal sees it: python -m tools.draw_review STATE."""

import io
import re
import sys
from pathlib import Path

from rich.console import Console

from interlace.bootstrap.application import Application
from interlace.bootstrap.full_synchronization import FullSynchronization
from interlace.cli.review_table import review_table
from interlace.settings import load_config
from tools.findings import ROOT

PICTURE = ROOT / "docs" / "images" / "full-synch-review.svg"
_NOT_NEEDED = re.compile(r"@font-face\s*\{[^}]*\}|<!--.*?-->", re.DOTALL)


def main() -> int:
    """Write the picture of the newest review."""
    if len(sys.argv) != 2:
        sys.stderr.write("Name the state directory of a demo: python -m tools.draw_review .interlace\n")
        return 2
    config = load_config(environment={}, overrides={"state.directory": str(Path(sys.argv[1]))})
    with Application(config) as application:
        review = FullSynchronization(application=application).latest(application.connection(None))
    if review is None:
        sys.stderr.write("There is no full synchronization in that directory.\n")
        return 1
    console = Console(record=True, width=126, file=io.StringIO(), force_terminal=True)
    console.print(review_table(review))
    # The picture uses the reader's own fonts: it fetches nothing.
    drawn = _NOT_NEEDED.sub("", console.export_svg(title="interlace full-synch status"))
    text = "\n".join(line.rstrip() for line in drawn.splitlines())
    PICTURE.write_text(text + "\n", encoding="utf-8")
    sys.stderr.write(f"{PICTURE.relative_to(ROOT)} is drawn.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
