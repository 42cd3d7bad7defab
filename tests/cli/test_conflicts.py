"""`interlace conflicts` and `interlace halts`: what people see, and what they are told when a word does not fit."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from tests.cli.both_ends import Interlace

from interlace.bootstrap.application import Application
from interlace.domain.conflict import Conflict, ConflictKind, ConflictRow, SideOfConflict
from interlace.domain.errors import ErrorCode, RecordError
from interlace.domain.integration_field_mapping import Direction
from interlace.domain.keys import MappingName
from interlace.domain.safety_halt import HaltKind, SafetyHalt
from interlace.domain.side import Side
from interlace.domain.synch_job import Counters, SynchJob
from interlace.engine.memory import BatchResult, SynchError
from interlace.settings import load_config

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
CUSTOMER = MappingName("CUSTOMER")
CONFLICT = Conflict(
    mapping=CUSTOMER,
    kind=ConflictKind.UPDATE,
    code=ErrorCode.UPDATE_CONFLICT,
    caption="C00010 (Brandt)",
    erp=SideOfConflict(key="C00010", digest=b"1", changed_at=NOW),
    crm=SideOfConflict(key="id-1", digest=b"2", changed_by="Ada", changed_at=NOW),
    detected_at=NOW,
    rows=(
        ConflictRow(
            row="Name>name",
            erp_field="Name",
            crm_field="name",
            erp_value="Brandt AG",
            crm_value=None,
            agreed=("Brandt", "Brandt"),
            to_crm="Brandt AG",
            to_erp=None,
        ),
        ConflictRow(
            row="Credit>credit",
            erp_field="Credit",
            crm_field="credit",
            erp_value=Decimal("1.50"),
            crm_value=2,
            agreed=None,
            to_crm=Decimal("1.50"),
            to_erp=2,
        ),
    ),
)


def store(state: Path, *conflicts: Conflict) -> None:
    """Put conflicts into the memory, as a run would."""
    with Application(load_config(environment={}, overrides={"state.directory": str(state)})) as application:
        held = application.connection_store(application.connection(None))
        job = SynchJob(
            id="job",
            mapping=CUSTOMER,
            direction=Direction.TO_INTEGRATION_TABLE,
            started_at=NOW,
            counters=Counters(),
            run_id="run",
        )
        held.start_job(job)
        errors = [
            SynchError(
                mapping=CUSTOMER,
                direction=Direction.TO_INTEGRATION_TABLE,
                source_key=each.erp.key,
                error=RecordError(code=each.code, message="Decide."),
                job_id="job",
                at=NOW,
            )
            for each in conflicts
        ]
        held.remember(BatchResult(job=job, conflicts=conflicts, errors=errors))


def test_a_conflict_is_listed_and_shown_with_everything_that_a_decision_needs(
    connected: Interlace, tmp_path: Path
) -> None:
    """Both values, the agreed one, who and when, and what each choice would write."""
    store(tmp_path / "state", CONFLICT)
    listed = connected("conflicts", "list")
    assert CONFLICT.id in listed.out
    assert "C00010 (Brandt)" in listed.out
    shown = connected("conflicts", "show", CONFLICT.id).out
    for text in ("Brandt AG", "(blank)", "not known", "1.50", "by Ada", "erp, crm"):
        assert text in shown
    told = connected("conflicts", "show", "C00010", "--json").only
    assert told["crm"] == {
        "key": "id-1",
        "deleted": False,
        "changed_by": "Ada",
        "changed_at": "2026-03-01T12:00:00Z",
    }
    assert [row["erp_value"] for row in told["fields"]] == ["Brandt AG", 1.5]


def test_conflicts_are_filtered_searched_and_exported_as_pages_do(
    connected: Interlace, tmp_path: Path
) -> None:
    """By the columns of the inbox, in the filter language; a file has all that fit."""
    gone = replace(CONFLICT.crm, key="id-2", digest=None)
    other = replace(
        CONFLICT,
        kind=ConflictKind.DELETION,
        code=ErrorCode.PARTNER_DELETED,
        caption="C00020 (Weber)",
        erp=replace(CONFLICT.erp, key="C00020"),
        crm=gone,
        rows=(),
    )
    store(tmp_path / "state", CONFLICT, other)

    def listed(*arguments: str) -> list[str]:
        """Return the names of the records that are listed."""
        return [str(each["record"]) for each in connected("conflicts", "list", *arguments, "--json").objects]

    assert set(listed("CUSTOMER")) == {CONFLICT.caption, other.caption}
    assert listed("ITEM-PRODUCT") == []
    assert listed("--filter", "kind=deletion") == [other.caption]
    assert listed("--filter", "fields=*Credit*") == [CONFLICT.caption]
    assert listed("--search", "weber") == [other.caption]
    assert len(listed("--limit", "1")) == 1
    wrong = connected("conflicts", "list", "--filter", "colour=red")
    assert (wrong.code, "no such column" in wrong.err) == (4, True)
    file = tmp_path / "conflicts.csv"
    assert connected("conflicts", "list", "--export", str(file), "--json").only["conflicts"] == 2
    assert "Deleted on one side" in file.read_text("utf-8-sig")


def test_a_deleted_record_is_shown_as_such(connected: Interlace, tmp_path: Path) -> None:
    """What is left holds no news here."""
    gone = replace(CONFLICT.crm, digest=None)
    deletion = replace(
        CONFLICT, kind=ConflictKind.DELETION, code=ErrorCode.PARTNER_DELETED, crm=gone, rows=()
    )
    store(tmp_path / "state", deletion)
    shown = connected("conflicts", "show", "id-1")
    assert "id-1: deleted" in shown.out
    assert "restore, remove-coupling, delete" in shown.out
    assert "holds what both sides agreed on last" in shown.err


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["0000000000", "--choose", "erp"], "no open conflict 0000000000"),
        (["C00010"], "Nothing is chosen for the field"),
        (["C00010", "--choose", "restore"], "Possible: erp, crm"),
        (["C00010", "--field", "Phone=erp"], "fields in conflict: Name, Credit"),
        (["C00010", "--field", "Name=restore"], "Write FIELD=erp or FIELD=crm"),
        (["C00010", "--field", "Name=erp"], "Nothing is chosen for the field Credit>credit"),
    ],
)
def test_a_decision_that_does_not_fit_is_told_with_what_would(
    connected: Interlace, tmp_path: Path, arguments: Sequence[str], told: str
) -> None:
    """Nothing is asked of the services."""
    store(tmp_path / "state", CONFLICT)
    ended = connected("conflicts", "resolve", *arguments)
    assert (ended.code, told in ended.err) == (4, True), ended.err


DELETION = replace(CONFLICT, kind=ConflictKind.DELETION, code=ErrorCode.PARTNER_DELETED, rows=())
GONE_IN_ERP = replace(DELETION, erp=replace(CONFLICT.erp, digest=None))
GONE_IN_CRM = replace(DELETION, crm=replace(CONFLICT.crm, digest=None))


@pytest.mark.parametrize(
    ("conflict", "decision", "writes_to_erp"),
    [
        (CONFLICT, ["--choose", "erp"], False),
        (CONFLICT, ["--choose", "crm"], True),
        (CONFLICT, ["--choose", "erp", "--field", "Credit=crm"], True),
        (GONE_IN_ERP, ["--choose", "restore"], True),
        (GONE_IN_ERP, ["--choose", "delete", "--yes"], False),
        (GONE_IN_CRM, ["--choose", "restore"], False),
        (GONE_IN_CRM, ["--choose", "delete", "--yes"], True),
        (GONE_IN_CRM, ["--choose", "remove-coupling"], False),
    ],
)
def test_a_decision_that_writes_to_a_frozen_erp_is_refused(
    connected: Interlace, tmp_path: Path, conflict: Conflict, decision: Sequence[str], *, writes_to_erp: bool
) -> None:
    """Before anything is asked of the services; any other gets as far as that the connection is not enabled."""
    store(tmp_path / "state", conflict)
    begin, end = (datetime.now(UTC) + timedelta(hours=hours) for hours in (-1, 1))
    added = connected("freeze", "add", begin.isoformat(), end.isoformat(), "--reason", "Month-end closing")
    assert added.code == 0
    told = connected("conflicts", "resolve", conflict.id, *decision).err
    frozen = "C00010 (Brandt) can't be settled so now" in told and "(Month-end closing)" in told
    assert (frozen, "enable" in told) == (writes_to_erp, not writes_to_erp), told


def test_without_conflicts_and_halts_there_is_nothing_to_do(connected: Interlace) -> None:
    """Lists say so; a release of a mapping that runs is refused."""
    assert connected("conflicts", "list").err == "No conflicts.\n"
    assert connected("halts", "list").err == "No mapping is halted.\n"
    ended = connected("halts", "release", "CUSTOMER", "--yes")
    assert (ended.code, "is not halted" in ended.err) == (4, True)


def test_a_halt_is_listed_and_released_once(connected: Interlace, tmp_path: Path) -> None:
    """Where nobody can answer, a release needs --yes; the second one is told who was first."""
    state = tmp_path / "state"
    halt = SafetyHalt(
        mapping=CUSTOMER,
        kind=HaltKind.MASS_DELETION,
        side=Side.CRM,
        count=25,
        of=35,
        raised_at=NOW,
        message="25 of 35 were deleted.",
    )
    with Application(load_config(environment={}, overrides={"state.directory": str(state)})) as application:
        application.connection_store(application.connection(None)).store_halt(halt)
    assert "25 of 35 were deleted." in connected("halts", "list").out
    for arguments, number in (
        (["--filter", "kind=mass deletion", "--search", "35"], 1),
        (["--filter", "kind=mass change"], 0),
        (["--unreleased", "--filter", "count=>20"], 1),
        (["--filter", "is_released=yes"], 0),
    ):
        assert len(connected("halts", "list", *arguments, "--json").objects) == number, arguments
    assert connected("halts", "release", "CUSTOMER").code == 4
    assert connected("halts", "release", "CUSTOMER", "--yes").code == 0
    assert connected("halts", "list", "--json").only["released_by"]
    assert connected("halts", "list", "--unreleased", "--json").objects == []
    file = tmp_path / "halts.csv"
    assert connected("halts", "list", "--export", str(file), "--json").only["halts"] == 1
    assert "Mass deletion" in file.read_text("utf-8-sig")
    assert "was released by" in connected("halts", "release", "CUSTOMER", "--yes").err


def test_a_long_list_ends_where_it_is_told(connected: Interlace, tmp_path: Path) -> None:
    """It says that there are more."""
    other = replace(CONFLICT, erp=replace(CONFLICT.erp, key="C00020"), crm=replace(CONFLICT.crm, key="id-2"))
    store(tmp_path / "state", CONFLICT, other)
    listed = connected("conflicts", "list", "CUSTOMER", "--limit", "1", "--json")
    assert len(listed.objects) == 1
    assert "There are more than 1" in listed.err
    assert len(connected("conflicts", "list", "--json").objects) == 2


def test_a_field_gets_a_policy_of_its_own_by_command(connected: Interlace) -> None:
    """It is shown with the field, and taken back without a value."""
    ended = connected(
        "mappings", "set", "CUSTOMER", "conflict.Phone_No=filled", "direction=Bidirectional", "--json"
    )
    assert ended.only["field_conflict_resolution"] == {"Phone_No>telephone1": "Filled"}
    assert "in a conflict: Filled" in connected("mappings", "show", "CUSTOMER").out
    ended = connected("mappings", "set", "CUSTOMER", "conflict.Phone_No=", "--json")
    assert "field_conflict_resolution" not in ended.only, "what is as delivered is no change"
    assert "in a conflict: Filled" not in connected("mappings", "show", "CUSTOMER").out
    assert connected("mappings", "set", "CUSTOMER", "conflict.City=Larger").code == 4
