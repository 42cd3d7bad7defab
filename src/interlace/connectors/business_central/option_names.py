"""How the ERP spells the members of an option on the wire: characters that names can't hold go by their number."""

import re

_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")
_NO_NAME = re.compile("[^A-Za-z0-9_]")


def unescaped(name: str) -> str:
    """Return a member's name as people read it."""
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), name)


def escaped(caption: str) -> str:
    """Return what the wire says for a member's caption; a name of the wire stays as it is."""
    return _NO_NAME.sub(lambda found: f"_x{ord(found[0]):04X}_", caption)


def is_escaped(name: str) -> bool:
    """Tell whether only a member of an option can be spelled so."""
    return _ESCAPED.search(name) is not None
