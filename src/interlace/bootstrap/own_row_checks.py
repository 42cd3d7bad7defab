"""Checks a field row that somebody enters against what both services tell of their fields, part by part."""

from collections.abc import Mapping
from types import MappingProxyType

from interlace.bootstrap.application import PARTNER_COLUMNS
from interlace.bootstrap.own_row_values import CheckedRow, ValueChecks, ways_of
from interlace.bootstrap.own_rows import EnteredRow, Transformation, own_row, written_by
from interlace.domain.integration_field_mapping import Direction
from interlace.domain.integration_table_mapping import IntegrationTableMapping
from interlace.domain.mapping_check import LOOKUP, may_meet
from interlace.domain.table_field import TableField
from interlace.locale.translatable import translatable
from interlace.store.encoding import JsonValue

Fields = Mapping[str, TableField]
_OURS = frozenset((PARTNER_COLUMNS.company, PARTNER_COLUMNS.table, PARTNER_COLUMNS.key))


def check_row(
    entered: EnteredRow,
    mapping: IntegrationTableMapping,
    default: IntegrationTableMapping,
    erp: Fields,
    crm: Fields,
    referable: Mapping[str, str] = MappingProxyType({}),
) -> CheckedRow:
    """Check a row that is to stand beside those of `mapping`; `default` has the rows that are disabled, too.

    `referable` are the mappings that a reference can name, each with its table of the CRM.
    """
    checking = _Checking(entered, mapping, default, erp, crm, referable)
    checking.check()
    return checking.checked


class _Checking:
    """One row's check; each step needs what the steps before it found."""

    def __init__(
        self,
        entered: EnteredRow,
        mapping: IntegrationTableMapping,
        default: IntegrationTableMapping,
        erp: Fields,
        crm: Fields,
        referable: Mapping[str, str],
    ) -> None:
        self.entered, self.mapping, self.default = entered, mapping, default
        self.referable = referable
        self.erp_fields, self.crm_fields = erp, crm
        self.checked = CheckedRow()
        self.values = ValueChecks(self.checked)
        self.erp = self._field("erp_field", entered.erp_field, erp, mapping.erp_table)
        self.crm = self._field("crm_field", entered.crm_field, crm, mapping.integration_table)

    def check(self) -> None:
        """Find everything that is wrong, and make the row."""
        entered, checked = self.entered, self.checked
        if self.mapping.run_by_saga or self.mapping.choice_column is not None:
            checked.wrong(
                "erp_field",
                translatable("{mapping} takes no field rows of your own.", mapping=self.mapping.name),
            )
            return
        if not entered.erp_field.strip() and not entered.crm_field.strip():
            checked.wrong(
                "erp_field", translatable("Choose a field of each side, or one and a constant value.")
            )
        if checked.problems:
            return
        direction = self._direction()
        if direction is None:
            return
        self._targets(direction)
        if self.erp is None or self.crm is None:
            self._constant(direction)
        else:
            self._pair(self.erp, self.crm, direction)
        if not checked.problems:
            self._beside_others()
        if checked.problems:
            checked.stored = {}

    def _field(self, part: str, name: str, fields: Fields, table: str) -> TableField | None:
        wanted = name.strip()
        if not wanted:
            return None
        found = fields.get(wanted) or next(
            (
                each
                for each in fields.values()
                if wanted.casefold() in (each.name.casefold(), each.caption.casefold())
            ),
            None,
        )
        if found is None:
            self.checked.wrong(
                part, translatable("The table {table} has no field {field}.", table=table, field=wanted)
            )
        elif part == "crm_field" and found.name in _OURS:
            self.checked.wrong(
                part,
                translatable(
                    "{field} names the partner of a record, which Interlace writes itself.", field=wanted
                ),
            )
        elif found.kind == LOOKUP and self.entered.transformation.strip() != Transformation.REFERENCE.value:
            self.checked.wrong(
                part,
                translatable(
                    "{field} points at other records. Take the transformation “Reference” with the mapping of those "
                    "records.",
                    field=found.name,
                ),
            )
        return found

    def _direction(self) -> Direction | None:
        """Return where the row goes; a constant goes to the side that has the field."""
        text = self.entered.direction.strip()
        if self.erp is None or self.crm is None:
            only = Direction.TO_INTEGRATION_TABLE if self.erp is None else Direction.FROM_INTEGRATION_TABLE
            if text and text != only.value:
                self.checked.wrong(
                    "direction", translatable("A constant value only goes to the side whose field is named.")
                )
            direction = only
        else:
            try:
                direction = Direction(text) if text else self.mapping.direction
            except ValueError:
                self.checked.wrong("direction", translatable("{value} is no direction.", value=text))
                return None
        if self.mapping.direction not in (Direction.BIDIRECTIONAL, direction):
            self.checked.wrong(
                "direction",
                translatable(
                    "The mapping itself goes one way only: choose its direction, or change the mapping's."
                ),
            )
        return None if "direction" in self.checked.problems else direction

    def _targets(self, direction: Direction) -> None:
        """Nothing may be written that its service keeps to itself."""
        to_crm, to_erp = ways_of(direction)
        for part, found, is_written in (("erp_field", self.erp, to_erp), ("crm_field", self.crm, to_crm)):
            if found is not None and is_written and found.is_read_only:
                self.checked.wrong(
                    part,
                    translatable("{field} is read-only: values can only be read from it.", field=found.name),
                )

    def _constant(self, direction: Direction) -> None:
        entered, to_crm = self.entered, direction is Direction.TO_INTEGRATION_TABLE
        target = self.crm if to_crm else self.erp
        assert target is not None
        if entered.transformation or entered.argument.strip():
            self.checked.wrong("transformation", translatable("A constant value is not transformed."))
        if not entered.constant.strip():
            missing = "erp_field" if to_crm else "crm_field"
            self.checked.wrong(
                missing,
                translatable("Choose a field, or write a constant value for {field}.", field=target.name),
            )
            return
        value = self.values.value("constant", target, entered.constant.strip())
        side = "crm" if to_crm else "erp"
        key = next(
            each.name for each in (self.erp_fields if to_crm else self.crm_fields).values() if each.is_key
        )
        self._keep(
            direction,
            {f"{side}_field": target.name, f"{side}_kind": target.kind, "constant": value, "by": key},
        )

    def _pair(self, erp: TableField, crm: TableField, direction: Direction) -> None:
        entered, checked = self.entered, self.checked
        if entered.constant.strip():
            checked.wrong(
                "constant", translatable("Leave the constant value blank, or leave out one of the fields.")
            )
        parts: dict[str, JsonValue] = {
            "erp_field": erp.name,
            "erp_kind": erp.kind,
            "crm_field": crm.name,
            "crm_kind": crm.kind,
        }
        try:
            transformation = Transformation(entered.transformation.strip())
        except ValueError:
            checked.wrong(
                "transformation", translatable("{value} is no transformation.", value=entered.transformation)
            )
            return
        if transformation is Transformation.REFERENCE:
            self._keep(direction, parts | self._reference(erp, crm))
            return
        parts |= self.values.transformed(transformation, entered.argument.strip(), erp, crm, direction)
        if transformation is Transformation.NONE:
            self._untransformed(erp, crm)
            if erp.choices and not crm.choices:
                parts["is_option"] = True
        if transformation not in (Transformation.VALUES, Transformation.CUT):
            self._lengths(erp, crm, direction)
        self._keep(direction, parts)

    def _reference(self, erp: TableField, crm: TableField) -> dict[str, JsonValue]:
        """Return the parts of the stored row that name the mapping of the records referred to."""
        name = self.entered.argument.strip().upper()
        table = self.referable.get(name, "")
        if erp.kind != "text" or erp.choices:
            self.checked.wrong(
                "erp_field",
                translatable("{field} holds no code or number of another record.", field=erp.name),
            )
        if crm.choices:
            self.checked.wrong(
                "crm_field",
                translatable(
                    "{field} is a choice: it points at no other records, and its numbers are not those of another "
                    "column. Take the transformation “Value list”, and say which code stands for which choice.",
                    field=crm.name,
                ),
            )
        elif not crm.targets:
            self.checked.wrong(
                "crm_field", translatable("{field} points at no other records.", field=crm.name)
            )
        elif not table:
            possible = [each for each, target in self.referable.items() if target in crm.targets]
            self.checked.wrong(
                "argument",
                translatable(
                    "Name the mapping of the records that {field} points at. Possible: {mappings}.",
                    field=crm.name,
                    mappings=", ".join(possible) or translatable("none"),
                ),
            )
        elif table not in crm.targets:
            self.checked.wrong(
                "argument",
                translatable(
                    "{field} points at {tables}, but {mapping} couples records of {table}.",
                    field=crm.name,
                    tables=", ".join(crm.targets),
                    mapping=name,
                    table=table,
                ),
            )
        return {"transformation": Transformation.REFERENCE.value, "argument": name, "target_table": table}

    def _untransformed(self, erp: TableField, crm: TableField) -> None:
        checked = self.checked
        if self.entered.argument.strip():
            checked.wrong("argument", translatable("Choose the transformation that this is for."))
        if bool(erp.choices) != bool(crm.choices) and crm.choices:
            checked.wrong(
                "transformation",
                translatable(
                    "{field} is a choice. Take the transformation “Value list”, and say which value stands for "
                    "which choice.",
                    field=crm.name,
                ),
            )
        elif (erp.choices and crm.choices) or not may_meet(erp.kind, crm.kind):
            checked.wrong(
                "transformation",
                translatable(
                    "{erp_field} and {crm_field} hold different kinds of values. Take the transformation “Value list”, "
                    "or another field.",
                    erp_field=erp.name,
                    crm_field=crm.name,
                ),
            )

    def _lengths(self, erp: TableField, crm: TableField, direction: Direction) -> None:
        to_crm, to_erp = ways_of(direction)
        for source, target, goes in ((erp, crm, to_crm), (crm, erp, to_erp)):
            is_text = source.kind == target.kind == "text" and not target.choices
            if goes and is_text and target.length and (not source.length or source.length > target.length):
                self.checked.warnings.append(
                    translatable(
                        "{field} takes {count} characters: a record with a longer value fails until it is "
                        "shortened.",
                        field=target.name,
                        count=target.length,
                    )
                )

    def _keep(self, direction: Direction, parts: dict[str, JsonValue]) -> None:
        held: dict[str, JsonValue] = {**parts, "direction": direction.value}
        if self.entered.only_new:
            held["only_new"] = True
        self.checked.stored = held

    def _beside_others(self) -> None:
        """See that no other row is the same, or writes the same field."""
        row = own_row(self.checked.stored)
        if any(each.row_id == row.row_id for each in (*self.default.fields, *self.mapping.fields)):
            self.checked.wrong(
                "crm_field" if row.crm_field else "erp_field",
                translatable("These two fields have a row already; it can be changed or enabled."),
            )
            return
        for way in (Direction.TO_INTEGRATION_TABLE, Direction.FROM_INTEGRATION_TABLE):
            target = written_by(row, way)
            if target is None:
                continue
            other = next((each for each in self.mapping.fields if written_by(each, way) == target), None)
            if other is not None:
                self.checked.wrong(
                    "crm_field" if target == row.crm_field else "erp_field",
                    translatable(
                        "{field} is written by the row {row} already. Disable that one first, or choose another field.",
                        field=target,
                        row=f"{other.erp_field or '–'} / {other.crm_field or '–'}",
                    ),
                )
