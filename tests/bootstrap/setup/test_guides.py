"""The list of Assisted Setup: what there is to set up, what is left of it, and where that goes on."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.bootstrap.serving_ends import application_at
from tests.web.accounts_desk import cheap_hasher

from interlace.bootstrap.accounts import AccountRules, open_accounts
from interlace.bootstrap.application import Application
from interlace.bootstrap.connection_naming import begin_connection
from interlace.bootstrap.desk.opened import open_desk
from interlace.bootstrap.kept_verdicts import KeptVerdicts
from interlace.bootstrap.serving import Server
from interlace.bootstrap.setup.guides import Guide, GuideState, guides
from interlace.management import setup
from interlace.management.caller import Caller, Door
from interlace.management.permission import Permission
from interlace.management.refusal import RefusalKind, Refused
from interlace.management.setup import ListGuides
from interlace.verify.plain_reader import End
from interlace.verify.verify_report import MappingVerdict, SideCounts, VerifyReport


@pytest.fixture
def application(tmp_path: Path) -> Iterator[Application]:
    """A new state directory."""
    with application_at(tmp_path) as opened:
        yield opened


def listed(application: Application, name: str | None) -> dict[str, Guide]:
    """The guides of a connection by name."""
    held = None if name is None else application.connection(name)
    return {each.name: each for each in guides(application, held)}


def _verdict(records: int) -> MappingVerdict:
    return MappingVerdict(
        mapping="CUSTOMER",
        erp=SideCounts(end=End.ERP, table="Customer", total=records),
        crm=SideCounts(end=End.CRM, table="account"),
    )


def test_without_a_connection_there_is_one_to_begin_with(application: Application) -> None:
    """Nothing else can be set up before, but who may sign in."""
    found = listed(application, None)
    assert list(found) == ["connection", "users"]
    assert (found["connection"].left, found["connection"].page) == (
        "Begins with the addresses of both systems.",
        "/setup",
    )
    assert found["users"].left == "Nobody but the administrator can sign in."


def test_a_connection_goes_on_where_its_questions_stopped(application: Application) -> None:
    """Step by step until it is enabled; one that was enabled once is to be tested again."""
    held = begin_connection(application, "north")
    assert listed(application, "north")["connection"].left == "Goes on with: Addresses."
    held = application.keep(
        replace(held, settings=replace(held.settings, set_up=("addresses", "sign-in", "tables")))
    )
    assert listed(application, "north")["connection"].left == "Goes on with: Item availability."
    held = application.keep(replace(held, settings=replace(held.settings, erp_company_id="c")))
    assert listed(application, "north")["connection"].left == "It is disabled: test it and enable it again."
    application.keep(replace(held, settings=replace(held.settings, enabled=True, feed_user="FEED")))
    found = listed(application, "north")
    assert [name for name, each in found.items() if each.state is GuideState.COMPLETED] == [
        "connection",
        "item-availability",
    ]
    assert all(bool(each.left) == (each.state is GuideState.NOT_COMPLETED) for each in found.values())


def test_what_was_chosen_or_judged_completes_a_guide(application: Application) -> None:
    """A team that owns the records needs no salespeople; a verdict with differences is not the end."""
    held = begin_connection(application, "north")
    application.keep(replace(held, settings=replace(held.settings, ownership="team")))
    verdicts = KeptVerdicts(application.config.state_directory)
    for report, left in (
        # A record that was counted nowhere.
        (VerifyReport(verdicts=(_verdict(records=1),)), "The last verdict names differences."),
        (VerifyReport(verdicts=(_verdict(records=0),)), ""),
    ):
        verdicts.keep_verdict(held.id, report, person="ada", now=datetime(2026, 1, 1, tzinfo=UTC))
        found = listed(application, "north")
        assert found["verification"].left == left
    assert found["salespeople"].state is GuideState.NOT_NEEDED
    assert found["further-connection"].state is GuideState.NOT_NEEDED
    begin_connection(application, "south")
    assert listed(application, "north")["further-connection"].state is GuideState.COMPLETED


def test_a_key_for_another_connection_sees_no_guides_of_this_one(application: Application) -> None:
    """The desk answers for the connection that is named, or for the default."""
    begin_connection(application, "north")
    caller = Caller(
        user_id="u",
        name="ci",
        permissions=frozenset(Permission),
        door=Door.API,
        connections=frozenset({"south"}),
    )
    with Server(application) as server:
        desk = open_desk(server, open_accounts(application.state, AccountRules(hasher=cheap_hasher())))
        found = asyncio.run(
            desk.perform(setup.LIST, replace(caller, connections=None), ListGuides(connection="north"))
        )
        assert found.guides[0].state == "Not Completed"
        with pytest.raises(Refused) as refused:
            asyncio.run(desk.perform(setup.LIST, caller, ListGuides()))
    assert refused.value.kind is RefusalKind.FORBIDDEN
