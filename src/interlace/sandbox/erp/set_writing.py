"""Turns the body of a request into field values, and changes records through the application.

Properties are validated one by one in the order in which the client sent them, as the service does.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from interlace.sandbox import json_codec
from interlace.sandbox.erp import refusals
from interlace.sandbox.erp.application import Application, Values
from interlace.sandbox.erp.declaration import BLANK_GUID, Field, FieldType, Value
from interlace.sandbox.erp.field_values import accept
from interlace.sandbox.erp.master_sets import ITEMS
from interlace.sandbox.erp.option_members import find_member
from interlace.sandbox.erp.posting.item_ledger import adjust
from interlace.sandbox.erp.record_layout import MODIFIED, Record
from interlace.sandbox.erp.rendering import local_currency_code
from interlace.sandbox.erp.set_declaration import PublishedProperty, PublishedSet, SourceKind
from interlace.sandbox.erp.tables import TABLES

_LINE_TYPES: Mapping[str, str] = {"Comment": " ", "Account": "G/L Account", "Charge": "Charge (Item)"}


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteRequest:
    """The content of a body: field values, nested collections, and a SystemId where that is allowed."""

    values: Values
    nested: Mapping[str, list[object]]
    system_id: str | None = None


def parse_object(body: bytes) -> dict[str, object]:
    """Return the JSON object in a body."""
    if not body.strip():
        raise refusals.bad_body("The request body must hold a JSON object.")
    try:
        return json_codec.decode_object(body)
    except (json_codec.JsonError, UnicodeDecodeError) as error:
        raise refusals.bad_body(f"The request body is not a valid JSON object: {error}") from error


class SetWriting:
    """Writes through the sets of one company."""

    def __init__(self, erp: Application, sets: Mapping[str, PublishedSet], *, editable_ids: bool) -> None:
        self._erp = erp
        self._sets = sets
        self._editable_ids = editable_ids
        self._computed: Mapping[str, Callable[[Values, PublishedProperty, object], None]] = {
            "lineType": self._line_type,
            "documentId": self._document_id,
            "lineItemId": self._line_item,
            "lineAccountId": self._line_account,
            "lineVariantId": self._line_variant,
            "partialShipping": self._partial_shipping,
        }

    def read_body(self, published: PublishedSet, content: Mapping[str, object], *, new: bool) -> WriteRequest:
        """Check every property of a body and return the field values that it means."""
        values: Values = {}
        nested: dict[str, list[object]] = {}
        system_id = None
        for name, value in content.items():
            if "@" in name:
                continue
            prop = published.by_name.get(name)
            if prop is None:
                if (
                    name in published.by_navigation
                    and isinstance(value, list)
                    and new
                    and not published.is_page
                ):
                    nested[name] = value
                    continue
                raise refusals.unknown_property(name, f"Microsoft.NAV.{published.entity}")
            if prop.source == "SystemId":
                # The real pages ignore a posted id; an extension's pages may take it.
                if new and self._editable_ids:
                    given = str(accept(_guid_field(name), value))
                    system_id = given if given != BLANK_GUID else None
                continue
            if new and prop.source == MODIFIED:
                # Published requests repeat it when they create; it means nothing.
                continue
            self._take(published, values, prop, value)
        return WriteRequest(values=values, nested=nested, system_id=system_id)

    def create(
        self, published: PublishedSet, content: Mapping[str, object], scope: Mapping[str, Value]
    ) -> Record:
        """Create a record, and the lines that came with it."""
        with self._erp.records.transaction(), self._erp.postponing():
            record = self._create(published, content, scope)
        return self._erp.reread(record)

    def _create(
        self, published: PublishedSet, content: Mapping[str, object], scope: Mapping[str, Value]
    ) -> Record:
        request = self.read_body(published, content, new=True)
        self._check_needed(published, content)
        values = {**published.fixed, **scope, **request.values}
        for name, value in (*published.fixed.items(), *scope.items()):
            if values[name] != value:
                raise refusals.bad_body(
                    f"The value of {name} does not agree with the address of the request."
                )
        record = self._erp.create(published.table, values, request.system_id)
        for name, rows in request.nested.items():
            expansion = published.by_navigation[name]
            line_scope = {other: record.values[own] for own, other in expansion.links}
            for row in rows:
                if not isinstance(row, dict):
                    raise refusals.bad_body(f"{name} must be a list of objects.")
                self._create(self._sets[expansion.target], row, line_scope)
        return record

    def change(self, published: PublishedSet, record: Record, content: Mapping[str, object]) -> Record:
        """Change a record; a counted inventory sent with an item becomes an adjustment of its stock."""
        if published is ITEMS and "inventory" in content:
            counted = accept(Field(name="inventory", type=FieldType.DECIMAL), content["inventory"])
            rest = {name: value for name, value in content.items() if name != "inventory"}
            with self._erp.records.transaction():
                item = self.change(published, record, rest)
                adjust(self._erp, item, Decimal(str(counted)))
            return item
        request = self.read_body(published, content, new=False)
        if published.is_page:
            renamed = [
                name
                for name in record.table.key
                if request.values.get(name, record.values[name]) != record.values[name]
            ]
            if renamed:
                raise refusals.bad_body(
                    f"The key field {renamed[0]} of {published.name} cannot be changed. Create a new record."
                )
        return self._erp.change(record, request.values)

    def _check_needed(self, published: PublishedSet, content: Mapping[str, object]) -> None:
        for group in published.needed:
            if not any(content.get(name) for name in group):
                raise refusals.dialog(
                    f"{' or '.join(group)} must have a value in {published.entity}. It cannot be blank."
                )

    # --- properties

    def _take(self, published: PublishedSet, values: Values, prop: PublishedProperty, value: object) -> None:
        if prop.read_only:
            raise refusals.read_only_field(prop.name)
        match prop.kind:
            case SourceKind.FIELD:
                field = published.table.by_name[prop.source]
                self._set(values, field, accept(field, value, prop.name), prop)
            case SourceKind.CURRENCY:
                field = published.table.by_name[prop.source]
                code = accept(field, value, prop.name)
                local = local_currency_code(self._erp.records)
                self._set(values, field, "" if code == local else code, prop)
            case SourceKind.RELATED_ID:
                field = published.table.by_name[prop.source]
                self._set(values, field, self._code(published, prop, value), prop)
            case SourceKind.BLANK:
                # The property exists for clients that write whole records; only its blank can be kept.
                declared = Field(name=prop.name, type=prop.type)
                if accept(declared, value) != declared.blank:
                    raise refusals.dialog(f"This company keeps nothing in {prop.name}. Leave it blank.")
            case SourceKind.COMPUTED:
                self._computed[prop.source](values, prop, value)

    def _set(self, values: Values, field: Field, value: Value, prop: PublishedProperty) -> None:
        """Two properties may mean one field (`customerId`, `customerNumber`): then they must agree."""
        if values.get(field.name, value) != value:
            raise refusals.dialog(
                f"The values of {prop.name} and of its counterpart differ: {values[field.name]} and {value}. "
                "Send one of them, or both for the same record."
            )
        values[field.name] = value

    def _code(self, published: PublishedSet, prop: PublishedProperty, value: object) -> str:
        system_id = str(accept(_guid_field(prop.name), value))
        if system_id == BLANK_GUID:
            return ""
        record = self._erp.records.by_id(TABLES[prop.relation], system_id)
        if record is None:
            raise refusals.related_missing(
                published.table, published.table.by_name[prop.source], f"{prop.name} {system_id}"
            )
        return record.text(record.table.key[-1])

    def _line_type(self, values: Values, prop: PublishedProperty, value: object) -> None:
        member = find_member(prop.option, str(value))
        if member is None:
            raise refusals.unknown_option(str(value), ("Comment", "Account", "Item", "Resource"))
        values["Type"] = _LINE_TYPES.get(member, member)

    def _document_id(self, values: Values, prop: PublishedProperty, value: object) -> None:
        system_id = str(accept(_guid_field(prop.name), value))
        header = self._erp.records.by_id(TABLES["Sales_Header"], system_id)
        if header is None:
            raise refusals.dialog(f"The document {system_id} does not exist. Read the order again.")
        values["Document_Type"] = header.values["Document_Type"]
        values["Document_No"] = header.values["No"]

    def _line_item(self, values: Values, prop: PublishedProperty, value: object) -> None:
        system_id = str(accept(_guid_field(prop.name), value))
        if system_id == BLANK_GUID:
            return
        item = self._erp.records.by_id(TABLES["Item"], system_id)
        if item is None:
            raise refusals.dialog(f"The item {system_id} does not exist. Read the items again.")
        values["Type"] = "Item"
        self._set(values, TABLES["Sales_Line"].by_name["No"], item.values["No"], prop)

    def _line_account(self, values: Values, prop: PublishedProperty, value: object) -> None:
        system_id = str(accept(_guid_field(prop.name), value))
        if system_id == BLANK_GUID:
            return
        account = self._erp.records.by_id(TABLES["G_L_Account"], system_id)
        if account is None:
            raise refusals.dialog(f"The account {system_id} does not exist. Read the accounts again.")
        if values.get("Type") == "Item":
            raise refusals.dialog("A line names an item or an account, not both. Send one of the ids.")
        values["Type"] = "G/L Account"
        self._set(values, TABLES["Sales_Line"].by_name["No"], account.values["No"], prop)

    def _line_variant(self, values: Values, prop: PublishedProperty, value: object) -> None:
        system_id = str(accept(_guid_field(prop.name), value))
        variant = (
            None if system_id == BLANK_GUID else self._erp.records.by_id(TABLES["Item_Variant"], system_id)
        )
        if variant is None and system_id != BLANK_GUID:
            raise refusals.dialog(f"The variant {system_id} does not exist. Read the item's variants again.")
        values["Variant_Code"] = variant.values["Code"] if variant is not None else ""

    def _partial_shipping(self, values: Values, prop: PublishedProperty, value: object) -> None:
        values["Shipping_Advice"] = "Partial" if value is True else "Complete"


def _guid_field(name: str) -> Field:
    return Field(name=name, type=FieldType.GUID)
