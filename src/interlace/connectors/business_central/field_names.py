"""Which names the published fields really have: captions in a language, mangled by a version, or names of controls.

Interlace calls a field as English Business Central mangles the table field's name. A page may show it otherwise; what
it is called is found in `$metadata`, by comparing letters and digits only.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from interlace.locale.german_captions import GERMAN
from interlace.odata.edm import Model

_ESCAPED: Final = re.compile(r"_x([0-9A-Fa-f]{4})_")
_OTHER: Final = re.compile(r"[\W_]+")
_LITERAL: Final = re.compile(r"('(?:[^']|'')*')")
_NAME: Final = re.compile(r"(?<![\w.])[^\W\d]\w*")
_CONTROLS: Final[Mapping[tuple[str, str], str]] = {
    ("CustomerCard", "ContactName"): "Contact",
    ("ItemCard", "InventoryField"): "Inventory",
    ("ItemList", "InventoryField"): "Inventory",
    # CRM users read this page, too, so Interlace calls the field as they do.
    ("ProductItemAvailability", "ItemNo"): "ItemNo",
}
"""Controls that are not called like their field, by service."""


def reduced(name: str) -> str:
    """Leave only what every version's mangling keeps of a caption or name."""
    text = _ESCAPED.sub(lambda found: chr(int(found.group(1), 16)), name)
    return _OTHER.sub("", text.replace("%", "Percent")).casefold()


def _candidates() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, caption in GERMAN.items():
        for text in (name, caption):
            names = found.setdefault(reduced(text), [])
            if name not in names:
                names.append(name)
    return found


_CANDIDATES: Final = _candidates()


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceNames:
    """The names of one service's fields that differ from ours."""

    shown: Mapping[str, str]
    """Name on the page by our name."""
    ours: Mapping[str, str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "ours", {shown: name for name, shown in self.shown.items()})

    def to_shown(self, text: str) -> str:
        """Rename the fields in a filter, a selection or a key, but not in its literals."""
        parts = _LITERAL.split(text)
        return "".join(part if part[:1] == "'" else self._renamed(part) for part in parts)

    def _renamed(self, text: str) -> str:
        return _NAME.sub(lambda found: self.shown.get(found.group(), found.group()), text)


def names_in(model: Model) -> dict[str, ServiceNames]:
    """Return the services on which some field is called otherwise than by us."""
    found = {}
    for service in model.sets:
        entity_type = model.type_of_set(service)
        if entity_type is None:
            continue
        shown = _shown(service, [each.name for each in model.properties_of(entity_type)])
        if shown:
            found[service] = ServiceNames(shown=shown)
    return found


def _shown(service: str, names: Iterable[str]) -> dict[str, str]:
    held = list(names)
    taken = {name for name in held if name in GERMAN}
    found: dict[str, str] = {}
    for name in held:
        if name in taken:
            continue
        ours = _CONTROLS.get((service, name)) or _ours(service, name)
        if ours is not None and ours != name and ours not in taken and ours not in found:
            found[ours] = name
    return found


def _ours(service: str, name: str) -> str | None:
    candidates = _CANDIDATES.get(reduced(name), ())
    if len(candidates) < 2:
        return next(iter(candidates), None)
    if service.endswith("Lines"):
        return next((each for each in candidates if each.startswith("Inv_")), candidates[0])
    if service.endswith("Setup"):
        return next((each for each in candidates if each.endswith("_Nos")), candidates[0])
    if service.startswith("Item"):
        return next((each for each in candidates if each.endswith("_Description")), candidates[0])
    return candidates[0]
