"""`python -m tests.clients.record CLIENTS [NAME ...]`: run the clients and write their transcripts.

CLIENTS is the folder into which `make test-clients` installs them; without names all are recorded.
"""

import json
import sys
import tempfile
from pathlib import Path

from tests.clients.strangers import IDENTIFICATIONS, STRANGERS, Stranger, run
from tests.clients.transcript import written

TRANSCRIPTS = Path(__file__).parent / "transcripts"


def transcript_of(stranger: Stranger) -> Path:
    """The file of a client's transcript."""
    return TRANSCRIPTS / f"{stranger.name}.jsonl"


def record(stranger: Stranger, clients: Path) -> int:
    """Run a client and write its transcript, one exchange a line; the number of exchanges."""
    with tempfile.TemporaryDirectory() as directory:
        ended = run(stranger, clients, Path(directory))
    if ended.exit_code:
        raise SystemExit(f"{stranger.package} failed; nothing was written.\n{ended.output}")
    secret = IDENTIFICATIONS[stranger.server].secret
    lines = [json.dumps(each, ensure_ascii=False) for each in written(ended.exchanges, ended.began, secret)]
    transcript_of(stranger).write_text("\n".join(lines) + "\n", encoding="utf-8")
    return len(lines)


def main() -> None:
    """Record the named clients."""
    clients, names = Path(sys.argv[1]).absolute(), sys.argv[2:]
    for stranger in STRANGERS:
        if not names or stranger.name in names:
            sys.stdout.write(f"{stranger.name}: {record(stranger, clients)} exchanges\n")


if __name__ == "__main__":
    main()
