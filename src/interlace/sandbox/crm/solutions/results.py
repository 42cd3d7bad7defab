"""What became of each component of a package: the XML in the data of an import job."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from xml.etree.ElementTree import Element, SubElement, tostring

from interlace.sandbox.crm.solutions.package import SolutionPackage

_EPOCH_TICKS = 621_355_968_000_000_000
SECTIONS = (
    ("solutionManifests", "solutionManifest"),
    ("entities", "entity"),
    ("optionSets", "optionSet"),
    ("entityRelationships", "entityRelationship"),
    ("securityroles", "securityrole"),
    ("webResources", "webResource"),
    ("rootComponents", "rootComponent"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ComponentResult:
    """One component: the section it stands in, its id and caption, and why it failed if it did."""

    section: str
    id: str
    caption: str
    error_code: str = "0"
    error_text: str = ""
    processed: bool = True


def planned_results(package: SolutionPackage) -> list[ComponentResult]:
    """All components of a package, none of them dealt with yet."""
    listed = [("solutionManifest", package.unique_name, package.friendly_name)]
    listed += [("entity", name, caption) for name, caption in package.tables.captions]
    listed += [
        ("optionSet", each.name, each.name) for each in package.tables.entries if each.kind == "choice"
    ]
    listed += [
        ("entityRelationship", each.name, each.name)
        for each in package.tables.entries
        if each.kind == "relationship"
    ]
    listed += [("securityrole", f"{{{role.id}}}", role.name) for role in package.roles]
    listed += [("webResource", f"{{{each.id}}}", each.name) for each in package.web_resources]
    listed += [
        ("rootComponent", f"{{{root.id}}}" if root.id else root.schema_name, str(root.type))
        for root in package.roots
    ]
    return [
        ComponentResult(section=section, id=name, caption=caption, processed=False)
        for section, name, caption in listed
    ]


def succeeded(results: Iterable[ComponentResult]) -> list[ComponentResult]:
    """The same components, all of them done."""
    return [replace(each, processed=True) for each in results]


def failed(
    results: Iterable[ComponentResult], component: str, code: str, message: str
) -> list[ComponentResult]:
    """The same components with the failure at the one that caused it, else at the manifest."""
    listed = list(results)
    place = next((number for number, each in enumerate(listed) if each.id == component), 0)
    if not listed:
        return [
            ComponentResult(
                section="solutionManifest", id="", caption="", error_code=code, error_text=message
            )
        ]
    guilty = replace(listed[place], error_code=code, error_text=message, processed=True)
    return [*listed[:place], guilty, *listed[place + 1 :]]


def results_document(
    results: Iterable[ComponentResult], *, start: datetime, moment: datetime, progress: float
) -> str:
    """The XML that tells the results."""
    root = Element(
        "importexportxml",
        start=str(_ticks(start)),
        stop=str(_ticks(moment)),
        progress=f"{progress:g}",
        processed="true",
    )
    listed = list(results)
    for section, single in SECTIONS:
        place = SubElement(root, section)
        for each in listed:
            if each.section != single:
                continue
            element = SubElement(
                place,
                single,
                id=each.id,
                LocalizedName=each.caption,
                processed="true" if each.processed else "false",
            )
            if not each.processed:
                continue
            SubElement(
                element,
                "result",
                result="failure" if each.error_text else "success",
                errorcode=each.error_code,
                errortext=each.error_text,
                datetime=f"{moment:%H:%M:%S}.{moment.microsecond // 10_000:02d}",
                datetimeticks=str(_ticks(moment)),
            )
    return tostring(root, encoding="unicode")


def spreadsheet(results: Iterable[ComponentResult], moment: datetime) -> str:
    """The results as the table that people download."""
    name = "urn:schemas-microsoft-com:office:spreadsheet"
    book = Element("Workbook", {"xmlns": name, "xmlns:ss": name})
    table = SubElement(SubElement(book, "Worksheet", {"ss:Name": "Components"}), "Table")
    lines = [("Time", "Type", "Id", "Display Name", "Status", "Error Code", "Error Text")]
    lines += [
        (
            f"{moment:%H:%M:%S}",
            each.section,
            each.id,
            each.caption,
            ("Failure" if each.error_text else "Success") if each.processed else "Not processed",
            each.error_code,
            each.error_text,
        )
        for each in results
    ]
    for line in lines:
        row = SubElement(table, "Row")
        for value in line:
            SubElement(SubElement(row, "Cell"), "Data", {"ss:Type": "String"}).text = value
    return tostring(book, encoding="unicode")


def _ticks(moment: datetime) -> int:
    """Tenths of a microsecond since the year 1, as the service counts."""
    return _EPOCH_TICKS + int(moment.timestamp() * 10_000_000)
