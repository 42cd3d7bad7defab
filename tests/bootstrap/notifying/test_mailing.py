"""E-mails: sent once in the reader's language, kept while the mail server is away, given up where it refuses."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from tests.bootstrap.notifying.notified_place import (
    SECRET,
    NotifiedPlace,
    Received,
    closed_port,
    notified_place,
    smtp_server,
)
from tests.store.proven_address import prove_address

from interlace.bootstrap.notifying.mail_settings import is_address, mail_server
from interlace.bootstrap.notifying.mailing import send_due
from interlace.connectors.smtp import Encryption, MailServer
from interlace.settings import SettingsError, load_config
from interlace.store.notification_choices import NotificationChoice

SYNCHRONIZE = "INTERLACE SYNCHRONIZE"
BY_MAIL = NotificationChoice(address="ana@example.com", mailed=("cause",))


def server_at(port: int, encryption: Encryption = Encryption.NONE) -> MailServer:
    """A mail server on this machine."""
    return MailServer(host="127.0.0.1", port=port, encryption=encryption, sender="interlace@example.com")


@pytest.fixture
def place(tmp_path: Path) -> Iterator[NotifiedPlace]:
    """An Interlace in which Ana is told of causes by e-mail alone, and one has come."""
    with notified_place(tmp_path / "state") as opened:
        ana = opened.add_user("ana", SYNCHRONIZE, language="nb_NO")
        opened.application.state.notification_choices.store(ana, BY_MAIL)
        prove_address(opened.application.state, ana)
        opened.fail("10000")
        opened.settle()
        yield opened


@pytest.fixture
def smtp() -> Iterator[tuple[int, Received]]:
    """A mail server on this machine."""
    with smtp_server() as opened:
        yield opened


def send(place: NotifiedPlace, server: MailServer, **later: float) -> bool:
    """Send what is due, some time later."""
    place.moment += timedelta(**later)
    return send_due(place.application, server, lambda: place.moment)


def test_an_email_names_the_record_and_leads_to_the_page(
    place: NotifiedPlace, smtp: tuple[int, Received]
) -> None:
    """It is written in its reader's language, holds no value, and is sent once."""
    port, received = smtp
    assert send(place, server_at(port))
    assert send(place, server_at(port), hours=2)
    [mail] = received.mails
    text = mail.get_content()
    assert received.recipients == ["ana@example.com"]
    assert mail["From"] == "interlace@example.com"
    assert mail["Message-ID"].endswith("@example.com>")
    assert "CUSTOMER 10000" in text
    assert "http://127.0.0.1:8100/errors/causes/" in text
    assert "connection=main" in text
    assert "Poster som holdes tilbake: 1" in text
    assert SECRET not in f"{mail}"
    assert place.told("id-ana") == []


def test_a_mail_server_that_is_away_loses_nothing(place: NotifiedPlace, smtp: tuple[int, Received]) -> None:
    """It is tried again and again, at growing intervals, until it is there."""
    away = server_at(closed_port())
    assert not send(place, away)
    assert send(place, away, seconds=30), "its time has not come"
    assert not send(place, away, seconds=31)
    assert place.application.state.outgoing_mail.last_problem("id-ana")
    port, received = smtp
    assert send(place, server_at(port), minutes=3)
    assert len(received.mails) == 1
    assert place.application.state.outgoing_mail.last_problem("id-ana") == ""


@pytest.mark.parametrize(
    ("answer", "given_up"),
    [("550 no such mailbox", True), ("452 mailbox full", False)],
)
def test_an_email_is_given_up_only_where_it_is_refused_for_good(
    place: NotifiedPlace, smtp: tuple[int, Received], answer: str, *, given_up: bool
) -> None:
    """The reader is told why; what is refused for now is tried again."""
    port, received = smtp
    received.refuses = answer
    assert send(place, server_at(port)) is given_up
    assert answer.split(" ", 1)[1] in place.application.state.outgoing_mail.last_problem("id-ana")
    received.refuses = ""
    send(place, server_at(port), hours=2)
    assert len(received.mails) == (0 if given_up else 1)


def test_nothing_is_sent_in_the_clear_where_tls_is_wanted(
    place: NotifiedPlace, smtp: tuple[int, Received]
) -> None:
    """A server that offers no TLS is handed nothing."""
    port, received = smtp
    assert not send(place, server_at(port, Encryption.STARTTLS))
    assert received.mails == []


def test_what_was_taken_by_a_server_that_crashed_is_sent_again_by_its_name(
    place: NotifiedPlace, smtp: tuple[int, Received]
) -> None:
    """A crash between sending and noting it sends it twice, under one Message-ID by which it is known."""
    port, received = smtp
    outgoing = place.application.state.outgoing_mail
    taken = outgoing.take(place.moment, place.moment + timedelta(minutes=10))
    assert taken is not None
    assert send(place, server_at(port))
    assert received.mails == [], "another server has it"
    assert send(place, server_at(port), minutes=10)
    assert [each["Message-ID"] for each in received.mails] == [f"<{taken.id}@example.com>"]


@pytest.mark.parametrize("ended", ["disabled", "permission", "choice"])
def test_whose_permission_or_wish_has_ended_gets_nothing(
    place: NotifiedPlace, smtp: tuple[int, Received], ended: str
) -> None:
    """It counts when the e-mail is sent, not when the change was."""
    state = place.application.state
    match ended:
        case "disabled":
            state.users.change("id-ana", lambda held: replace(held, disabled=True))
        case "permission":
            state.users.change("id-ana", lambda held: replace(held, permission_sets=()))
        case _:
            state.notification_choices.store("id-ana", replace(BY_MAIL, mailed=()))
    port, received = smtp
    assert send(place, server_at(port))
    assert received.mails == []


def test_what_can_no_more_be_sent_stands_at_the_bell(
    place: NotifiedPlace, smtp: tuple[int, Received]
) -> None:
    """The address was exchanged by one that is not proven: nothing is lost, and nothing goes there but the code."""
    moved = replace(BY_MAIL, address="new@example.com")
    place.application.state.notification_choices.store("id-ana", moved)
    port, received = smtp
    assert send(place, server_at(port), days=365 * 50)
    assert [each["Subject"] for each in received.mails] == ["Interlace: bekreft e-postadressen din"]
    assert received.recipients == ["new@example.com"]
    [told] = place.told("id-ana")
    assert "CUSTOMER 10000" in told.message


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"mail.server": "mail.example.com", "mail.encryption": "none"}, "mail.encryption"),
        ({"mail.server": "mail.example.com", "mail.encryption": "ssl"}, "mail.encryption"),
        ({"mail.server": "https://mail.example.com/"}, "mail.server"),
        ({"mail.server": "mail.example.com", "mail.sender": "us <a@example.com>"}, "mail.sender"),
        ({"mail.server": "mail.example.com", "mail.user": "us"}, "mail.password_file"),
    ],
)
def test_settings_that_cannot_be_meant_are_named(settings: dict[str, str], named: str) -> None:
    """Each refusal names the setting and what it may be."""
    given = {"mail.sender": "a@example.com", **settings}
    with pytest.raises(SettingsError, match=named.replace(".", r"\.")):
        mail_server(load_config(environment={}, overrides=given))


def test_the_password_is_read_from_a_file_of_its_owner(tmp_path: Path) -> None:
    """One that others can read is refused; ports follow the encryption, and nothing shows the password."""
    file = tmp_path / "password"
    file.write_text("seven quiet otters\n", encoding="utf-8")
    given = {
        "mail.server": "mail.example.com",
        "mail.encryption": "tls",
        "mail.sender": "a@example.com",
        "mail.user": "us",
        "mail.password_file": str(file),
    }
    config = load_config(environment={}, overrides=given)
    file.chmod(0o644)
    with pytest.raises(SettingsError, match="chmod 600"):
        mail_server(config)
    file.chmod(0o600)
    found = mail_server(config)
    assert found is not None
    assert (found.password, found.port) == ("seven quiet otters", 465)
    assert "otters" not in f"{found!r}{config!r}"
    assert mail_server(load_config(environment={})) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ana",
        "ana@",
        "@example.com",
        "a b@example.com",
        "ana@example.com\nBcc: x@y.z",
        "Ana <a@example.com>",
    ],
)
def test_only_one_plain_address_is_taken(text: str) -> None:
    """Nothing else gets into the head of an e-mail."""
    assert not is_address(text)
    assert is_address("ana.olsen+crm@example.com")
