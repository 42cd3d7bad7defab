"""Kept plans as files: their states, how many are kept, and pages of their actions."""

import asyncio
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from interlace.bootstrap.background_work import BackgroundWork
from interlace.bootstrap.kept_files import WithKeptFiles, is_at_work, take_work, write_struct
from interlace.bootstrap.kept_plans import (
    PLANS_MAX,
    EndKept,
    KeptPlan,
    KeptPlans,
    PlanState,
    is_plan_id,
    new_plan_id,
)
from interlace.bootstrap.plan_file import PlanWriter
from interlace.bootstrap.plan_rows import ActionLook, ActionsWanted, page_of_actions
from interlace.domain.integration_field_mapping import Direction
from interlace.domain.keys import ConnectionId, MappingName
from interlace.domain.plan import (
    Operation,
    PlanHeading,
    PlanKind,
    PlannedAction,
    PlannedKind,
    PlannedWrite,
    PlanStage,
)
from interlace.domain.side import Side

BEGUN = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)


def kept_plan(number: int = 0, **changed: object) -> KeptPlan:
    """Return a plan that was made some minutes after the first one."""
    plan = KeptPlan(
        id=new_plan_id(),
        connection="c1",
        kind=PlanKind.SYNCHRONIZATION,
        made_by="ada",
        made_at=BEGUN + timedelta(minutes=number),
        state=PlanState.READY,
    )
    return msgspec.structs.replace(plan, **changed)


def write_plan(path: Path, count: int) -> None:
    """Write a plan of two stages, whose second one leaves its records out."""
    path.parent.mkdir(parents=True, exist_ok=True)
    heading = PlanHeading(
        kind=PlanKind.SYNCHRONIZATION,
        made_at=BEGUN,
        connection=ConnectionId("c1"),
        connection_name="main",
        erp_company_id="e",
        crm_organization_id="o",
    )
    with PlanWriter(path, heading) as writer:
        for stage, (mapping, kind) in enumerate(
            (("CUSTOMER", PlannedKind.CHANGE), ("CONTACT", PlannedKind.SKIP))
        ):
            for number in range(count):
                key = f"C{number:05}"
                write = PlannedWrite(
                    side=Side.CRM,
                    table="account",
                    key=f"a{number}",
                    operation=Operation.CHANGE,
                    before={"name": "Old"},
                    after={"name": f"New {number}"},
                )
                writer.action(
                    PlannedAction(
                        mapping=MappingName(mapping),
                        direction=Direction.TO_INTEGRATION_TABLE,
                        source_key=key,
                        kind=kind,
                        writes=(write,) if kind is PlannedKind.CHANGE else (),
                        reason="" if kind is PlannedKind.CHANGE else "left out",
                    )
                )
            writer.stage(PlanStage(number=stage, mapping=MappingName(mapping)))


def everything(_look: ActionLook) -> bool:
    """Let every action pass."""
    return True


def test_a_plan_that_nobody_works_on_counts_as_stopped(tmp_path: Path) -> None:
    """However the process ended that made or applied it; one that is worked on is told as it is."""
    kept = KeptPlans(tmp_path)
    for written, told in (
        (PlanState.PLANNING, PlanState.STOPPED),
        (PlanState.APPLYING, PlanState.UNFINISHED),
        (PlanState.READY, PlanState.READY),
    ):
        plan = kept.add(kept_plan(state=written, at_work="CUSTOMER"))
        assert kept.read(plan.id).state is told  # type: ignore[union-attr]
        lock = take_work(kept.place(plan.id), "test")
        assert lock is not None
        assert kept.read(plan.id) == plan
        assert take_work_at_once(kept.place(plan.id)) is False
        lock.release()
        assert not is_at_work(kept.place(plan.id))


def take_work_at_once(place: Path) -> bool:
    """Tell whether somebody could begin to work there."""
    return not is_at_work(place)


def test_the_newest_plans_are_kept(tmp_path: Path) -> None:
    """The oldest one that nobody works on makes room; other connections' plans are not counted."""
    kept = KeptPlans(tmp_path)
    other = kept.add(kept_plan(connection="c2"))
    plans = [kept.add(kept_plan(number)) for number in range(PLANS_MAX + 2)]
    assert [each.id for each in kept.listed("c1")] == [each.id for each in reversed(plans[2:])]
    assert kept.listed("c2") == [other]
    kept.remove(other.id)
    assert kept.listed("c2") == []


@pytest.mark.parametrize("plan_id", ["", "..", "../secret", "0123456789AB", "0123456789abc", "a" * 11 + "\n"])
def test_what_is_no_id_of_a_plan_finds_nothing(tmp_path: Path, plan_id: str) -> None:
    """No id leads out of the directory of plans."""
    assert KeptPlans(tmp_path).read(plan_id) is None
    assert not is_plan_id(plan_id)


def test_a_state_of_another_version_is_not_listed(tmp_path: Path) -> None:
    """What can't be read is no plan, and disturbs no other."""
    kept = KeptPlans(tmp_path)
    plan = kept.add(kept_plan())
    odd = kept.directory / new_plan_id()
    odd.mkdir()
    (odd / "kept.json").write_text('{"id": 1}', encoding="utf-8")
    assert kept.listed("c1") == [plan]


def test_pages_of_actions_go_on_where_the_page_before_ended(tmp_path: Path) -> None:
    """Forwards from the file's place, backwards from its beginning; each action is found exactly once."""
    path = tmp_path / "actions.plan"
    write_plan(path, 5)
    seen: list[int] = []
    after, has_more = (0, 0), True
    while has_more:
        page = page_of_actions(path, {}, ActionsWanted(passes=everything, limit=3, after=after))
        seen += [each.look.number for each in page.actions]
        after, has_more = (page.actions[-1].look.number, page.actions[-1].end), page.has_more
    assert seen == list(range(1, 11))
    back = page_of_actions(path, {}, ActionsWanted(passes=everything, limit=3, before=7, count_max=100))
    assert [each.look.number for each in back.actions] == [4, 5, 6]
    assert back.has_earlier
    assert back.has_more
    assert back.count == 10
    first = page_of_actions(path, {}, ActionsWanted(passes=everything, limit=3, before=3))
    assert [each.look.number for each in first.actions] == [1, 2]
    assert not first.has_earlier


def test_actions_are_filtered_and_counted_with_their_endings(tmp_path: Path) -> None:
    """What passes is counted up to a limit; how an action ended stands beside it with its reason."""
    path = tmp_path / "actions.plan"
    write_plan(path, 5)
    ends = {2: EndKept(number=2, ending="refused", reason="moved")}

    def changes(look: ActionLook) -> bool:
        return look.kind == "change"

    page = page_of_actions(path, ends, ActionsWanted(passes=changes, limit=2, count_max=100))
    assert [each.look.ending for each in page.actions] == ["", "refused"]
    assert page.actions[1].look.reason == "moved"
    assert page.actions[0].line["writes"][0]["after"] == {"name": "New 0"}
    assert (page.count, page.has_more, page.has_earlier) == (5, True, False)
    few = page_of_actions(path, ends, ActionsWanted(passes=everything, limit=2, count_max=4))
    assert few.count == 5


def test_a_plan_that_is_being_written_shows_whole_lines(tmp_path: Path) -> None:
    """A line that is cut off is looked at when it is whole."""
    path = tmp_path / "actions.plan"
    write_plan(path, 2)
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:2]) + lines[2][:20])
    page = page_of_actions(path, {}, ActionsWanted(passes=everything, limit=9, count_max=9))
    assert [each.look.source_key for each in page.actions] == ["C00000"]
    assert page_of_actions(tmp_path / "none", {}, ActionsWanted(passes=everything, limit=9)).actions == ()


def test_endings_are_kept_bit_by_bit(tmp_path: Path) -> None:
    """Each is found under its action's place; none before anything ended."""
    kept = KeptPlans(tmp_path)
    plan = kept.add(kept_plan())
    assert kept.ends(plan.id) == {}
    kept.begin_ends(plan.id)
    kept.add_ends(plan.id, [EndKept(number=1, ending="applied")])
    kept.add_ends(plan.id, [EndKept(number=3, ending="failed", reason="no")])
    assert {number: each.ending for number, each in kept.ends(plan.id).items()} == {1: "applied", 3: "failed"}


class Still:
    """A store in which nothing changes."""

    def now(self) -> str:
        """Return one and the same text."""
        return "still"


def test_pages_hear_of_the_progress_of_kept_work(tmp_path: Path) -> None:
    """The token changes when a plan is kept, goes on, or is removed."""
    kept = KeptPlans(tmp_path)
    told = WithKeptFiles(store=Still(), directories=(kept.directory,))
    tokens = [told.now()]
    plan = kept.add(kept_plan())
    tokens.append(told.now())
    write_struct(kept.place(plan.id) / "kept.json", msgspec.structs.replace(plan, done=1))
    tokens.append(told.now())
    kept.remove(plan.id)
    tokens.append(told.now())
    assert tokens[0] == tokens[3]
    assert len(set(tokens)) == 3


def test_closing_stops_background_work() -> None:
    """Work ends wherever it is, with its last steps done; what failed or ended before disturbs nobody."""
    work, begun, ended = BackgroundWork(), threading.Event(), threading.Event()

    async def endless() -> None:
        """Wait for the end."""
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    async def failing() -> None:
        """Fail at once."""
        raise ValueError("of the test")

    work.begin(failing, "failing")
    work.begin(endless, "endless")
    assert begun.wait(10)
    work.close()
    assert ended.is_set()
