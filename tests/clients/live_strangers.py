"""`make test-clients`: every client that nobody here wrote, unmodified, against the embedded service it is for.

The file's name keeps it out of `make test`, which needs no package of a stranger and replays their transcripts.
"""

import os
from pathlib import Path

import pytest
from tests.clients.strangers import STRANGERS, Stranger, run


@pytest.mark.parametrize("stranger", STRANGERS, ids=lambda each: each.name)
def test_client_gets_what_it_expects(stranger: Stranger, tmp_path: Path) -> None:
    """The program that drives the client ends well, and the client did ask the service."""
    clients = Path(os.environ["INTERLACE_TEST_CLIENTS"]).absolute()
    ended = run(stranger, clients, tmp_path)
    assert ended.exit_code == 0, f"{stranger.package}:\n{ended.output}"
    assert ended.exchanges
