"""Texts that are asked for and must not be kept: marked where they are declared."""

import re
from functools import cache
from typing import Annotated, get_type_hints

import msgspec

_MARK = "is_secret"

SECRET = msgspec.Meta(extra={_MARK: True})
"""Marks a field that holds secrets, whatever its type is."""

SecretText = Annotated[str, SECRET]
"""A password, key or code: in no log, no kept form, no answer."""

HIDDEN = "…"
"""Stands in the audit log for what was entered."""

_TELLING = frozenset({"password", "passwords", "secret", "secrets", "code", "token"})
_PARTS = re.compile(r"[-_.]")


@cache
def secret_names(asked: type[msgspec.Struct]) -> frozenset[str]:
    """Return the names of the fields that hold secrets."""
    hints = get_type_hints(asked, include_extras=True)
    return frozenset(name for name, hint in hints.items() if _is_marked(hint))


def public_fields(asked: msgspec.Struct) -> dict[str, object]:
    """Return what was asked without the secrets: of those only whether something was entered, not what."""
    hidden = secret_names(type(asked))
    values = msgspec.to_builtins(asked)
    return {name: (HIDDEN if value else value) if name in hidden else value for name, value in values.items()}


def sounds_secret(name: str) -> bool:
    """Whether a form's field is better not kept, by its name: nothing more is known of it there."""
    return not _TELLING.isdisjoint(_PARTS.split(name.lower()))


def _is_marked(hint: object) -> bool:
    marks = getattr(hint, "__metadata__", ())
    return any(isinstance(mark, msgspec.Meta) and (mark.extra or {}).get(_MARK) for mark in marks)
