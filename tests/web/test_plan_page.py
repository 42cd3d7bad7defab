"""The page of a plan: tabs by what is planned, rows that are ticked, fields that change."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from tests.web.accounts_desk import Place
from tests.web.canned_desk import canned_app, sample

from interlace.management.caller import Caller
from interlace.management.listing import ListAsked
from interlace.management.plans import (
    ActionRow,
    ActionsListed,
    ChosenActions,
    CountsOfMapping,
    OnePlan,
    PlanBegun,
    PlannedField,
    PlanShown,
    WritePlanned,
)

CHOSEN: list[ChosenActions] = []
FIELDS = (
    PlannedField(name="name", before="12 Harbour Street", after="14 Harbour Street"),
    PlannedField(name="fax", before="STAYS", after="STAYS"),
)


async def _show(_caller: Caller, _asked: OnePlan) -> PlanShown:
    counts = CountsOfMapping(
        mapping="CUSTOMER",
        planned={"change": 3, "conflict": 1},
        ended={},
        unchanged=1204,
        left_out={"change": 1},
    )
    plan: PlanShown = sample(PlanShown)
    return msgspec.structs.replace(
        plan, id="p1", state="ready", why_not="", mappings=(counts,), writes=2, left=1, left_out=1
    )


async def _actions(_caller: Caller, _asked: ListAsked) -> ActionsListed:
    row: ActionRow = sample(ActionRow)
    write = WritePlanned(side="crm", table="account", key="a", operation="change", fields=FIELDS)
    rows = (
        msgspec.structs.replace(row, number=4, kind="change", source_key="C4", ending="", writes=(write,)),
        msgspec.structs.replace(row, number=5, kind="conflict", source_key="C5", ending="", writes=()),
    )
    return ActionsListed(rows=rows, count=2)


async def _leave_out(_caller: Caller, asked: ChosenActions) -> PlanBegun:
    CHOSEN.append(asked)
    return PlanBegun(plan_id=asked.plan_id)


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """Accounts, and a desk that answers with one plan."""
    CHOSEN.clear()
    works = {"plans.show": _show, "plans.actions": _actions, "plans.leave_out": _leave_out}
    held, _ = canned_app(tmp_path, works_of=works)
    yield held
    held.close()


async def test_tabs_lead_to_one_kind_with_its_number(place: Place) -> None:
    """Kinds of which nothing is planned have none; what was found equal is counted in the summary."""
    await place.add("ada", "INTERLACE VIEW")
    async with place.signed_in("ada") as browser:
        shown = (await browser.get("/plans/p1?filters.kind=conflict")).text
    assert 'href="/plans/p1?filters.kind=change">Change (3)</a>' in shown
    assert 'aria-current="true">Conflict (1)</a>' in shown
    assert "Delete (0)" not in shown
    assert "1,204" in shown


async def test_unchanged_records_are_counted_by_mapping(place: Place) -> None:
    """In a tab of their own; their mapping leads to the coupled ones, and nothing can be ticked."""
    await place.add("ada", "INTERLACE APPROVE")
    async with place.signed_in("ada") as browser:
        usual = (await browser.get("/plans/p1")).text
        shown = (await browser.get("/plans/p1?unchanged=1")).text
    assert 'href="/plans/p1?unchanged=1">Unchanged (1,204)</a>' in usual
    assert 'aria-current="true">Unchanged (1,204)</a>' in shown
    assert 'href="/couplings?filters.mapping=%27CUSTOMER%27">CUSTOMER</a>' in shown
    assert "Both sides hold the same" in shown
    assert 'name="records"' not in shown


async def test_records_are_ticked_and_left_out(place: Place) -> None:
    """By a form that needs no script; what isn't written in any case has no box."""
    await place.add("ada", "INTERLACE APPROVE")
    async with place.signed_in("ada") as browser:
        shown = (await browser.get("/plans/p1?filters.kind=change")).text
        sent = {"plan_id": "p1", "records": ["4", "7"], "return_to": "/plans/p1"}
        await browser.post("/do/plans/leave_out", data=sent)
    assert 'name="records" value="4" form="chosen" aria-label="Choose C4"' in shown
    assert 'value="5" form="chosen"' not in shown
    assert "Leave Out All of This Kind" in shown
    assert [each.records for each in CHOSEN] == [(4, 7)]


async def test_who_may_not_approve_can_not_choose(place: Place) -> None:
    """There is nothing to tick, and no button that would be refused for each row."""
    await place.add("ada", "INTERLACE VIEW")
    async with place.signed_in("ada") as browser:
        shown = (await browser.get("/plans/p1")).text
    assert 'name="records"' not in shown


async def test_fields_that_stay_are_shown_when_asked_for(place: Place) -> None:
    """Usually only those that change, with the words marked that differ; the address keeps the choice."""
    await place.add("ada", "INTERLACE VIEW")
    async with place.signed_in("ada") as browser:
        usual = (await browser.get("/plans/p1")).text
        every = (await browser.get("/plans/p1?equal=1")).text
    assert "<del><mark>12</mark> Harbour Street</del> → <ins><mark>14</mark> Harbour Street</ins>" in usual
    assert "STAYS" not in usual
    assert "STAYS" in every
    assert "Only Fields That Change" in every
