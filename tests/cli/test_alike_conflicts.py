"""One decision for several conflicts of the same fields, as they were shown: by command and by the desk."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
from tests.cli.both_ends import Interlace
from tests.cli.test_conflicts import CONFLICT, store

from interlace.bootstrap.application import Application
from interlace.bootstrap.conflict_decisions import ConflictDecisions
from interlace.bootstrap.desk.conflicts import add_conflicts
from interlace.bootstrap.serving import Server
from interlace.cli.exit_codes import ExitCode
from interlace.domain.conflict import Conflict, Decision
from interlace.engine.resolve_conflict import Resolution
from interlace.management.caller import Caller, Door
from interlace.management.conflicts import (
    RESOLVE,
    SHOW,
    ConflictShown,
    ConflictsResolved,
    ResolveConflict,
    ShowConflict,
)
from interlace.management.desk import Desk, Works
from interlace.management.permission import Permission
from interlace.management.refusal import RefusalKind, Refused
from interlace.settings import load_config

ANA = Caller(user_id="1", name="ana", permissions=frozenset(Permission), door=Door.MACHINE)


def numbered(number: int, *, rows: int = 2) -> Conflict:
    """Return a conflict of another customer."""
    erp, crm = replace(CONFLICT.erp, key=f"C000{number}0"), replace(CONFLICT.crm, key=f"id-{number}")
    return replace(CONFLICT, caption=f"C000{number}0", erp=erp, crm=crm, rows=CONFLICT.rows[:rows])


FIRST, ALIKE, OTHER = numbered(1), numbered(2), numbered(3, rows=1)


@pytest.fixture
def settled(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Decision]]:
    """Every conflict that a decision was carried out for; the services are not asked."""
    seen: list[tuple[str, Decision]] = []

    async def resolve(
        _self: ConflictDecisions, conflicts: Sequence[Conflict], decision: Decision
    ) -> list[Resolution]:
        """Settle all of them but the one of the fourth customer."""
        seen.extend((each.erp.key, decision) for each in conflicts)
        return [
            Resolution(conflict=each, settled=each.erp.key != "C00040", message="Done.") for each in conflicts
        ]

    monkeypatch.setattr(ConflictDecisions, "resolve", resolve)
    return seen


async def keep_nothing(
    caller: Caller, name: str, details: Mapping[str, object], outcome: str, changes: object
) -> None:
    """Stand in for the audit log."""


@contextmanager
def opened_desk(state: Path) -> Iterator[Desk]:
    """Open the desk of conflicts on a state."""
    works = Works()
    with Application(load_config(environment={}, overrides={"state.directory": str(state)})) as application:
        add_conflicts(works, cast("Server", SimpleNamespace(application=application)))
        yield Desk(works, keep_nothing)


def asked_of_the_desk(state: Path, asked: ResolveConflict) -> ConflictsResolved:
    """Let the desk decide."""
    with opened_desk(state) as desk:
        return asyncio.run(desk.perform(RESOLVE, ANA, asked))


def test_a_command_settles_those_that_are_named(
    connected: Interlace, tmp_path: Path, settled: list[tuple[str, Decision]]
) -> None:
    """By the same word; one of the same fields that is not named stays open, as it may never have been shown."""
    store(tmp_path / "state", FIRST, ALIKE, numbered(5), OTHER)
    ended = connected("conflicts", "resolve", FIRST.id, ALIKE.id, "--choose", "erp", "--json")
    assert (ended.code, [each["settled"] for each in ended.objects]) == (0, [True, True])
    assert [key for key, _ in settled] == ["C00010", "C00020"]
    assert len({id(decision) for _, decision in settled}) == 1
    settled.clear()
    assert connected("conflicts", "resolve", FIRST.id, "--choose", "erp").code == 0
    assert [key for key, _ in settled] == ["C00010"]
    (shown,) = connected("conflicts", "show", FIRST.id, "--json").objects
    assert set(shown["alike"]) == {ALIKE.id, numbered(5).id}


def test_a_command_tells_what_is_not_open_any_more(
    connected: Interlace, tmp_path: Path, settled: list[tuple[str, Decision]]
) -> None:
    """The others are settled; what was found anew since it was listed has another id, and is not."""
    store(tmp_path / "state", FIRST)
    ended = connected("conflicts", "resolve", FIRST.id, ALIKE.id, "--choose", "erp", "--json")
    assert ended.code == ExitCode.REMAINING
    assert [(each["id"], each["settled"]) for each in ended.objects] == [(FIRST.id, True), (ALIKE.id, False)]
    assert "no open conflict" in ended.objects[1]["message"]
    assert [key for key, _ in settled] == ["C00010"]


def test_one_word_does_not_settle_conflicts_of_other_fields(
    connected: Interlace, tmp_path: Path, settled: list[tuple[str, Decision]]
) -> None:
    """Neither the command nor the desk writes anything then; both name the record."""
    store(tmp_path / "state", FIRST, ALIKE, OTHER)
    ended = connected("conflicts", "resolve", FIRST.id, OTHER.id, "--choose", "erp")
    assert ended.code != 0
    assert OTHER.caption in ended.err
    asked = ResolveConflict(id=FIRST.id, choice="erp", alike=(ALIKE.id, OTHER.id))
    with pytest.raises(Refused) as refused:
        asked_of_the_desk(tmp_path / "state", asked)
    assert OTHER.caption in refused.value.why
    assert settled == []


def test_the_desk_settles_those_that_were_shown(
    connected: Interlace, tmp_path: Path, settled: list[tuple[str, Decision]]
) -> None:
    """It tells how many were settled and how many not, and leads to one that is left."""
    left = numbered(5)
    store(tmp_path / "state", FIRST, ALIKE, OTHER, numbered(4), left)
    asked = ResolveConflict(
        id=FIRST.id,
        fields={each.row: "erp" for each in FIRST.rows},
        alike=(ALIKE.id, numbered(4).id, "gone"),
    )
    answer = asked_of_the_desk(tmp_path / "state", asked)
    assert sorted(key for key, _ in settled) == ["C00010", "C00020", "C00040"]
    assert (answer.settled, answer.refused) == (2, 2)
    assert answer.page in {f"/conflicts/{OTHER.id}", f"/conflicts/{left.id}"}
    assert "2 of 4" in answer.message
    settled.clear()
    alone = asked_of_the_desk(tmp_path / "state", ResolveConflict(id=FIRST.id, choice="erp"))
    assert ([key for key, _ in settled], alone.settled) == (["C00010"], 1)


def test_the_desk_shows_one_and_leads_to_the_next(connected: Interlace, tmp_path: Path) -> None:
    """Next leads through all of them as the list has them, Previous back; those of the same fields are named."""
    store(tmp_path / "state", FIRST, ALIKE, OTHER)
    in_list = [each["id"] for each in connected("conflicts", "list", "--json").objects]
    with opened_desk(tmp_path / "state") as desk:

        def show(name: object) -> ConflictShown:
            """Show one."""
            return asyncio.run(desk.perform(SHOW, ANA, ShowConflict(id=str(name))))

        shown = [show(name) for name in in_list]
        with pytest.raises(Refused) as refused:
            show("0000000000")
    assert [each.id for each in shown] == in_list
    assert [each.next_id for each in shown] == [*in_list[1:], ""]
    assert [each.previous_id for each in shown] == ["", *in_list[:-1]]
    alike = {each.id: [other.id for other in each.alike] for each in shown}
    assert alike == {FIRST.id: [ALIKE.id], ALIKE.id: [FIRST.id], OTHER.id: []}
    assert refused.value.kind is RefusalKind.NOT_FOUND
