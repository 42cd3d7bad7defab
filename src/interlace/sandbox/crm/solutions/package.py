"""Reads a solution's zip: refuses what no service would take, and tells what is in it."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from xml.etree.ElementTree import Element

from interlace.sandbox.crm.solutions import markup
from interlace.sandbox.crm.solutions.components import Role, WebResource, read_roles, read_web_resources
from interlace.sandbox.crm.solutions.refusals import BAD_ZIP, BAD_ZIP_TEXT, GENERAL, SolutionRefused
from interlace.sandbox.crm.solutions.tables import TableChanges, read_tables

_REQUIRED = ("solution.xml", "customizations.xml", "[Content_Types].xml")
_ZIP_BYTES_MAX = 32 * 1024 * 1024
_CONTENT_BYTES_MAX = 256 * 1024 * 1024
_FILES_MAX = 10_000
_UNREADABLE = (
    *(zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error),
    *(NotImplementedError, RuntimeError, OSError, EOFError, ValueError),
)
_UNIQUE_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,64}")
_VERSION = re.compile(r"\d{1,9}(\.\d{1,9}){0,3}")
_PREFIX = re.compile(r"(?!mscrm)[A-Za-z][A-Za-z0-9]{1,7}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Publisher:
    """Who made a solution."""

    unique_name: str
    friendly_name: str
    description: str
    prefix: str
    option_value_prefix: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RootComponent:
    """One line of the manifest: the component's type, its id or name, and how much of it is included."""

    type: int
    id: str
    schema_name: str
    behavior: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingDependency:
    """Something that the package needs and does not bring: a column names its table, too."""

    type: str
    schema_name: str
    table: str
    caption: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SolutionPackage:
    """Everything in one zip that this service understands."""

    unique_name: str
    friendly_name: str
    description: str
    version: str
    managed: bool
    package_version: str
    publisher: Publisher
    roots: tuple[RootComponent, ...]
    missing: tuple[MissingDependency, ...]
    tables: TableChanges
    roles: tuple[Role, ...]
    web_resources: tuple[WebResource, ...]


def version_of(text: str) -> tuple[int, ...]:
    """A version as numbers that can be compared."""
    return tuple(int(part) for part in f"{text}.0.0.0".split(".")[:4])


@lru_cache(maxsize=4)
def read_package(content: bytes) -> SolutionPackage:
    """The package in a zip; raises `SolutionRefused`."""
    files = _files(content)
    solution = markup.document("solution.xml", files["solution.xml"])
    customizations = markup.document("customizations.xml", files["customizations.xml"])
    _check_content_types(files["[Content_Types].xml"])
    manifest = solution.find("SolutionManifest")
    if manifest is None:
        raise markup.invalid("solution.xml has no 'SolutionManifest'.")
    unique_name, version = markup.needed(manifest, "UniqueName"), markup.needed(manifest, "Version")
    if not _UNIQUE_NAME.fullmatch(unique_name):
        raise markup.invalid(f"The unique name '{unique_name}' holds more than letters, digits and '_'.")
    if not _VERSION.fullmatch(version):
        raise SolutionRefused(GENERAL, f"An invalid solution version was specified: '{version}'.")
    return SolutionPackage(
        unique_name=unique_name,
        friendly_name=markup.labels(manifest, "LocalizedNames/LocalizedName") or unique_name,
        description=markup.labels(manifest, "Descriptions/Description"),
        version=version,
        managed=markup.text(manifest, "Managed") == "1",
        package_version=solution.get("SolutionPackageVersion", ""),
        publisher=_publisher(manifest),
        roots=tuple(_root(each) for each in markup.each(manifest, "RootComponents/RootComponent")),
        missing=tuple(_missing(each) for each in markup.each(manifest, "MissingDependencies/*")),
        tables=read_tables(customizations),
        roles=tuple(read_roles(customizations)),
        web_resources=tuple(read_web_resources(customizations, files)),
    )


def _files(content: bytes) -> Mapping[str, bytes]:
    """The files of a zip, in memory and within limits."""
    if len(content) > _ZIP_BYTES_MAX:
        raise SolutionRefused(BAD_ZIP, f"The solution file has more than {_ZIP_BYTES_MAX:,} bytes.")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
            _check_entries(entries)
            files = {entry.filename: archive.read(entry) for entry in entries if not entry.is_dir()}
    except _UNREADABLE as error:
        raise SolutionRefused(BAD_ZIP, f"{BAD_ZIP_TEXT} ({error})") from error
    lacking = [name for name in _REQUIRED if name not in files]
    if lacking:
        raise SolutionRefused(BAD_ZIP, f"{BAD_ZIP_TEXT} (Missing: {', '.join(lacking)}.)")
    return files


def _check_entries(entries: list[zipfile.ZipInfo]) -> None:
    names = [entry.filename for entry in entries]
    if len(names) > _FILES_MAX:
        raise SolutionRefused(BAD_ZIP, f"The solution file holds more than {_FILES_MAX:,} files.")
    if sum(entry.file_size for entry in entries) > _CONTENT_BYTES_MAX:
        raise SolutionRefused(
            BAD_ZIP, f"The solution file unpacks to more than {_CONTENT_BYTES_MAX:,} bytes."
        )
    if len({name.lower() for name in names}) != len(names):
        raise SolutionRefused(BAD_ZIP, "The solution file holds a name twice.")
    for name in names:
        if name.startswith("/") or "\\" in name or ":" in name or ".." in name.split("/"):
            raise SolutionRefused(BAD_ZIP, f"The name '{name}' leads out of the solution file.")


def _check_content_types(content: bytes) -> None:
    """Checks that the list of content types is one; what it lists is of no use here."""
    if b"<Types" not in content or b"<!" in content:
        raise SolutionRefused(BAD_ZIP, "[Content_Types].xml does not list content types.")


def _publisher(manifest: Element) -> Publisher:
    found = manifest.find("Publisher")
    if found is None:
        raise markup.invalid("The manifest has no 'Publisher'.")
    prefix = markup.needed(found, "CustomizationPrefix")
    values = markup.number(found, "CustomizationOptionValuePrefix")
    if not _PREFIX.fullmatch(prefix) or not 10_000 <= values <= 99_999:
        raise markup.invalid(f"The prefixes '{prefix}' and {values} cannot be a publisher's.")
    unique_name = markup.needed(found, "UniqueName")
    return Publisher(
        unique_name=unique_name,
        friendly_name=markup.labels(found, "LocalizedNames/LocalizedName") or unique_name,
        description=markup.labels(found, "Descriptions/Description"),
        prefix=prefix,
        option_value_prefix=values,
    )


def _root(element: Element) -> RootComponent:
    try:
        kind, behavior = int(element.get("type", "")), int(element.get("behavior", "0"))
    except ValueError as error:
        raise markup.invalid("A root component has no type.") from error
    given = element.get("id")
    return RootComponent(
        type=kind,
        id=markup.guid(given) if given else "",
        schema_name=element.get("schemaName", "").lower(),
        behavior=behavior,
    )


def _missing(element: Element) -> MissingDependency:
    required = element.find("Required")
    facts = required.attrib if required is not None else element.attrib
    name = facts.get("schemaName", "")
    return MissingDependency(
        type=facts.get("type", ""),
        schema_name=name.lower(),
        table=facts.get("parentSchemaName", "").lower(),
        caption=facts.get("displayName") or name or facts.get("id") or "?",
    )
