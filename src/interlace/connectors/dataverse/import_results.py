"""Reads what an import job tells about each component, from the XML that the CRM keeps in the job."""

from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree.ElementTree import Element, ParseError

from defusedxml import ElementTree
from defusedxml.common import DefusedXmlException

_SUCCESS = "success"
_NAMES = ("LocalizedName", "name", "Name", "id")


@dataclass(frozen=True, slots=True, kw_only=True)
class ComponentResult:
    """How the import of one component ended, if it did not simply succeed."""

    component: str
    """Kind and name, such as `entity account`."""
    result: str
    code: str
    text: str

    @property
    def is_failure(self) -> bool:
        """Tell a failure from a warning."""
        return self.result not in {_SUCCESS, "warning"}

    def __str__(self) -> str:
        code = f" ({self.code})" if self.code not in {"", "0"} else ""
        return f"{self.component}: {self.text.rstrip('.') or self.result}{code}"


def component_results(document: str) -> tuple[ComponentResult, ...]:
    """Return what did not simply succeed, failures first; a document that can't be read tells nothing."""
    if not document.strip():
        return ()
    try:
        root = ElementTree.fromstring(document)
    except (ParseError, DefusedXmlException, ValueError):
        return ()
    found = [each for each in _results(root) if each.result != _SUCCESS]
    return tuple(sorted(dict.fromkeys(found), key=lambda each: not each.is_failure))


def _results(root: Element) -> Iterator[ComponentResult]:
    for component in root.iter():
        for result in component.findall("result"):
            name = next((component.get(each) for each in _NAMES if component.get(each)), "")
            yield ComponentResult(
                component=f"{component.tag} {name}".rstrip(),
                result=result.get("result", _SUCCESS),
                code=result.get("errorcode", ""),
                text=result.get("errortext", ""),
            )
