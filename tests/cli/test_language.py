"""In which language commands speak."""

from dataclasses import replace
from datetime import UTC, datetime
from io import StringIO

import pytest
from tests.cli.both_ends import Interlace

from interlace.cli.output import Output
from interlace.cli.review_table import show_review
from interlace.cli.spoken import speaking
from interlace.domain.full_synch_review import FullSynchReview, ReviewLine
from interlace.domain.integration_field_mapping import Direction
from interlace.domain.job_queue_entry import JobQueueEntryStatus
from interlace.domain.keys import ConnectionId, MappingName


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"INTERLACE_LANGUAGE": "nb"}, "Det finnes ingen tilkobling ennå."),
        (
            {"INTERLACE_LANGUAGE": "", "LC_ALL": "es_MX.UTF-8", "LANG": "fi_FI.UTF-8"},
            "Aún no hay ninguna conexión.",
        ),
        (
            {"INTERLACE_LANGUAGE": "", "LC_ALL": "", "LC_MESSAGES": "", "LANG": "ru_RU.UTF-8"},
            "Подключений ещё нет.",
        ),
        (
            {"INTERLACE_LANGUAGE": "", "LC_ALL": "", "LC_MESSAGES": "", "LANG": "C.UTF-8"},
            "There is no connection yet.",
        ),
        ({"INTERLACE_LANGUAGE": "tlh", "LANG": "fi_FI.UTF-8"}, "There is no connection yet."),
    ],
)
def test_the_environment_chooses_the_language(
    interlace: Interlace, monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], said: str
) -> None:
    """Interlace's own variable goes before those of the terminal; what isn't offered is English."""
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert interlace("connection", "list").err.startswith(said)


def test_an_option_goes_before_the_environment(interlace: Interlace) -> None:
    """A language that isn't offered is named with those that are; the next command speaks as before."""
    assert interlace("--language", "fi", "connection", "list").err.startswith("Yhteyttä ei vielä ole.")
    assert interlace("connection", "list").err.startswith("There is no connection yet.")
    refused = interlace("--language", "tlh", "connection", "list")
    assert refused.code == 4
    assert "nb-NO" in refused.err


def test_errors_are_told_in_the_language(synchronized: Interlace) -> None:
    """Columns, causes, what an error means and what to do, numbers and plural forms."""
    listed = synchronized("--language", "es-MX", "errors", "list")
    assert "Qué pasó y qué hacer" in listed.out
    assert "registro" in listed.out
    key = synchronized("errors", "list", "--json").objects[0]["record"]
    shown = synchronized("--language", "ru", "errors", "show", str(key)).out
    assert "Что дальше" in shown
    assert "Ошибка" in shown


def test_programs_read_the_same_in_every_language(synchronized: Interlace) -> None:
    """JSON is never translated."""
    for command in (["errors", "list"], ["full-synch", "status"], ["errors", "causes"]):
        assert (
            synchronized("--language", "fi", *command, "--json").out == synchronized(*command, "--json").out
        )


def test_a_review_is_told_in_the_language() -> None:
    """Captions, statuses and what blocks a line, as users of the product know them."""
    first = ReviewLine(
        mapping=MappingName("CURRENCY"),
        direction=Direction.TO_INTEGRATION_TABLE,
        status=JobQueueEntryStatus.ERROR,
    )
    second = replace(first, mapping=MappingName("CUSTOMER"), depends_on=(first.mapping,), status=None)
    review = FullSynchReview(
        run_id="r",
        connection_id=ConnectionId("c"),
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
        lines=(first, second),
    )
    stdout, stderr = StringIO(), StringIO()
    with speaking({"LANG": "nb_NO.UTF-8"}):
        show_review(Output(stdout=stdout, stderr=stderr), review)
    assert "Gjennomgang av full synkronisering" in stdout.getvalue()
    assert "Feil" in stdout.getvalue()
    assert "CUSTOMER ble ikke startet fordi CURRENCY endte med feil." in stderr.getvalue()


def test_a_problem_is_told_in_the_language(connected: Interlace) -> None:
    """What ends a command, too."""
    refused = connected("--language", "fi", "errors", "retry")
    assert refused.code == 4
    assert refused.err.startswith("Kerro, mitkä tietueet")
