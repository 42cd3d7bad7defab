"""A conflict as a value: what both sides hold, what they agreed on, who changed it when, and what each choice would do.

A conflict is about the two records as they were seen: its id changes when one of them does, so that nobody decides
about something else than what was shown.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum

from interlace.domain.errors import ErrorCode
from interlace.domain.keys import KEY_SEPARATOR, CrmKey, ErpKey, MappingName
from interlace.domain.side import Side
from interlace.domain.transfer_fields import Remembered
from interlace.domain.values import Value
from interlace.locale.translatable import translatable


class ConflictKind(Enum):
    """What is in conflict."""

    UPDATE = "update"
    """Both records were changed in the same field, or in fields that belong together."""
    DELETION = "deletion"
    """One record was deleted."""


class Choice(Enum):
    """What a person may decide; the first two are about fields, the others about a deletion."""

    ERP = "erp"
    """The ERP's value is right."""
    CRM = "crm"
    """The CRM's value is right."""
    RESTORE = "restore"
    """The deleted record is created again."""
    REMOVE_COUPLING = "remove-coupling"
    """The coupling goes, the surviving record stays."""
    DELETE = "delete"
    """The surviving record is deleted, too."""


_CHOICES = {
    ConflictKind.UPDATE: (Choice.ERP, Choice.CRM),
    ConflictKind.DELETION: (Choice.RESTORE, Choice.REMOVE_COUPLING, Choice.DELETE),
}

CONFLICT_CODES = frozenset(
    {ErrorCode.UPDATE_CONFLICT, ErrorCode.PARTNER_DELETED, ErrorCode.DELETED_AND_CHANGED}
)
"""What a coupled record fails with when a person must choose."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConflictRow:
    """One field row of a conflict; of a deletion conflict: one that the surviving record changed."""

    row: str
    """The row's name in its mapping."""
    erp_field: str | None
    crm_field: str | None
    erp_value: Value
    crm_value: Value
    agreed: Remembered
    """(ERP value, CRM value) that both sides agreed on last; None: nobody knows."""
    to_crm: Value
    """What the CRM would get if the ERP's value is right."""
    to_erp: Value
    """What the ERP would get if the CRM's value is right."""
    group: str | None = None
    """Rows of one group are decided together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SideOfConflict:
    """One of the two records as it was seen."""

    key: str
    digest: bytes | None
    """Digest of the record; None: it is not there."""
    changed_by: str | None = None
    changed_at: datetime | None = None

    @property
    def is_there(self) -> bool:
        """Tell whether the record exists."""
        return self.digest is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """Two coupled records that nobody but a person, or a policy, can bring together."""

    mapping: MappingName
    kind: ConflictKind
    code: ErrorCode
    caption: str
    """Names the record for people."""
    erp: SideOfConflict
    crm: SideOfConflict
    detected_at: datetime
    rows: Sequence[ConflictRow] = field(default_factory=tuple)

    @property
    def erp_key(self) -> ErpKey:
        """The ERP record's key."""
        return ErpKey(self.erp.key)

    @property
    def crm_key(self) -> CrmKey:
        """The CRM record's key."""
        return CrmKey(self.crm.key)

    @property
    def deleted(self) -> Side | None:
        """The side whose record is gone."""
        if self.kind is ConflictKind.UPDATE:
            return None
        return Side.CRM if self.erp.is_there else Side.ERP

    @property
    def id(self) -> str:
        """Short name of exactly this conflict: of both records as they were seen."""
        parts = (self.mapping, self.erp.key, self.crm.key, self.kind.value)
        digest = hashlib.blake2b(KEY_SEPARATOR.join(parts).encode(), digest_size=5)
        for side in (self.erp, self.crm):
            digest.update(side.digest or b"absent")
        return digest.hexdigest()

    @property
    def choices(self) -> tuple[Choice, ...]:
        """What a person may decide."""
        return _CHOICES[self.kind]

    @property
    def likeness(self) -> str:
        """Digest of what conflicts have in common that one decision may settle: mapping, kind, deleted side, fields."""
        deleted = "" if self.deleted is None else self.deleted.value
        parts = (self.mapping, self.kind.value, deleted, *sorted(each.row for each in self.rows))
        return hashlib.blake2b(KEY_SEPARATOR.join(parts).encode(), digest_size=16).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """A person's word on a conflict."""

    conflict_id: str
    by: str
    """Who decided."""
    choice: Choice | None = None
    """For the record as a whole."""
    fields: Mapping[str, Choice] = field(default_factory=dict)
    """For single rows by name, before `choice`."""

    def of_row(self, row: str) -> Choice | None:
        """Return what was decided for a row."""
        return self.fields.get(row, self.choice)


class DecisionRefused(ValueError):
    """A decision does not fit its conflict; the message says what would."""


def check_decision(conflict: Conflict, decision: Decision) -> None:
    """Raise DecisionRefused unless every open question of the conflict gets an answer that fits it."""
    possible = ", ".join(each.value for each in conflict.choices)
    rows = {each.row: each for each in conflict.rows} if conflict.kind is ConflictKind.UPDATE else {}
    unknown = sorted(set(decision.fields) - set(rows))
    if unknown:
        raise DecisionRefused(_without_conflict(conflict, ", ".join(unknown), ", ".join(rows)))
    chosen = {name: decision.of_row(name) for name in rows} or {"": decision.choice}
    for name, choice in chosen.items():
        if choice is None:
            raise DecisionRefused(_undecided(conflict, name, possible))
        if choice not in conflict.choices:
            raise DecisionRefused(
                translatable(
                    "{record} can't be settled by {choice}. Possible: {possible}.",
                    record=conflict.caption,
                    choice=choice.value,
                    possible=possible,
                )
            )
    _check_groups(conflict, chosen)


def _without_conflict(conflict: Conflict, unknown: str, known: str) -> str:
    if not known:
        return translatable(
            "{record} has no conflict in {fields}: the whole record was deleted.",
            record=conflict.caption,
            fields=unknown,
        )
    return translatable(
        "{record} has no conflict in {fields}. Fields in conflict: {known}.",
        record=conflict.caption,
        fields=unknown,
        known=known,
    )


def _undecided(conflict: Conflict, field_name: str, possible: str) -> str:
    if not field_name:
        return translatable(
            "Nothing is chosen for the record {record}. Possible: {possible}.",
            record=conflict.caption,
            possible=possible,
        )
    return translatable(
        "Nothing is chosen for the field {field} of {record}. Possible: {possible}.",
        field=field_name,
        record=conflict.caption,
        possible=possible,
    )


def _check_groups(conflict: Conflict, chosen: Mapping[str, Choice | None]) -> None:
    groups: dict[str, set[Choice | None]] = {}
    for each in conflict.rows:
        if each.group is not None and each.row in chosen:
            groups.setdefault(each.group, set()).add(chosen[each.row])
    for name, choices in groups.items():
        if len(choices) > 1:
            raise DecisionRefused(
                translatable(
                    "The fields of the group {group} of {record} belong together. Choose the same side for "
                    "all of them.",
                    group=name,
                    record=conflict.caption,
                )
            )
