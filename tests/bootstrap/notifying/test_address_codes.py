"""Proofs of addresses by e-mail: the code goes there first, and everything else only after it came back."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.bootstrap.notifying.notified_place import (
    NotifiedPlace,
    Received,
    closed_port,
    notified_place,
    smtp_server,
)

from interlace.bootstrap.notifying.address_codes import digest_of_code
from interlace.bootstrap.notifying.mailing import send_due
from interlace.connectors.smtp import Encryption, MailServer
from interlace.store.notification_choices import NotificationChoice

TO_ANA = "ana@example.com"


@pytest.fixture
def place(tmp_path: Path) -> Iterator[NotifiedPlace]:
    """An Interlace in which Ana wants causes by e-mail alone."""
    with notified_place(tmp_path / "state") as opened:
        ana = opened.add_user("ana", "INTERLACE SYNCHRONIZE", language="fi_FI")
        choice = NotificationChoice(address=TO_ANA, mailed=("cause",))
        opened.application.state.notification_choices.store(ana, choice)
        opened.moment = opened.application.state.clock()
        yield opened


@pytest.fixture
def received() -> Iterator[tuple[int, Received]]:
    """A mail server on this machine."""
    with smtp_server() as opened:
        yield opened


def send(place: NotifiedPlace, port: int) -> bool:
    """Send what is due."""
    server = MailServer(
        host="127.0.0.1", port=port, encryption=Encryption.NONE, sender="interlace@example.com"
    )
    return send_due(place.application, server, lambda: place.moment)


def code_in(text: str) -> str:
    """The code of a message's link."""
    [code] = re.findall(r"http://127\.0\.0\.1:8100/notifications/address\?code=([0-9a-f]{40})\s", text)
    return str(code)


def test_a_code_is_all_that_is_sent_until_it_came_back(
    place: NotifiedPlace, received: tuple[int, Received]
) -> None:
    """In the reader's language; what is told meanwhile stands at the bell, and is not sent afterwards."""
    port, got = received
    place.fail("10000")
    place.settle()
    assert send(place, port)
    assert send(place, port)
    [mail] = got.mails
    assert got.recipients == [TO_ANA]
    assert "vahvista sähköpostiosoitteesi" in str(mail["Subject"])
    assert [each.kind for each in place.told("id-ana")] == ["cause"]
    code = code_in(mail.get_content())
    assert place.application.state.address_proofs.prove("id-ana", digest_of_code(code)) == TO_ANA
    place.help("10000")
    place.settle()
    assert send(place, port)
    assert ["10000" in each.get_content() for each in got.mails] == [False, True]
    assert len(place.told("id-ana")) == 1


def test_each_message_holds_another_code_under_another_name(
    place: NotifiedPlace, received: tuple[int, Received]
) -> None:
    """Mail programs take no second one for the first; only the newest counts."""
    port, got = received
    proofs = place.application.state.address_proofs
    assert send(place, port)
    assert proofs.ask_again("id-ana")
    place.moment = place.application.state.clock()
    assert send(place, port)
    first, second = got.mails
    assert first["Message-ID"] != second["Message-ID"]
    codes = [code_in(each.get_content()) for each in got.mails]
    assert [proofs.prove("id-ana", digest_of_code(each)) for each in codes] == ["", TO_ANA]


def test_a_code_waits_for_the_mail_server(place: NotifiedPlace, received: tuple[int, Received]) -> None:
    """While that is away it is tried again; a person without permission is sent none."""
    assert not send(place, closed_port())
    proof = place.application.state.address_proofs.of_user("id-ana")
    assert proof is not None
    assert proof.problem
    assert proof.expires_at is None, "nothing was sent that could be opened"
    port, got = received
    place.look(minutes=2)
    bo = place.add_user("bo")
    place.application.state.notification_choices.store(bo, NotificationChoice(address="bo@example.com"))
    assert send(place, port)
    assert got.recipients == [TO_ANA]
    sent = place.application.state.address_proofs.of_user("id-ana")
    assert sent is not None
    assert (sent.problem, sent.expires_at is None) == ("", False)
