"""Everything that is written for people, in the reader's language, number format and time zone.

English needs no catalogue: the texts in the program are English. Values are inserted as text, never as markup.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property
from typing import Literal, TypeAlias

from babel import Locale, dates, lists, numbers

from interlace.locale.catalogues import PLURAL_FORMS, Catalogue, catalogue
from interlace.locale.languages import SOURCE, offered
from interlace.locale.translatable import Amount, Sentence, Value, translatable
from interlace.ui.captions import Captions
from interlace.ui.explained import Explained
from interlace.ui.keys import KEYS
from interlace.ui.tour import STOPS

Length = Literal["short", "medium", "long"]
# The methods that write them bear the names of the types.
Day: TypeAlias = date
Moment: TypeAlias = datetime
TimeOfDay: TypeAlias = time

_UNITS = (
    (translatable("{count} d"), 86_400),
    (translatable("{count} h"), 3600),
    (translatable("{count} min"), 60),
    (translatable("{count} s"), 1),
)


@dataclass(frozen=True, kw_only=True)
class Words:
    """One reader's language; `t` and `n` translate, the rest writes values."""

    name: str = SOURCE
    """Language and territory, such as `nb_NO`."""
    catalogue: Catalogue = field(default_factory=dict, repr=False)
    time_zone: tzinfo = UTC
    meanings: Mapping[str, str] = field(default_factory=dict, repr=False)
    """What captions mean, by the English caption: it becomes their tooltip."""

    @property
    def language(self) -> str:
        """The language as HTML's `lang` wants it, such as `nb-NO`."""
        return self.name.replace("_", "-")

    @cached_property
    def locale(self) -> Locale:
        """The language's formats."""
        return Locale.parse(self.name)

    @cached_property
    def captions(self) -> Captions:
        """What components bring along themselves, in this language."""
        return Captions(
            language=self.language,
            skip_to_content=self.t("Skip to content"),
            main_menu=self.t("Main menu"),
            switch_connection=self.t("Switch connection"),
            sections=self.t("Pages of this part"),
            signed_in_as=self.t("Signed in as"),
            sign_out=self.t("Sign out"),
            search=self.t("Search"),
            clear_search=self.t("Show all"),
            first_page=self.t("First"),
            previous_page=self.t("Previous"),
            next_page=self.t("Next"),
            pages=self.t("Pages"),
            views=self.t("Views"),
            shown_of_total=self.pattern("{first}–{last} of {total}"),
            back=self.t("Back"),
            actions=self.t("Actions"),
            facts=self.t("Facts"),
            about_this_page=self.t("About this page"),
            yes=self.t("Yes"),
            no=self.t("No"),
            close=self.t("Close"),
            not_renewed_since=self.pattern("What is shown has not been renewed since {time}."),
            look_again=self.t("Look again"),
            working=self.t("Working …"),
            dismiss=self.t("Dismiss"),
            details=self.t("Details to copy"),
            details_explained=self.t("Open what tells the people who help you what happened."),
            copy=self.t("Copy Details"),
            copy_explained=self.t("Put the details on the clipboard."),
            copied=self.t("Copied"),
            take_the_tour=self.t("Take the Tour"),
            tour_explained=self.t("Go from part to part of this page and read what each is for."),
            stop_of_stops=self.pattern("{number} of {total}"),
            stops=tuple((each.part, self.t(each.text)) for each in STOPS),
            time_zone=str(self.time_zone),
            keys=self.t("Keys"),
            key_list=tuple((each.shown, self.t(each.text), each.needs) for each in KEYS),
        )

    def t(self, text: str, /, **values: Value) -> str:
        """Translate a text and fill its values in; raises KeyError if one of them is missing.

        Numbers, dates and times are written as the language does; give a port or a number of a record as `str`.
        A caption whose meaning is known brings it along.
        """
        said = self._filled(("", text), text, values)
        meaning = self.meanings.get(text) if self.meanings and not values else None
        return said if meaning is None else Explained(said, self.pattern(meaning))

    def c(self, context: str, text: str, /, **values: Value) -> str:
        """Translate a text that means several things in English; `context` tells which."""
        return self._filled((context, text), text, values)

    def n(self, singular: str, plural: str, /, count: int, **values: Value) -> str:
        """Translate a text in the form that `count` needs, which `{count}` writes."""
        forms = self.catalogue.get(("", singular))
        if forms is None or len(forms) == 1:
            forms = (singular,) if count == 1 else (plural,)
        pattern = forms[self._form(count)] if len(forms) > 1 else forms[0]
        return pattern.format_map(self._written({**values, "count": count}))

    def pattern(self, text: str) -> str:
        """Translate a text and leave the places of its values open."""
        return self.catalogue.get(("", text), (text,))[0]

    def date(self, value: Day, length: Length = "medium") -> str:
        """Write a day."""
        day = self._here(value) if isinstance(value, Moment) else value
        return dates.format_date(day, length, locale=self.locale)

    def time(self, value: Moment | TimeOfDay, *, seconds: bool = False) -> str:
        """Write a time of day."""
        moment = self._here(value) if isinstance(value, Moment) else value
        return dates.format_time(moment, "medium" if seconds else "short", locale=self.locale)

    def datetime(self, value: Moment, *, seconds: bool = False, zone: bool = False) -> str:
        """Write a moment in the reader's time zone, which `zone` names behind it."""
        here = self._here(value)
        pattern = str(dates.get_datetime_format("medium", locale=self.locale)).replace("'", "")
        written = pattern.replace("{0}", self.time(here, seconds=seconds)).replace("{1}", self.date(here))
        return f"{written} {self.zone(here)}" if zone else written

    def zone(self, at: Moment) -> str:
        """Write how far the reader's time zone is from universal time at a moment, such as GMT+13:00."""
        return dates.get_timezone_gmt(self._here(at), width="long", locale=self.locale)

    def number(self, value: Decimal | float, digits: int | None = None) -> str:
        """Write a number; with `digits` it always has that many decimals."""
        if digits is None:
            return numbers.format_decimal(value, locale=self.locale, decimal_quantization=False)
        rounded = Decimal(str(value)).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)
        places = "." + "0" * digits if digits else ""
        return numbers.format_decimal(rounded, format=f"#,##0{places}", locale=self.locale)

    def money(self, value: Decimal, currency: str = "", digits: int = 2) -> str:
        """Write an amount with its currency's code; blank for the local currency, whose code is not shown."""
        amount = self.number(value, digits)
        return f"{amount}\N{NO-BREAK SPACE}{currency}" if currency else amount

    def percent(self, value: Decimal | float) -> str:
        """Write a share: 0.25 as 25%."""
        return numbers.format_percent(value, locale=self.locale, decimal_quantization=False)

    def duration(self, value: timedelta) -> str:
        """Write how long something takes in its two largest units."""
        seconds = max(0, round(value.total_seconds()))
        parts: list[str] = []
        for unit, size in _UNITS:
            count, seconds = divmod(seconds, size)
            if count or (not parts and size == 1):
                parts.append(self.t(unit, count=count))
            elif parts:
                break
        return " ".join(parts[:2])

    def relative(self, value: Moment, now: Moment) -> str:
        """Write how far a moment is from now: “5 minutes ago”, “in 2 hours”."""
        return dates.format_timedelta(value - now, add_direction=True, threshold=1, locale=self.locale)

    def listed(self, texts: list[str]) -> str:
        """Write several things as the language does: “a, b, and c”."""
        return lists.format_list(texts, locale=self.locale)

    def _filled(self, key: tuple[str, str], text: str, values: Mapping[str, Value]) -> str:
        if isinstance(text, Sentence):
            return self._filled((key[0], text.pattern), text.pattern, {**text.values, **values})
        return self.catalogue.get(key, (text,))[0].format_map(self._written(values))

    def _written(self, values: Mapping[str, Value]) -> dict[str, str]:
        return {name: self._value(value) for name, value in values.items()}

    def _value(self, value: Value) -> str:
        match value:
            case Sentence():
                return self.t(value)
            case str():
                return value
            case Moment():
                return self.datetime(value)
            case Day():
                return self.date(value)
            case timedelta():
                return self.duration(value)
            case Amount():
                return self.number(value, len(f"{value}".partition(".")[2]))
            case _:
                return self.number(value)

    def _form(self, count: int) -> int:
        forms = PLURAL_FORMS[self.locale.language]
        name = self.locale.plural_form(count)
        return forms.index(name) if name in forms else len(forms) - 1

    def _here(self, value: Moment) -> Moment:
        assert value.tzinfo is not None, "a time without a zone"
        return value.astimezone(self.time_zone)


def words_of(language: str = "", time_zone: tzinfo = UTC) -> Words:
    """Return the words of a language such as `nb_NO`, `nb` or `es-ES`; of one that isn't offered, English."""
    name = offered(language) or SOURCE
    return Words(name=name, catalogue=catalogue(name), time_zone=time_zone)


ENGLISH = Words()
