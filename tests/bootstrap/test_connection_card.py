"""The Connection Setup card: what is entered is checked as a whole, and secrets stay where they were entered for."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from tests.bootstrap.serving_ends import application_at

from interlace.bootstrap.application import Application, Connection
from interlace.bootstrap.audit_entries import AuditEntries
from interlace.bootstrap.connection_settings import CRM_SECRET, ERP_KEY_SECRET, ConnectionSettings
from interlace.bootstrap.desk.connection_card import add_connection_card
from interlace.management.caller import Caller, Door
from interlace.management.connection_card import (
    CHANGE,
    FORM,
    ChangeConnection,
    ConnectionForm,
    ShowConnectionForm,
)
from interlace.management.connections import ConnectionChanged
from interlace.management.desk import Desk, Works
from interlace.management.permission import Permission
from interlace.management.refusal import RefusalKind, Refused

ANA = Caller(user_id="1", name="ana", permissions=frozenset(Permission), door=Door.MACHINE)
SETTINGS = ConnectionSettings(
    name="main",
    erp_address="https://erp.example.com:7048/BC",
    erp_company="Nordlicht",
    erp_user="INTERLACE",
    crm_address="https://org.crm4.dynamics.com",
    crm_token_url="",
    crm_client_id="client",
    crm_authentication="client-secret",
    crm_authority="https://login.example.com/tenant",
    enabled=True,
)


class Card:
    """The card of a connection whose services nobody asks."""

    def __init__(self, application: Application) -> None:
        self.application = application
        application.add_connection(SETTINGS, {ERP_KEY_SECRET: "first", CRM_SECRET: "second"})
        works = Works()
        server: Any = SimpleNamespace(application=application)
        add_connection_card(works, server)
        self._desk = Desk(works, AuditEntries(application.state.audit_log))

    @property
    def held(self) -> Connection:
        """The connection as it is kept."""
        return self.application.connection(None)

    def form(self, answers: dict[str, str] | None = None) -> ConnectionForm:
        """Ask for the form, with what was entered."""
        asked = ShowConnectionForm(answers=answers or {})
        return asyncio.run(self._desk.perform(FORM, ANA, asked))

    def change(
        self, answers: dict[str, str], *, seen: str = "", secrets: dict[str, str] | None = None
    ) -> ConnectionChanged:
        """Keep what was entered."""
        asked = ChangeConnection(connection="main", answers=answers, secrets=secrets or {}, seen=seen)
        return asyncio.run(self._desk.perform(CHANGE, ANA, asked))

    def wrong(self, answers: dict[str, str], *, secrets: dict[str, str] | None = None) -> set[str]:
        """Return the fields that are marked when it is refused."""
        before = self.held
        with pytest.raises(Refused) as refused:
            self.change(answers, secrets=secrets)
        assert refused.value.kind is RefusalKind.INVALID
        assert self.held == before
        return set(refused.value.fields)


@pytest.fixture
def card(tmp_path: Path) -> Iterator[Card]:
    """A card on a state of its own."""
    with application_at(tmp_path / "state") as application:
        yield Card(application)


def keys(form: ConnectionForm) -> set[str]:
    """Return what a form asks."""
    return {each.question.key for each in form.questions}


def test_the_form_asks_what_the_way_to_sign_in_needs(card: Card) -> None:
    """Another way asks other things at once, and nothing is kept for that; secrets are never shown."""
    form = card.form()
    assert {"erp.user", "erp.key_file", "crm.authority", "crm.secret_file"} <= keys(form)
    stored = {each.question.key: each for each in form.questions if each.question.kind == "secret"}
    assert stored["erp.key_file"].question.is_stored
    assert stored["erp.key_file"].entered_at is not None
    assert not any(each.question.value for each in stored.values())
    other = keys(card.form({"crm.sign_in": "certificate"}))
    assert "crm.certificate_file" in other
    assert "crm.secret_file" not in other
    assert card.held.settings.crm_authentication == "client-secret"


def test_what_is_entered_is_kept_and_nothing_else(card: Card) -> None:
    """What was not named stays, and so does whether the connection is used."""
    card.change({"erp.user": "OTHER"}, seen=card.form().seen)
    assert card.held.settings == replace(SETTINGS, erp_user="OTHER")
    assert card.change({"erp.user": "OTHER"}).message == "Nothing was changed."


def test_a_renewed_secret_takes_the_place_of_the_old_one(card: Card) -> None:
    """It is used from now on; a blank one leaves what is stored."""
    card.change({}, secrets={"erp.key_file": "renewed", "crm.secret_file": ""})
    assert card.application.secret(card.held, ERP_KEY_SECRET) == "renewed"
    assert card.application.secret(card.held, CRM_SECRET) == "second"
    assert card.held.settings.enabled


def test_another_address_disables_and_asks_for_its_secret_again(card: Card) -> None:
    """A stored secret is never sent to where it was not entered for."""
    assert card.wrong({"erp.address": "https://other.example.com/BC"}) == {"secrets.erp.key_file"}
    changed = card.change({"erp.address": "other.example.com/BC/"}, secrets={"erp.key_file": "theirs"})
    assert "disabled" in changed.message
    held = card.held
    assert (held.settings.erp_address, held.settings.enabled) == ("https://other.example.com/BC", False)
    assert card.application.secret(held, ERP_KEY_SECRET) == "theirs"


def test_the_same_address_in_another_spelling_moves_nothing(card: Card) -> None:
    """The Web API's address names the same organization; only its version is learned."""
    card.change({"crm.address": "https://org.crm4.dynamics.com/api/data/v9.1/"})
    assert card.held.settings == replace(SETTINGS, crm_api_version="9.1")


@pytest.mark.parametrize(
    ("answers", "marked"),
    [
        ({"erp.company": " ", "erp.user": ""}, {"answers.erp.company", "answers.erp.user"}),
        ({"crm.address": "ftp://org"}, {"answers.crm.address"}),
        ({"erp.address": "https://10.0.0.4/BC"}, {"answers.erp.address"}),
        ({"crm.authority": "https://login.example.com"}, {"answers.crm.authority"}),
        ({"crm.sign_in": "by-post"}, {"answers.crm.sign_in"}),
        ({"orders.user": "SALES"}, {"secrets.orders.key_file"}),
        ({"no.such": "x"}, {"answers.no.such"}),
    ],
)
def test_everything_that_is_wrong_is_marked_at_its_field(
    card: Card, answers: dict[str, str], marked: set[str]
) -> None:
    """All of it at once, and nothing is kept; the same is told without wanting to keep it."""
    assert card.wrong(answers) == marked
    assert {each for each in marked if each.startswith("answers.")} <= set(card.form(answers).wrong)


def test_a_key_without_its_user_is_refused(card: Card) -> None:
    """And so is one that the card does not ask."""
    assert card.wrong({}, secrets={"orders.key_file": "key"}) == {"answers.orders.user"}
    assert card.wrong({}, secrets={"administrator.secret_file": "key"}) == {
        "secrets.administrator.secret_file"
    }


def test_what_others_changed_meanwhile_is_not_overwritten(card: Card) -> None:
    """Whoever decided on other settings is told who kept what, and when; what he saw then he may replace."""
    seen = card.form().seen
    card.change({"erp.user": "OTHER", "crm.client_id": "another"})
    wanted = {"erp.user": "THIRD", "crm.client_id": "another", "erp.company": "Nordlicht"}
    with pytest.raises(Refused) as refused:
        card.change(wanted, seen=seen)
    assert refused.value.kind is RefusalKind.CHANGED_MEANWHILE
    assert refused.value.why.startswith("ana kept other settings at 20")
    assert refused.value.fields == {"answers.erp.user": "Kept by now: OTHER"}
    form = card.form(wanted)
    [user] = [each.question.value for each in form.questions if each.question.key == "erp.user"]
    assert user == "THIRD"
    card.change(wanted, seen=form.seen)
    assert card.held.settings.erp_user == "THIRD"


def test_nobody_is_named_who_is_not_known_to_have_changed_it(card: Card) -> None:
    """What another program kept, with nothing in the audit log, is refused without a name."""
    seen = card.form().seen
    card.application.change_settings(card.held, lambda now: replace(now, erp_authority="", erp_user=""))
    with pytest.raises(Refused) as refused:
        card.change({"erp.user": "THIRD"}, seen=seen)
    assert refused.value.why == "Somebody else kept other settings after this page was shown."
    assert refused.value.fields == {"answers.erp.user": "Kept by now: blank"}
