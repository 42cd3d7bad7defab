"""The filter language of NAV and Business Central: what people type over a list's column.

`a|b` or, `a&b` and, `a..b` from to, `<> < <= > >= =`, `*` anything, `?` one character, `@` any case, `''` blank,
`'a|b'` quoted, `( )` first, `%today %yesterday %tomorrow %now %me`. Numbers and dates are read as their reader writes.
"""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import Enum

from interlace.domain.filter_nodes import (
    EVERYTHING,
    NOTHING,
    AllOf,
    AnyOf,
    Blank,
    Bound,
    Equal,
    Filter,
    FilterValue,
    Interval,
    Like,
    Wildcard,
    folded,
    holds,
)
from interlace.domain.filter_values import DateFormat, Formats, read_date, read_number, read_stretch
from interlace.locale.translatable import Sentence, translatable

__all__ = [
    "LENGTH_MAX",
    "DateFormat",
    "FieldKind",
    "FilterProblem",
    "FilterReason",
    "FilteredField",
    "Formats",
    "Reading",
    "parse_filter",
    "quoted",
]

LENGTH_MAX = 1_000
_PARTS_MAX = 200
_DEPTH_MAX = 20
_WILDCARDS_MAX = 10
_OPERATORS = ("<>", "<=", ">=", "<", ">", "=")
_RANGE = ".."
_WILDCARDS = {each.value: each for each in Wildcard}
_DAYS = {"today": 0, "yesterday": -1, "tomorrow": 1}


class FieldKind(Enum):
    """How a field's values are read and compared."""

    TEXT = "text"
    CODE = "code"
    """Text in capitals."""
    NUMBER = "number"
    DATE = "date"
    MOMENT = "moment"
    CHOICE = "choice"


class FilterReason(Enum):
    """What is wrong with a filter; `{found}` is what stands there."""

    NOTHING_THERE = translatable("A value is missing here.")
    NOT_CLOSED = translatable("The quotation mark that begins here is not closed.")
    PARENTHESIS_OPEN = translatable("The parenthesis that begins here is not closed.")
    PARENTHESIS_CLOSED = translatable(
        "This parenthesis closes nothing. Put text that holds parentheses in quotation marks."
    )
    TOO_LONG = translatable("The filter is too long.")
    TOO_DEEP = translatable("There are too many parentheses or values.")
    TOO_MANY_WILDCARDS = translatable("There are too many * and ? in one value.")
    NO_NUMBER = translatable("“{found}” is no number.")
    NO_DATE = translatable("“{found}” is no date.")
    NO_CHOICE = translatable("“{found}” is none of the choices.")
    NO_WILDCARDS = translatable("Only text can be filtered by * and ?.")
    UNKNOWN_NAME = translatable(
        "“{found}” is not known. Known are %today, %yesterday, %tomorrow, %now and %me."
    )
    WILDCARD_IN_RANGE = translatable("A range can't begin or end with * or ?.")


class FilterProblem(Exception):
    """A filter can't be understood: why, and where it is, counted from 0."""

    def __init__(self, reason: FilterReason, position: int, found: str = "") -> None:
        super().__init__(f"{reason.value.format(found=found)} (Position {position + 1})")
        self.reason = reason
        self.position = position
        self.found = found

    @property
    def sentence(self) -> str:
        """What is wrong, to be translated where it is shown; without the position."""
        return Sentence(self.reason.value, {"found": self.found})


@dataclass(frozen=True, slots=True, kw_only=True)
class FilteredField:
    """The kind of a field, and for choices what each is called."""

    kind: FieldKind = FieldKind.TEXT
    choices: tuple[tuple[str, str | int], ...] = ()
    """Caption and value; people may type either."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """Who reads, when, and how they write numbers and dates."""

    now: datetime
    formats: Formats = field(default_factory=Formats)
    me: str = ""

    @property
    def today(self) -> date:
        """The reader's day."""
        return self.now.astimezone(self.formats.zone).date()


def quoted(text: str) -> str:
    """Write a value so that a filter finds exactly it."""
    return "'" + text.replace("'", "''") + "'"


def parse_filter(text: str, filtered: FilteredField, reading: Reading) -> Filter:
    """Understand a filter; only blanks find everything. Raises FilterProblem."""
    if len(text) > LENGTH_MAX:
        raise FilterProblem(FilterReason.TOO_LONG, LENGTH_MAX)
    if not text.strip():
        return EVERYTHING
    return _Parser(text, filtered, reading).parse()


@dataclass(slots=True, kw_only=True)
class _Operand:
    """What stands between operators."""

    position: int
    pieces: list[str | Wildcard]
    ignore_case: bool
    is_quoted: bool

    @property
    def has_wildcards(self) -> bool:
        return any(isinstance(piece, Wildcard) for piece in self.pieces)

    @property
    def text(self) -> str:
        return "".join(piece if isinstance(piece, str) else piece.value for piece in self.pieces)

    @property
    def is_missing(self) -> bool:
        return not self.pieces and not self.is_quoted

    @property
    def is_blank(self) -> bool:
        return self.is_quoted and not self.text.strip()


class _Parser:
    """Reads from left to right; `|` binds least, then `&`."""

    def __init__(self, text: str, filtered: FilteredField, reading: Reading) -> None:
        self._text = text
        self._filtered = filtered
        self._reading = reading
        self._at = 0
        self._parts = 0

    def parse(self) -> Filter:
        found = self._alternatives(0)
        if self._at < len(self._text):
            raise FilterProblem(FilterReason.PARENTHESIS_CLOSED, self._at)
        return found

    def _alternatives(self, depth: int) -> Filter:
        parts = [self._conjunction(depth)]
        while self._take("|"):
            parts.append(self._conjunction(depth))
        return parts[0] if len(parts) == 1 else AnyOf(parts=tuple(parts))

    def _conjunction(self, depth: int) -> Filter:
        parts = [self._unit(depth)]
        while self._take("&"):
            parts.append(self._unit(depth))
        return parts[0] if len(parts) == 1 else AllOf(parts=tuple(parts))

    def _unit(self, depth: int) -> Filter:
        self._skip_blanks()
        begun = self._at
        self._parts += 1
        if depth > _DEPTH_MAX or self._parts > _PARTS_MAX:
            raise FilterProblem(FilterReason.TOO_DEEP, begun)
        if self._take("("):
            found = self._alternatives(depth + 1)
            if not self._take(")"):
                raise FilterProblem(FilterReason.PARENTHESIS_OPEN, begun)
            return found
        operator = next((each for each in _OPERATORS if self._take(each)), "")
        first = self._operand()
        if not operator and self._take(_RANGE):
            return self._range(first, self._operand())
        if first.is_missing:
            raise FilterProblem(FilterReason.NOTHING_THERE, first.position)
        return self._comparison(operator, first)

    def _take(self, sign: str) -> bool:
        self._skip_blanks()
        if not self._text.startswith(sign, self._at):
            return False
        self._at += len(sign)
        return True

    def _skip_blanks(self) -> None:
        while self._at < len(self._text) and self._text[self._at].isspace():
            self._at += 1

    def _operand(self) -> _Operand:
        self._skip_blanks()
        begun = self._at
        ignore_case = self._take("@")
        pieces: list[str | Wildcard] = []
        is_quoted, opened = False, 0
        while self._at < len(self._text):
            sign = self._text[self._at]
            if sign in "|&" or self._text.startswith(_RANGE, self._at) or (sign == ")" and not opened):
                break
            if sign == "'" and (not pieces or isinstance(pieces[-1], Wildcard)):
                _append(pieces, self._quoted_part())
                is_quoted = True
                continue
            opened += {"(": 1, ")": -1}.get(sign, 0)
            _append(pieces, _WILDCARDS.get(sign, sign))
            self._at += 1
        if pieces and isinstance(pieces[-1], str) and self._text[self._at - 1] != "'":
            pieces[-1] = pieces[-1].rstrip()
        if sum(isinstance(piece, Wildcard) for piece in pieces) > _WILDCARDS_MAX:
            raise FilterProblem(FilterReason.TOO_MANY_WILDCARDS, begun)
        pieces = [piece for piece in pieces if piece != ""]
        return _Operand(position=begun, pieces=pieces, ignore_case=ignore_case, is_quoted=is_quoted)

    def _quoted_part(self) -> str:
        begun = self._at
        at, part = begun + 1, ""
        while True:
            end = self._text.find("'", at)
            if end < 0:
                raise FilterProblem(FilterReason.NOT_CLOSED, begun)
            part += self._text[at:end]
            if not self._text.startswith("''", end):
                self._at = end + 1
                return part
            part += "'"
            at = end + 2

    # What operators and operands mean

    def _comparison(self, operator: str, operand: _Operand) -> Filter:
        negated = operator == "<>"
        if operand.has_wildcards:
            return self._pattern(operator, operand)
        if self._filtered.kind is FieldKind.CHOICE:
            return self._chosen(operator, operand)
        if operand.is_blank and operator in {"", "=", "<>"}:
            return Blank(negated=negated)
        low, high = self._stretch(operand)
        if operator in {"", "=", "<>"}:
            if high is None:
                return Equal(value=low, ignore_case=operand.ignore_case, negated=negated)
            return Interval(low=Bound(value=low), high=Bound(value=high, inclusive=False), negated=negated)
        ignore_case = operand.ignore_case
        if operator in {"<", ">="}:
            bound = Bound(value=low, inclusive=operator == ">=")
        else:
            bound = Bound(value=low if high is None else high, inclusive=(operator == "<=") is (high is None))
        if operator in {">", ">="}:
            return Interval(low=bound, ignore_case=ignore_case)
        return Interval(high=bound, ignore_case=ignore_case)

    def _range(self, first: _Operand, last: _Operand) -> Filter:
        if first.is_missing and last.is_missing:
            raise FilterProblem(FilterReason.NOTHING_THERE, first.position)
        for operand in (first, last):
            if operand.has_wildcards:
                raise FilterProblem(FilterReason.WILDCARD_IN_RANGE, operand.position)
        low = high = None
        if not first.is_missing:
            low = Bound(value=self._stretch(first)[0])
        if not last.is_missing:
            least, greatest = self._stretch(last)
            high = Bound(value=least) if greatest is None else Bound(value=greatest, inclusive=False)
        ignore_case = first.ignore_case or last.ignore_case
        if self._filtered.kind is FieldKind.CHOICE:
            return self._choices_where(Interval(low=low, high=high, ignore_case=True))
        return Interval(low=low, high=high, ignore_case=ignore_case)

    def _pattern(self, operator: str, operand: _Operand) -> Filter:
        pieces = tuple(operand.pieces)
        if operator not in {"", "=", "<>"}:
            raise FilterProblem(FilterReason.WILDCARD_IN_RANGE, operand.position)
        negated = operator == "<>"
        if self._filtered.kind is FieldKind.CHOICE:
            return self._choices_where(Like(pieces=pieces, ignore_case=True, negated=negated))
        if self._filtered.kind not in {FieldKind.TEXT, FieldKind.CODE}:
            raise FilterProblem(FilterReason.NO_WILDCARDS, operand.position)
        if self._filtered.kind is FieldKind.CODE:
            pieces = tuple(piece.upper() if isinstance(piece, str) else piece for piece in pieces)
        if pieces == (Wildcard.ANY,):
            return NOTHING if negated else EVERYTHING
        return Like(pieces=pieces, ignore_case=operand.ignore_case, negated=negated)

    def _chosen(self, operator: str, operand: _Operand) -> Filter:
        wanted = folded(operand.text)
        for caption, value in self._filtered.choices:
            if wanted in {folded(caption), folded(str(value))}:
                if operator in {"", "=", "<>"}:
                    return Equal(value=value, negated=operator == "<>")
                break
        if operator in {"", "=", "<>"}:
            raise FilterProblem(FilterReason.NO_CHOICE, operand.position, operand.text)
        bound = Bound(value=operand.text, inclusive="=" in operator)
        if operator.startswith("<"):
            return self._choices_where(Interval(high=bound, ignore_case=True))
        return self._choices_where(Interval(low=bound, ignore_case=True))

    def _choices_where(self, node: Filter) -> Filter:
        """Choices are few: which of them a condition on their captions holds for is decided at once."""
        kept = [Equal(value=value) for caption, value in self._filtered.choices if holds(node, caption)]
        return AnyOf(parts=tuple(kept))

    def _stretch(self, operand: _Operand) -> tuple[FilterValue, FilterValue | None]:
        """Return a value; of moments the first one meant and the first one behind."""
        text, at = operand.text, operand.position
        kind, formats = self._filtered.kind, self._reading.formats
        if text.startswith("%") and not operand.is_quoted:
            named = self._named(text, at)
            if named is not None:
                return named
        match kind:
            case FieldKind.TEXT | FieldKind.CHOICE:
                return text.rstrip(), None
            case FieldKind.CODE:
                return text.rstrip().upper(), None
            case FieldKind.NUMBER:
                number: Decimal | None = read_number(text, formats)
                if number is None:
                    raise FilterProblem(FilterReason.NO_NUMBER, at, text)
                return number, None
            case FieldKind.DATE:
                day = read_date(text, formats, self._reading.today)
                if day is None:
                    raise FilterProblem(FilterReason.NO_DATE, at, text)
                return day, None
            case FieldKind.MOMENT:
                found = read_stretch(text, formats, self._reading.today)
                if found is None:
                    raise FilterProblem(FilterReason.NO_DATE, at, text)
                return found

    def _named(self, text: str, at: int) -> tuple[FilterValue, FilterValue | None] | None:
        """Return what a name such as %today means; None: it is text like any other."""
        kind, name = self._filtered.kind, text[1:].strip().lower()
        if kind in {FieldKind.TEXT, FieldKind.CODE}:
            me = self._reading.me.upper() if kind is FieldKind.CODE else self._reading.me
            return (me, None) if name == "me" else None
        if name == "now" and kind is FieldKind.MOMENT:
            return self._reading.now.astimezone(UTC), None
        if name in _DAYS and kind in {FieldKind.DATE, FieldKind.MOMENT}:
            day = self._reading.today + timedelta(days=_DAYS[name])
            return (day, None) if kind is FieldKind.DATE else self._reading.formats.day_stretch(day)
        raise FilterProblem(FilterReason.UNKNOWN_NAME, at, text)


def _append(pieces: list[str | Wildcard], piece: str | Wildcard) -> None:
    """Add a piece: neighbouring texts become one, and so do neighbouring stars."""
    if isinstance(piece, str) and pieces and isinstance(pieces[-1], str):
        pieces[-1] += piece
    elif not (piece is Wildcard.ANY and pieces and pieces[-1] is Wildcard.ANY):
        pieces.append(piece)
