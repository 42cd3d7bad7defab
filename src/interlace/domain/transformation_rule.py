"""Pure changes of a value on its way from one side to the other."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Protocol

from interlace.domain.values import Value
from interlace.locale.translatable import joined, translatable


class TransformationRule(Protocol):
    """One pure change of a value; raises ValueError with words for users when it cannot be made."""

    def apply(self, value: Value) -> Value:
        """Return the changed value."""
        ...

    def describe(self) -> str:
        """Say in a few words what the rule does."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Prefix:
    """Put a text before the value; a blank stays blank."""

    text: str

    def apply(self, value: Value) -> Value:
        """Return the value behind the prefix."""
        return value if value is None or value == "" else f"{self.text}{value}"

    def describe(self) -> str:
        """Say in a few words what the rule does."""
        return translatable("behind {text}", text=repr(self.text))


@dataclass(frozen=True, slots=True, kw_only=True)
class NotBelowZero:
    """Raise a negative amount to zero, as the CRM refuses negative prices and quantities."""

    def apply(self, value: Value) -> Value:
        """Return the amount, or zero for a negative one."""
        if isinstance(value, Decimal | int) and value < 0:
            return Decimal(0)
        return value

    def describe(self) -> str:
        """Say in a few words what the rule does."""
        return translatable("not below zero")


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundTo:
    """Round an amount half away from zero to a number of decimals that the other side can keep."""

    decimals: int

    def apply(self, value: Value) -> Value:
        """Return the rounded amount."""
        if isinstance(value, Decimal):
            return value.quantize(Decimal(1).scaleb(-self.decimals), rounding=ROUND_HALF_UP)
        return value

    def describe(self) -> str:
        """Say in a few words what the rule does."""
        return translatable("rounded to {count} decimals", count=self.decimals)


@dataclass(frozen=True, slots=True, kw_only=True)
class Truncate:
    """Cut a text to a length, where a mapping declares that its tail may go."""

    length: int

    def apply(self, value: Value) -> Value:
        """Return the first characters of the text."""
        return value[: self.length].rstrip() if isinstance(value, str) else value

    def describe(self) -> str:
        """Say in a few words what the rule does."""
        return translatable("cut to {count} characters", count=self.length)


@dataclass(frozen=True, slots=True, kw_only=True)
class StartOfDay:
    """Make a date a moment: where the other side's column holds a time, too, it is midnight in UTC."""

    def apply(self, value: Value) -> Value:
        """Return the first moment of the day."""
        return f"{value}T00:00:00Z" if isinstance(value, str) and len(value) == 10 else value

    def describe(self) -> str:
        """Say in a few words what the rule does."""
        return translatable("the beginning of that day")


@dataclass(frozen=True, slots=True, kw_only=True)
class UpperCase:
    """Write a text in capitals, as code fields hold it."""

    def apply(self, value: Value) -> Value:
        """Return the text in capitals."""
        return value.upper() if isinstance(value, str) else value

    def describe(self) -> str:
        """Say in a few words what the rule does."""
        return translatable("in capitals")


@dataclass(frozen=True, slots=True, kw_only=True)
class Replace:
    """Replace a whole value by another one (such as a country's code by its name)."""

    pairs: tuple[tuple[Value, Value], ...]

    def apply(self, value: Value) -> Value:
        """Return the partner of a listed value; others pass unchanged."""
        for old, new in self.pairs:
            if old == value and isinstance(old, bool) == isinstance(value, bool):
                return new
        return value

    def describe(self) -> str:
        """Say in a few words what the rule does."""
        return _describe_pairs(self.pairs)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choose:
    """Map every expected value to a choice of the other side, and the rest to a default."""

    pairs: tuple[tuple[Value, Value], ...]
    otherwise: Value = None

    def apply(self, value: Value) -> Value:
        """Return the partner of a listed value, or the default."""
        for old, new in self.pairs:
            if old == value and isinstance(old, bool) == isinstance(value, bool):
                return new
        return self.otherwise

    def describe(self) -> str:
        """Say in a few words what the rule does."""
        if self.otherwise is None:
            otherwise = translatable("else blank")
        else:
            otherwise = translatable("else {value}", value=str(self.otherwise))
        return joined([_describe_pairs(self.pairs), otherwise], ", ")


def _describe_pairs(pairs: tuple[tuple[Value, Value], ...]) -> str:
    return joined(
        (translatable("{old} becomes {new}", old=str(old), new=str(new)) for old, new in pairs), ", "
    )


def apply_rules(rules: tuple[TransformationRule, ...], value: Value) -> Value:
    """Apply the rules in order."""
    for rule in rules:
        value = rule.apply(value)
    return value


Transform = Callable[[Value], Value]
