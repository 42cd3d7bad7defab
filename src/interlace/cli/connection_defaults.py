"""`interlace connection use-defaults`: shows what differs from the default setup, then takes it back."""

from collections.abc import Sequence
from typing import Annotated

import typer

from interlace.bootstrap.connection_settings import ConnectionProblem
from interlace.bootstrap.default_setup import Differences, changed_from_default
from interlace.bootstrap.default_setup import use_defaults as take_back
from interlace.bootstrap.job_place import asking_if_begun
from interlace.bootstrap.recurring import Schedules
from interlace.cli.connection_options import OptionalName
from interlace.cli.consent import require_consent
from interlace.cli.options import Json, State, Yes, opened
from interlace.cli.output import Column, Output
from interlace.cli.spoken import said, t
from interlace.domain.keys import MappingName

_COLUMNS = (
    Column(key="mapping", caption="Mapping"),
    Column(key="setting", caption="Setting"),
    Column(key="subject", caption="Field"),
    Column(key="now", caption="Now"),
    Column(key="default", caption="Default"),
)


def use_defaults(
    name: OptionalName = None,
    mapping: Annotated[
        list[str] | None,
        typer.Option("--mapping", help="Only this mapping; repeatable.", show_default=False),
    ] = None,
    state: State = None,
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would be taken back.")] = False,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Show what was changed in mappings and their jobs, then take it back; couplings and records stay.

    Example: interlace connection use-defaults main --dry-run
    """
    output = Output(as_json=as_json)
    with opened(state) as application, asking_if_begun(application) as client:
        held = application.connection(name)
        schedules = None if client is None else Schedules(application, client)
        found = changed_from_default(application, schedules, held)
        chosen = _chosen(found, mapping)
        output.rows(
            _COLUMNS, _rows(found, chosen), empty=t("Every mapping and every job is as it was at first.")
        )
        if dry_run or not chosen:
            return
        require_consent(t("Take this back in {mappings}?", mappings=", ".join(chosen)), given=yes)
        filtered = take_back(application, schedules, held, chosen)
    output.message(t("As they were at first: {mappings}.", mappings=", ".join(chosen)))
    for each in filtered:
        output.message(
            t(
                "Records that come in by the filter are taken up by `interlace synch {mapping} --full`.",
                mapping=each,
            )
        )


def _chosen(found: Differences, wanted: Sequence[str] | None) -> list[MappingName]:
    if not wanted:
        return list(found)
    known = {each.upper(): each for each in found}
    for each in wanted:
        if each.upper() not in known:
            raise ConnectionProblem(t("Nothing was changed in {mapping}.", mapping=each))
    return [known[each.upper()] for each in wanted]


def _rows(found: Differences, chosen: Sequence[MappingName]) -> list[dict[str, object]]:
    return [
        {
            "mapping": name,
            "setting": each.setting,
            "subject": said(each.subject),
            "now": said(each.now),
            "default": said(each.default),
        }
        for name in chosen
        for each in found[name]
    ]
