"""The default synchronization setup: what differs from it in mappings and their jobs, and the way back to it."""

import hashlib
from collections.abc import Collection, Mapping

import msgspec

from interlace.bootstrap.application import Application, Connection
from interlace.bootstrap.change_mapping import FILTERS, changes_filter, reset_mapping, set_part
from interlace.bootstrap.desk.shown_mapping import NO, YES, differences
from interlace.bootstrap.own_mappings import own_mapping_called
from interlace.bootstrap.recurring import Schedules
from interlace.domain.job_queue_entry import JobQueueEntryStatus
from interlace.domain.keys import MappingName
from interlace.lead_to_cash.mapping_names import SALESPEOPLE
from interlace.management.mapping_answers import SettingChange

TAKES_PART = "takes_part"
MINUTES = "minutes"
STATUS = "status"
Differences = Mapping[MappingName, tuple[SettingChange, ...]]


def changed_from_default(
    application: Application, schedules: Schedules | None, held: Connection
) -> Differences:
    """Return what is not the default, by mapping; jobs that belong to no mapping are named by what they do.

    Without schedules, before any job has run, there are no jobs that could differ.
    """
    settings = application.state.mapping_settings(held.id)
    defaults = application.mappings_with(held, {})
    found: dict[MappingName, list[SettingChange]] = {}
    for name, default in defaults.items():
        changes = list(differences(default, settings.get(name, {})))
        if name in held.settings.left_out and _may_take_part(held, name):
            changes.append(SettingChange(setting=TAKES_PART, now=NO, default=YES))
        found[name] = changes
    jobs = schedules.not_by_default(held) if schedules is not None else {}
    for name, job in jobs.items():
        changes = found.setdefault(name, [])
        if job.minutes != job.default_minutes:
            changes.append(
                SettingChange(setting=MINUTES, now=str(job.minutes), default=str(job.default_minutes))
            )
        if job.is_held:
            changes.append(
                SettingChange(
                    setting=STATUS,
                    now=JobQueueEntryStatus.ON_HOLD.value,
                    default=JobQueueEntryStatus.READY.value,
                )
            )
    return {name: tuple(changes) for name, changes in found.items() if changes}


def use_defaults(
    application: Application, schedules: Schedules | None, held: Connection, names: Collection[MappingName]
) -> list[MappingName]:
    """Take back what was changed in these mappings and jobs; returns those that see other records from now on."""
    filtered = []
    mappings = application.mappings_with(held, {})
    for name in names:
        if name in mappings:
            if changes_filter(application, held, name, dict.fromkeys(FILTERS)):
                filtered.append(name)
            reset_mapping(application, held, name)
            if name in held.settings.left_out and _may_take_part(held, name):
                held = set_part(application, held, name, takes_part=True)
        if schedules is not None:
            schedules.use_default(held, name)
    return filtered


def stamp(found: Differences) -> str:
    """Stand for what was shown, so that a decision can tell whether others came between."""
    text = msgspec.json.encode(sorted((name, changes) for name, changes in found.items()))
    return hashlib.blake2b(text, digest_size=8).hexdigest()


def _may_take_part(held: Connection, name: MappingName) -> bool:
    """Tell whether a mapping takes part by default: one that users added does when they let it."""
    if own_mapping_called(held.settings, name) is not None:
        return False
    return not (name == SALESPEOPLE and held.settings.is_owned_by_team)
