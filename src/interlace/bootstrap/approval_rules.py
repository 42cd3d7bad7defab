"""The approval rules of a connection: as they are kept among its settings, and under which of them a plan file falls.

They hold plans. A run that nobody planned writes without them: whoever sets rules lets such a mapping be run by plans.
"""

import hashlib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Final

import msgspec

from interlace.bootstrap.application import Application, Connection
from interlace.bootstrap.connection_settings import ConnectionProblem, ConnectionSettings
from interlace.bootstrap.plan_file import numbered_stages
from interlace.domain.approval_rules import ApprovalRules, RuleKind, RuleMet, WatchedFields, rules_met
from interlace.domain.integration_table_mapping import IntegrationTableMapping
from interlace.domain.keys import MappingName
from interlace.domain.side import Side
from interlace.locale.translatable import joined, translatable
from interlace.management.refusal import NextStep, RefusalKind, Refused

FIELDS_MAX: Final = 200
PERCENT_MAX: Final = 100


def rules_of(settings: ConnectionSettings) -> ApprovalRules:
    """Return the rules of a connection."""
    return ApprovalRules(
        fields=settings.approval_fields,
        deletions_percent=settings.approval_deletions_percent,
        changes_percent=settings.approval_changes_percent,
    )


def with_rules(application: Application, connection: Connection, wanted: ApprovalRules) -> ConnectionSettings:
    """Return the settings with these rules in place of all that were; raises ConnectionProblem for one that is none.

    A field is kept under one name, whichever side's it is given by.
    """
    for percent in wanted.shares.values():
        if not 0 <= percent <= PERCENT_MAX:
            raise ConnectionProblem(wrong_share(str(percent)))
    mappings = application.mappings(connection)
    names = dict.fromkeys(_field_named(mappings, each.strip()) for each in wanted.fields if each.strip())
    if len(names) > FIELDS_MAX:
        raise ConnectionProblem(
            translatable("There can be rules for {count} fields at most. Leave some out.", count=FIELDS_MAX)
        )
    return replace(
        connection.settings,
        approval_fields=tuple(sorted(names)),
        approval_deletions_percent=wanted.deletions_percent,
        approval_changes_percent=wanted.changes_percent,
    )


def fields_to_name(application: Application, connection: Connection) -> Iterator[str]:
    """Yield the fields for which there can be a rule."""
    for mapping in application.mappings(connection).values():
        if not mapping.run_by_saga:
            yield from dict.fromkeys(f"{mapping.name}.{erp or crm}" for erp, crm in _pairs(mapping))


@dataclass(frozen=True, kw_only=True)
class RulesInForce:
    """The rules of a connection, with the fields that they watch as its mappings are now."""

    application: Application
    connection: Connection

    @cached_property
    def rules(self) -> ApprovalRules:
        """The rules."""
        return rules_of(self.connection.settings)

    @cached_property
    def digest(self) -> str:
        """What differs when the rules do, or the fields that they watch."""
        watched = sorted(
            (name, side.value, field, rule) for (name, side, field), rule in self._watched.items()
        )
        return digest_of(msgspec.json.encode((self.rules, watched)))

    def met_in(self, path: Path, without: Collection[int] = ()) -> tuple[RuleMet, ...]:
        """Return the rules under which a plan file falls, without the actions at some places; reads the whole file."""
        if not self.rules.is_on:
            return ()
        planned = (
            (number, action)
            for _, actions in numbered_stages(path)
            for number, action in actions
            if number not in without
        )
        coupled = self.application.state.queries.count_couplings(self.connection.id)
        return rules_met(self.rules, self._watched, planned, coupled)

    @cached_property
    def _watched(self) -> WatchedFields:
        if not self.rules.fields:
            return {}
        return _watched(self.application.mappings(self.connection), self.rules)


def digest_of(text: bytes) -> str:
    """Return a short text that stands for a long one."""
    return hashlib.blake2b(text, digest_size=16).hexdigest()


def require_no_rule(
    application: Application, connection: Connection, path: Path, without: Collection[int] = ()
) -> None:
    """Refuse to carry out what nobody else can have approved, for it is not kept; raises Refused."""
    met = RulesInForce(application=application, connection=connection).met_in(path, without)
    if met:
        raise Refused(
            RefusalKind.CHANGED_MEANWHILE,
            translatable("Another user must approve this first"),
            why=translatable("It falls under approval rules: {rules}.", rules=rules_text(met)),
            next_step=translatable(
                "Keep it as a plan (at the command line with --keep), and let another user approve that."
            ),
            steps=(NextStep(caption=translatable("Plans"), page="/plans"),),
        )


def wrong_share(text: str) -> str:
    """Say that a text is no share of records."""
    return translatable(
        "{text} is no percentage of records. Give a whole number from 0 to 100; 0 means any.", text=repr(text)
    )


def rules_text(met: Collection[RuleMet]) -> str:
    """Name the rules under which a plan falls."""
    return joined(map(rule_text, met), between="; ")


def rule_text(met: RuleMet) -> str:
    """Say which rule it is."""
    match met.kind:
        case RuleKind.FIELD:
            return translatable("changes of {field}", field=met.field)
        case RuleKind.DELETIONS:
            return translatable(
                "deletions of more than {percent} % of the coupled records of {mapping}",
                percent=met.percent,
                mapping=met.mapping,
            )
        case RuleKind.CHANGES:
            return translatable(
                "changes of more than {percent} % of the coupled records of {mapping}",
                percent=met.percent,
                mapping=met.mapping,
            )


def _field_named(mappings: Mapping[MappingName, IntegrationTableMapping], text: str) -> str:
    mapping_name, _, field = text.rpartition(".")
    known = {name.casefold(): mapping for name, mapping in mappings.items()}
    mapping = known.get(mapping_name.strip().casefold())
    if mapping is None:
        raise ConnectionProblem(
            translatable(
                "{text} names no field of a mapping. Write MAPPING.FIELD, such as CUSTOMER.Credit_Limit_LCY. "
                "Mappings: {known}.",
                text=repr(text),
                known=", ".join(mappings),
            )
        )
    if mapping.run_by_saga:
        raise ConnectionProblem(
            translatable(
                "{mapping} is decided document by document when it runs, so no plan holds its changes.",
                mapping=mapping.name,
            )
        )
    wanted = field.strip().casefold()
    for erp, crm in _pairs(mapping):
        if wanted in {erp.casefold(), crm.casefold()}:
            return f"{mapping.name}.{erp or crm}"
    raise ConnectionProblem(
        translatable(
            "{mapping} has no field {field}. Its fields: {known}.",
            mapping=mapping.name,
            field=repr(field),
            known=", ".join(dict.fromkeys(erp or crm for erp, crm in _pairs(mapping))),
        )
    )


def _pairs(mapping: IntegrationTableMapping) -> Iterator[tuple[str, str]]:
    for row in mapping.fields:
        yield row.erp_field or "", row.crm_field or ""


def _watched(mappings: Mapping[MappingName, IntegrationTableMapping], rules: ApprovalRules) -> WatchedFields:
    """Find the fields of the rules on both sides: by their own name also where a row has gone since."""
    watched: dict[tuple[MappingName, Side, str], str] = {}
    for rule in rules.fields:
        name, _, field = rule.rpartition(".")
        mapping_name = MappingName(name)
        watched |= {(mapping_name, side, field): rule for side in Side}
        mapping = mappings.get(mapping_name)
        for erp, crm in _pairs(mapping) if mapping is not None else ():
            if field in {erp, crm}:
                watched |= {(mapping_name, Side.ERP, erp): rule, (mapping_name, Side.CRM, crm): rule}
    return watched
