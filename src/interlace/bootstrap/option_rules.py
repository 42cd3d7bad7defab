"""How an option of the ERP travels as text: as people read it in the CRM, and as its page takes it on the way back."""

from dataclasses import dataclass
from typing import Final

from interlace.connectors.business_central.option_names import escaped, unescaped
from interlace.domain.values import Value
from interlace.locale.translatable import translatable

_BLANK: Final = escaped(" ")
"""An option that is blank is not nothing, but its member without a name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OptionAsText:
    """Write an option as people read it."""

    def apply(self, value: Value) -> Value:
        """Return its caption; the one without a name is blank."""
        return unescaped(value).strip() if isinstance(value, str) else value

    def describe(self) -> str:
        """Say in a few words what the rule does."""
        return translatable("as people read the option")


@dataclass(frozen=True, slots=True, kw_only=True)
class TextAsOption:
    """Spell an option as its page sends it."""

    def apply(self, value: Value) -> Value:
        """Return its name on the wire."""
        if value is None or value == "":
            return _BLANK
        return escaped(value) if isinstance(value, str) else value

    def describe(self) -> str:
        """Say in a few words what the rule does."""
        return translatable("as its page spells the option")
