"""Reasons in plan files stand there in English, and are read so that every language can say them."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from interlace.bootstrap.plan_file import PlanFileError, PlanWriter, read_heading, read_stages
from interlace.bootstrap.plan_rows import ActionsWanted, page_of_actions
from interlace.domain.integration_field_mapping import Direction
from interlace.domain.keys import ConnectionId, MappingName
from interlace.domain.plan import PlanHeading, PlanKind, PlannedAction, PlannedKind, PlanStage
from interlace.locale.kept_text import BEHIND
from interlace.locale.translatable import Amount, Sentence, as_sentence, text_of, translatable
from interlace.ui.words import words_of

_REASON = Sentence(
    "{reason}: {condition}",
    {
        "reason": as_sentence("outside the mapping's filter"),
        "condition": as_sentence("the account is inactive"),
    },
)
_ENGLISH = "outside the mapping's filter: the account is inactive"
_HALT = translatable("The order comes to {total}.", total=Amount("10.50"))
_RUSSIAN = words_of("ru_RU")


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    """Write a plan of one record that is left out."""
    path = tmp_path / "customers.plan"
    heading = PlanHeading(
        kind=PlanKind.SYNCHRONIZATION,
        made_at=datetime(2026, 1, 2, tzinfo=UTC),
        connection=ConnectionId("c1"),
        connection_name="main",
        erp_company_id="company",
        crm_organization_id="organization",
    )
    action = PlannedAction(
        mapping=MappingName("CUSTOMER"),
        direction=Direction.FROM_INTEGRATION_TABLE,
        source_key="1",
        kind=PlannedKind.SKIP,
        reason=_REASON,
    )
    with PlanWriter(path, heading) as writer:
        writer.action(action)
        writer.stage(PlanStage(number=0, mapping=MappingName("CUSTOMER"), message=_HALT))
    return path


def test_reasons_and_messages_are_said_in_the_readers_language(plan: Path) -> None:
    """A file on disk, read by the command that shows or applies it, and by the page of its actions."""
    [(stage, [action])] = read_stages(plan)
    [row] = page_of_actions(plan, {}, ActionsWanted(passes=lambda look: True, limit=10)).actions
    for reason in (action.reason, row.look.reason):
        assert reason == _ENGLISH
        assert _RUSSIAN.t(reason) == ": ".join(
            _RUSSIAN.t(each) for each in ("outside the mapping's filter", "the account is inactive")
        )
        assert _RUSSIAN.t(reason) != _ENGLISH
    assert stage.message == "The order comes to 10.50."
    assert words_of("nb_NO").t(stage.message) == "Ordren kommer til 10,50."


def test_the_file_stays_readable_english(plan: Path) -> None:
    """Programs find the English text by itself, as ever; the file passes its own check."""
    text = plan.read_text(encoding="utf-8")
    assert f'"reason":"{_ENGLISH}"' in text
    assert BEHIND not in text
    assert read_heading(plan).connection_name == "main"


def test_a_file_of_an_older_version_is_plain_english(plan: Path) -> None:
    """Its reasons were written without what they are made of."""
    lines = plan.read_text(encoding="utf-8").splitlines(keepends=True)
    plan.write_text(
        "".join(line.split(',"said":')[0] + ("}\n" if ',"said":' in line else "") for line in lines),
        encoding="utf-8",
    )
    [(stage, [action])] = read_stages(plan)
    assert (action.reason, stage.message) == (_ENGLISH, "The order comes to 10.50.")
    assert type(action.reason) is str


def test_why_a_file_cannot_be_used_is_translatable(plan: Path) -> None:
    """A file that was changed is refused in the reader's language."""
    plan.write_bytes(plan.read_bytes().replace(b"inactive", b"passive!"))
    with pytest.raises(PlanFileError) as refused:
        read_heading(plan)
    assert isinstance(text_of(refused.value), Sentence)
    assert _RUSSIAN.t(text_of(refused.value)) != str(refused.value)
