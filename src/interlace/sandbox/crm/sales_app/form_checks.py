"""Checks what was typed into a form, field by field; all errors are told at once."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from interlace.sandbox.crm import errors as service_errors
from interlace.sandbox.crm.sales_app.form_body import Form, parse_number
from interlace.sandbox.crm.sales_app.record_choices import ACCOUNTS, Catalogue, meant
from interlace.sandbox.crm.sales_app.shown_records import Shown, ShownRecords
from interlace.sandbox.exchange import Refusal

_CHANGED_MEANWHILE = (
    "Somebody else changed this record while you were typing. Open it again in another window, "
    "compare, and type your change there."
)


class Checks:
    """Reads values from a form; `errors` gathers what is wrong by the name of the field."""

    def __init__(self, shown: ShownRecords, form: Form) -> None:
        self._shown = shown
        self._form = form
        self.errors: dict[str, str] = {}

    def text(
        self, name: str, caption: str, *, length_max: int, is_required: bool = False, is_long: bool = False
    ) -> str | None:
        """A text; None when the field is empty. Long texts keep the blanks around them."""
        text = self._form.raw(name) if is_long else self._form.text(name)
        if not text.strip():
            if is_required:
                self.errors[name] = f"{caption} is missing. Type it in."
            return None
        if len(text) > length_max:
            self.errors[name] = f"{caption} has {len(text):,} characters; there is room for {length_max:,}."
        return text

    def number(
        self, name: str, caption: str, *, minimum: int | None = None, maximum: int, is_required: bool = False
    ) -> Decimal | None:
        """A number within its limits; None when the field is empty or wrong."""
        text = self._form.text(name)
        if not text:
            if is_required:
                self.errors[name] = f"{caption} is missing. Type a number."
            return None
        value = parse_number(text)
        if value is None:
            self.errors[name] = f"“{text[:40]}” is no number. Write it like 1234.50."
        elif minimum is not None and value < minimum:
            self.errors[name] = f"{caption} must be {minimum:,} or more."
        elif abs(value) > maximum:
            self.errors[name] = f"{caption} must be {maximum:,} or less."
        else:
            return value
        return None

    def whole_number(self, name: str, caption: str, *, maximum: int) -> int | None:
        """A whole number from zero on; None when the field is empty or wrong."""
        value = self.number(name, caption, minimum=0, maximum=maximum)
        if value is None or value == int(value):
            return None if value is None else int(value)
        self.errors[name] = f"{caption} must be a whole number."
        return None

    def date(self, name: str) -> str | None:
        """A date; None when the field is empty or wrong."""
        text = self._form.text(name)
        if not text:
            return None
        try:
            parsed = date.fromisoformat(text)
        except ValueError:
            self.errors[name] = f"“{text[:40]}” is no date. Write it like 2026-03-31."
            return None
        if parsed.year < 1900:
            self.errors[name] = "Dates before 1900 are not kept."
        return parsed.isoformat()

    def meant(self, name: str, catalogue: Catalogue, *, is_required: bool = True) -> Shown | None:
        """The record that was typed; None when there is no single one."""
        typed = self._form.text(name)
        if not typed:
            if is_required:
                self.errors[name] = f"Which {catalogue.one}? Type its number or part of its name."
            return None
        found = meant(self._shown, catalogue, typed)
        if found.record is None:
            self.errors[name] = found.problem
        return found.record

    def account(self, name: str) -> Shown | None:
        """The account that was typed."""
        return self.meant(name, ACCOUNTS)

    def chosen(self, name: str, table: str, what: str) -> Shown | None:
        """The active record that was chosen in a selection; None when nothing was."""
        typed = self._form.text(name)
        if not typed:
            return None
        found = self._shown.find(table, typed)
        if found is None or found.state > 0:
            self.errors[name] = f"This {what} is not there any more. Choose another one."
            return None
        return found

    def price_list(self, name: str, account: Shown | None) -> Shown | None:
        """The price list that was chosen, or else the account's own."""
        chosen = self.chosen(name, "pricelevel", "price list")
        if chosen is not None or self._form.text(name) or account is None:
            return chosen
        own = self._shown.find("pricelevel", account.lookup("defaultpricelevelid"))
        return own if own is not None and own.state == 0 else None

    def said(self, refusal: Refusal) -> str:
        """What the service refused, in words for people."""
        if refusal.code == service_errors.VERSION_MISMATCH:
            return _CHANGED_MEANWHILE
        return refusal.message
