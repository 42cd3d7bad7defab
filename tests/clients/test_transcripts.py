"""What clients that nobody here wrote said to the embedded services, said again: no network, none of their packages."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from tests.clients.record import TRANSCRIPTS, transcript_of
from tests.clients.replay import Differs, Replay
from tests.clients.strangers import IDENTIFICATIONS, SERVICES, STRANGERS, Server, Stranger


@contextmanager
def _replay(server: Server) -> Iterator[Replay]:
    service = SERVICES[server]()
    try:
        yield Replay(service, IDENTIFICATIONS[server].secret)
    finally:
        service.close()


def _exchanges(stranger: Stranger) -> list[dict[str, Any]]:
    lines = transcript_of(stranger).read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


@pytest.mark.parametrize("stranger", STRANGERS, ids=lambda each: each.name)
def test_service_answers_as_it_did(stranger: Stranger) -> None:
    """Every request of the client's run gets the answer that the client was content with."""
    with _replay(stranger.server) as replay:
        for exchange in _exchanges(stranger):
            replay.say(exchange)


def test_every_transcript_belongs_to_a_client() -> None:
    """No file is left of a client that isn't run any more."""
    held = {file.name for file in TRANSCRIPTS.iterdir()}
    assert held == {transcript_of(each).name for each in STRANGERS}


def test_transcripts_hold_no_secret() -> None:
    """Neither tokens nor secrets nor ports of the run are in a file."""
    for stranger in STRANGERS:
        text = transcript_of(stranger).read_text(encoding="utf-8")
        assert IDENTIFICATIONS[stranger.server].secret not in text
        assert "127.0.0.1" not in text
        assert "Bearer ⟨token⟩" in text


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (lambda answer: answer.update(status=204), "answered 200 instead of 204"),
        (lambda answer: answer["body"]["json"].update(UserId="⟨id 999⟩x"), "UserId"),
        (lambda answer: answer["body"]["json"].update(Nothing=1), "lacks Nothing"),
        (lambda answer: answer["headers"].update({"odata-version": "3.0"}), "odata-version"),
    ],
)
def test_a_difference_is_noticed(spoil: Any, told: str) -> None:
    """Another status, value, member or header fails the replay and is named."""
    answer: dict[str, Any] = {
        "status": 200,
        "headers": {"odata-version": "4.0"},
        "body": {"json": {"UserId": "⟨id 1⟩"}},
    }
    request = {
        "method": "GET",
        "target": "/api/data/v9.2/WhoAmI",
        "headers": {"authorization": "Bearer ⟨token⟩"},
        "body": None,
    }
    with _replay(Server.CRM) as replay:
        replay.token = replay.service.access_token()
        replay.say({"request": request, "answer": answer})
        spoil(answer)
        with pytest.raises(Differs, match=told):
            replay.say({"request": request, "answer": answer})
