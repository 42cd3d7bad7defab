"""What a service tells of a field of a table: its kind, what fits into it, and who may write it."""

from dataclasses import dataclass

from interlace.domain.values import Value


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldChoice:
    """One of the values that a field may hold."""

    value: Value
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TableField:
    """A field by its service's own account."""

    name: str
    kind: str
    """As mappings are checked by: text, whole number, decimal, boolean, date, moment, guid, lookup, virtual."""
    caption: str = ""
    """What people call it; blank where the service does not tell."""
    length: int = 0
    """How many characters fit; 0: no limit is told."""
    targets: tuple[str, ...] = ()
    """Of a lookup: the tables whose records it may point at."""
    is_read_only: bool = False
    is_key: bool = False
    """Every record has a value in it, by which its service tells it from others."""
    choices: tuple[FieldChoice, ...] = ()
    """The only values that it takes; none: any of its kind."""
    takes_others: bool = False
    """It takes one of a list that its service does not tell: `choices` are those that records hold now."""

    def choice(self, text: str) -> FieldChoice | None:
        """Return the choice that a person means by its value or its label, whatever the case."""
        wanted = text.strip().casefold()
        return next(
            (each for each in self.choices if wanted in (str(each.value).casefold(), each.label.casefold())),
            None,
        )
