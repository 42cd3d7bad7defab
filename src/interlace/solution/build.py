"""Builds the package that the CRM imports; the same sources give the same bytes, on every machine."""

import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from interlace.solution.customizations import customizations
from interlace.solution.manifest import manifest
from interlace.solution.markup import document, element
from interlace.solution.model import Solution
from interlace.solution.source_files import read_sources

_LONG_AGO = (1980, 1, 1, 0, 0, 0)
_CONTENT_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
_ANY = "application/octet-stream"
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """A built solution: what it is called, its version, and the zip."""

    unique_name: str
    version: str
    roles: tuple[str, ...]
    content: bytes

    @property
    def file_name(self) -> str:
        """The name that the service itself would give the file."""
        return f"{self.unique_name}_{self.version.replace('.', '_')}.zip"


def build_solution(*, managed: bool = True) -> Package:
    """Build the integration solution from the sources that ship with Interlace; each kind once a process."""
    return _built(managed)


@cache
def _built(managed: bool) -> Package:  # noqa: FBT001 - the key of the cache
    solution = read_sources()
    return Package(
        unique_name=solution.unique_name,
        version=solution.version,
        roles=tuple(role.name for role in solution.roles),
        content=pack(solution, managed=managed),
    )


def pack(solution: Solution, *, managed: bool) -> bytes:
    """Pack a solution; entries are sorted, undated and stored as they are, so that nothing depends on the machine."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for name, content in sorted(_entries(solution, managed=managed)):
            entry = zipfile.ZipInfo(name, _LONG_AGO)
            entry.create_system = 0
            archive.writestr(entry, content)
    return target.getvalue()


def _entries(solution: Solution, *, managed: bool) -> Iterator[tuple[str, bytes]]:
    yield "solution.xml", document(manifest(solution, managed=managed))
    yield "customizations.xml", document(customizations(solution))
    yield "[Content_Types].xml", _content_types(solution)
    for resource in solution.web_resources:
        yield resource.entry, resource.content


def _content_types(solution: Solution) -> bytes:
    parts = [element("Default", Extension="xml", ContentType=_ANY)]
    parts += [
        element("Override", PartName=f"/{resource.entry}", ContentType=_ANY)
        for resource in solution.web_resources
    ]
    return _BYTE_ORDER_MARK + document(element("Types", *parts, xmlns=_CONTENT_TYPES))
