"""Carries out what is asked about integration table mappings."""

from collections.abc import Mapping
from typing import Final

from interlace.bootstrap.application import Application, Connection
from interlace.bootstrap.change_mapping import (
    Changes,
    change_mapping,
    changes_filter,
    check_change,
    reset_mapping,
    set_part,
)
from interlace.bootstrap.desk.carry_out import connection_of, off_loop
from interlace.bootstrap.desk.compare_again import Comparison, compare_again
from interlace.bootstrap.desk.mapping_services import MappingServices
from interlace.bootstrap.desk.own_mappings import add_own_mappings
from interlace.bootstrap.desk.own_rows import add_own_rows
from interlace.bootstrap.desk.short_list import ShortList
from interlace.bootstrap.desk.shown_mapping import (
    MappingFigures,
    figures_of,
    listed,
    require_unchanged,
    shown,
    watermarks_of,
)
from interlace.bootstrap.mapping_exchange import exported, import_text
from interlace.bootstrap.mapping_settings import MappingSettingProblem
from interlace.bootstrap.own_mappings import own_mapping_called, own_mappings
from interlace.bootstrap.own_rows import OWN_FIELDS, with_own_rows
from interlace.bootstrap.serving import Server
from interlace.bootstrap.shared_tables import SharedTableProblem
from interlace.domain.coupling import row_names
from interlace.domain.keys import MappingName
from interlace.lead_to_cash.mapping_names import SALESPEOPLE
from interlace.locale.translatable import text_of
from interlace.management import mapping_checks, mappings
from interlace.management.caller import Caller
from interlace.management.desk import Works
from interlace.management.mapping_answers import (
    MAPPING_COLUMNS,
    MappingChanged,
    MappingListed,
    MappingShown,
    MappingsListed,
    SettingsImported,
    SettingsText,
)
from interlace.management.mapping_checks import EnteredChecked
from interlace.management.mappings import (
    ChangeFields,
    ChangeFilter,
    ChangeMapping,
    CountRecords,
    ExportSettings,
    ImportSettings,
    ListMappings,
    OneMapping,
)
from interlace.management.operation import OfConnection
from interlace.management.refusal import RefusalKind, Refused
from interlace.management.translatable import translatable
from interlace.store.encoding import JsonValue

_TEXTS = ("direction", "update_conflict_resolution", "deletion_conflict_resolution")

_LIST: Final[ShortList[MappingListed, MappingsListed]] = ShortList(
    columns=MAPPING_COLUMNS, answer=MappingsListed, key_of=lambda each: each.name
)


def add_mappings(works: Works, server: Server) -> None:
    """Let these operations be carried out."""
    services = MappingServices(server.application)
    add_own_rows(works, server, services)
    add_own_mappings(works, server.application, services)
    work = _Mappings(server, services)
    works.add(mappings.LIST, work.listed)
    works.add(mappings.SHOW, work.show)
    works.add(mappings.CHANGE, work.change)
    works.add(mapping_checks.CHECK_CHANGE, work.check_change)
    works.add(mapping_checks.CHECK_FILTER, work.check_filter)
    works.add(mappings.CHANGE_FIELDS, work.change_fields)
    works.add(mappings.CHANGE_FILTER, work.change_filter)
    works.add(mappings.RESET, work.reset)
    works.add(mappings.SYNCHRONIZE, work.synchronize)
    works.add(mappings.RUN_FULL, work.run_full)
    works.add(mappings.EXPORT, work.export)
    works.add(mappings.IMPORT, work.import_)
    works.add(mappings.CHECK, services.check)
    works.add(mappings.FIELDS, services.fields)
    works.add(mappings.COUNT, services.count)
    works.add(mappings.TRY, services.try_record)


def mapping_called(application: Application, held: Connection, name: str) -> MappingName:
    """Return the mapping of a name, in whatever case; raises Refused if there is none."""
    for each in application.mappings(held):
        if each.casefold() == name.strip().casefold():
            return each
    raise Refused(
        RefusalKind.NOT_FOUND,
        translatable("There is no mapping {name}", name=name),
        next_step=translatable("The list of integration table mappings shows them all."),
    )


class _Mappings:
    """The mappings of a server's connections, as far as they are settings."""

    def __init__(self, server: Server, services: MappingServices) -> None:
        self._server = server
        self._application = server.application
        self._services = services

    # Looking

    async def listed(self, caller: Caller, asked: ListMappings) -> MappingsListed:
        held = await connection_of(self._application, caller, asked)
        return _LIST.page(caller, asked, await off_loop(self._listed, held))

    def _listed(self, held: Connection) -> list[MappingListed]:
        changes = self._application.state.mapping_settings(held.id)
        part, figures = self._application.taking_part(held), figures_of(self._application, held)
        own = {each.name for each in own_mappings(held.settings)}
        return [
            listed(mapping, changes.get(name, {}), figures, takes_part=name in part, is_own=name in own)
            for name, mapping in self._application.mappings(held).items()
        ]

    async def show(self, caller: Caller, asked: OneMapping) -> MappingShown:
        held, name = await self._called(caller, asked, asked.mapping)
        return await off_loop(self._show, held, name)

    def _show(self, held: Connection, name: MappingName) -> MappingShown:
        application = self._application
        changes = application.state.mapping_settings(held.id).get(name, {})
        held_mappings = application.mappings(held)
        figures: MappingFigures = figures_of(application, held)
        takes_part = name in application.taking_part(held)
        is_own = own_mapping_called(held.settings, name) is not None
        header = listed(held_mappings[name], changes, figures, takes_part=takes_part, is_own=is_own)
        return shown(
            header,
            application.mappings_with(held, {})[name],
            held_mappings,
            changes,
            watermarks_of(application, held, held_mappings[name]),
        )

    # Changing

    async def change(self, caller: Caller, asked: ChangeMapping) -> MappingChanged:
        held, name = await self._called(caller, asked, asked.mapping)
        return await off_loop(self._change, held, name, _entered(asked), asked.seen, asked.takes_part)

    async def check_change(self, caller: Caller, asked: ChangeMapping) -> EnteredChecked:
        held, name = await self._called(caller, asked, asked.mapping)
        return await off_loop(self._check_change, held, name, asked)

    def _check_change(self, held: Connection, name: MappingName, asked: ChangeMapping) -> EnteredChecked:
        default = self._application.mappings_with(held, {})[name]
        try:
            check_change(
                self._application, held, default, _entered(asked), takes_part=_part(asked.takes_part)
            )
        except MappingSettingProblem as problem:
            return EnteredChecked(problems={problem.setting: problem.reason})
        except SharedTableProblem as problem:
            return EnteredChecked(problems={problem.setting: text_of(problem)})
        if asked.takes_part == "yes" and name == SALESPEOPLE and held.settings.is_owned_by_team:
            return EnteredChecked(
                problems={
                    "takes_part": translatable("Salespeople take no part while a team owns the records.")
                }
            )
        return EnteredChecked(problems={})

    async def check_filter(self, caller: Caller, asked: CountRecords) -> EnteredChecked:
        held, name = await self._called(caller, asked, asked.mapping)
        try:
            await self._services.stored(held, name, asked)
        except Refused as refused:
            if not refused.fields:
                raise
            return EnteredChecked(problems=dict(refused.fields))
        return EnteredChecked(problems={})

    def _change(
        self, held: Connection, name: MappingName, changes: Changes, seen: str, part: str = ""
    ) -> MappingChanged:
        require_unchanged(self._application, held, name, seen)
        default = self._application.mappings_with(held, {})[name]
        kept = {each: _or_default(value, getattr(default, each, None)) for each, value in changes.items()}
        is_filtered = changes_filter(self._application, held, name, kept)
        try:
            changed = change_mapping(self._application, held, default, kept, takes_part=_part(part))
        except MappingSettingProblem as problem:
            raise _refused(problem) from problem
        if part and (part == "yes") != (name in self._application.taking_part(held)):
            held = set_part(self._application, held, name, takes_part=part == "yes")
        message = translatable(
            "The settings of {mapping} are kept; the next run works with them.", mapping=name
        )
        if is_filtered:
            message = self._compare_again(held, name)
        return MappingChanged(message=message, changed=tuple(changed))

    def _compare_again(self, held: Connection, name: MappingName) -> str:
        """Look at every record: which ones another filter lets in tells no feed of changes."""
        return {
            Comparison.LATER: translatable(
                "The filter of {mapping} is kept. Records that come in by it are taken up by a full synchronization.",
                mapping=name,
            ),
            Comparison.BEGUN: translatable(
                "The filter of {mapping} is kept; a run in the background looks at every record.",
                mapping=name,
            ),
            Comparison.WAITS: translatable(
                "The filter of {mapping} is kept. A run is at work on it: run it in full afterwards, so that records "
                "that come in by the filter are taken up.",
                mapping=name,
            ),
        }[compare_again(self._server, held, name)]

    async def change_fields(self, caller: Caller, asked: ChangeFields) -> MappingChanged:
        held, name = await self._called(caller, asked, asked.mapping)
        return await off_loop(self._change_fields, held, name, asked)

    def _change_fields(self, held: Connection, name: MappingName, asked: ChangeFields) -> MappingChanged:
        known = self._application.state.mapping_settings(held.id).get(name, {})
        default = self._application.mappings_with(held, {})[name]
        ids = [row.row_id for row in with_own_rows(default, known.get(OWN_FIELDS)).fields]
        by_name = dict(zip(row_names(ids), ids, strict=True))
        unknown = [each for each in (*asked.conflicts, *asked.enabled) if each not in by_name]
        if unknown:
            raise Refused(
                RefusalKind.INVALID,
                translatable("The mapping has no field row {row}", row=unknown[0]),
                fields={unknown[0]: translatable("There is no such field row.")},
            )
        policies, off = _policies(known), _disabled(known)
        policies = {**policies, **asked.conflicts}
        off |= {by_name[each] for each, value in asked.enabled.items() if value == "no"}
        off -= {by_name[each] for each, value in asked.enabled.items() if value == "yes"}
        changes: dict[str, JsonValue] = {
            "field_conflict_resolution": {row: text for row, text in policies.items() if text},
            "disabled_fields": [each for each in ids if each in off],
        }
        return self._change(held, name, changes, asked.seen)

    async def change_filter(self, caller: Caller, asked: ChangeFilter) -> MappingChanged:
        held, name = await self._called(caller, asked, asked.mapping)
        setting, stored = await self._services.stored(held, name, asked)
        changed = await off_loop(self._change, held, name, {setting: stored}, asked.seen)
        return MappingChanged(message=changed.message, changed=changed.changed)

    async def reset(self, caller: Caller, asked: OneMapping) -> MappingChanged:
        held, name = await self._called(caller, asked, asked.mapping)
        return await off_loop(self._reset, held, name)

    def _reset(self, held: Connection, name: MappingName) -> MappingChanged:
        none: dict[str, JsonValue] = {"table_filter": [], "integration_table_filter": []}
        is_filtered = changes_filter(self._application, held, name, none)
        taken_back = reset_mapping(self._application, held, name)
        message = translatable("{mapping} is as it was at first.", mapping=name)
        if is_filtered:
            message = self._compare_again(held, name)
        return MappingChanged(message=message, changed=tuple(taken_back))

    # Running

    async def synchronize(self, caller: Caller, asked: OneMapping) -> MappingChanged:
        return await self._run(caller, asked, full=False)

    async def run_full(self, caller: Caller, asked: OneMapping) -> MappingChanged:
        return await self._run(caller, asked, full=True)

    async def _run(self, caller: Caller, asked: OneMapping, *, full: bool) -> MappingChanged:
        held, name = await self._called(caller, asked, asked.mapping)
        begun = await off_loop(self._server.synchronize, held, name, full=full)
        if begun.is_new:
            return MappingChanged(message=translatable("{mapping} runs in the background.", mapping=name))
        return MappingChanged(message=translatable("{mapping} is waiting or at work already.", mapping=name))

    # Carrying over

    async def export(self, caller: Caller, asked: ExportSettings) -> SettingsText:
        held = await connection_of(self._application, caller, asked)
        return SettingsText(text=await off_loop(exported, self._application, held))

    async def import_(self, caller: Caller, asked: ImportSettings) -> SettingsImported:
        held = await connection_of(self._application, caller, asked)
        only_compare = asked.only_compare == "yes"
        try:
            found = await off_loop(
                import_text, self._application, held, asked.text, only_compare=only_compare
            )
        except Refused as refused:
            raise Refused(
                RefusalKind.INVALID,
                translatable("The settings can't be imported"),
                why=refused.why,
                fields={"text": refused.why},
            ) from refused
        return SettingsImported(
            message=_told(len(found), only_compare=only_compare),
            differences=tuple(found),
            is_stored=not only_compare,
        )

    async def _called(self, caller: Caller, asked: OfConnection, name: str) -> tuple[Connection, MappingName]:
        held = await connection_of(self._application, caller, asked)
        return held, await off_loop(mapping_called, self._application, held, name)


def _entered(asked: ChangeMapping) -> dict[str, JsonValue]:
    changes: dict[str, JsonValue] = {each: value for each in _TEXTS if (value := getattr(asked, each))}
    if asked.synch_only_coupled_records:
        changes["synch_only_coupled_records"] = asked.synch_only_coupled_records == "yes"
    return changes


def _part(text: str) -> bool | None:
    return text == "yes" if text else None


def _or_default(value: JsonValue, default: object) -> JsonValue:
    """Take a setting back that is the default: what nobody changed follows the defaults of later versions."""
    return None if value == getattr(default, "value", default) else value


def _policies(known: Mapping[str, JsonValue]) -> dict[str, str]:
    held = known.get("field_conflict_resolution")
    return {row: str(text) for row, text in held.items()} if isinstance(held, dict) else {}


def _disabled(known: Mapping[str, JsonValue]) -> set[str]:
    held = known.get("disabled_fields")
    return {str(each) for each in held} if isinstance(held, list) else set()


def _refused(problem: MappingSettingProblem) -> Refused:
    return Refused(
        RefusalKind.INVALID,
        translatable("The settings are not kept"),
        why=str(problem),
        fields={problem.setting: problem.reason},
    )


def _told(count: int, *, only_compare: bool) -> str:
    if not count:
        return translatable("Nothing differs: the settings are the same.")
    if only_compare:
        return translatable("An import changes the settings listed. Nothing was stored.")
    return translatable("The settings are imported; the next runs work with them.")
