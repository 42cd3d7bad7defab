"""The checks of a package: our own passes, and every kind of damage is told."""

import io
import zipfile

import pytest

from interlace.solution.build import build_solution
from interlace.solution.checks import package_problems
from interlace.solution.xml_schema import schema


def changed(name: str, before: str, after: str) -> bytes:
    """Return the package with a change in one of its files."""
    target = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(build_solution().content)) as source,
        zipfile.ZipFile(target, "w") as archive,
    ):
        for entry in source.namelist():
            content = source.read(entry)
            if entry == name:
                assert before.encode() in content
                content = content.replace(before.encode(), after.encode(), 1)
            archive.writestr(entry, content)
    return target.getvalue()


@pytest.mark.parametrize("managed", [True, False])
def test_our_package_is_valid(*, managed: bool) -> None:
    """The built package is valid by both schemas, and its parts fit together."""
    assert package_problems(build_solution(managed=managed).content) == ()


SCHEMA_DAMAGE = [
    ("solution.xml", "<Managed>1</Managed>", "<Managed>yes</Managed>", "'yes' is no Managed"),
    ("solution.xml", "<Version>1", "<Version>v1", "is no Version"),
    ("solution.xml", "<UniqueName>interlace</UniqueName>", "", "UniqueName is missing"),
    ("solution.xml", ' behavior="2"', "", "the attribute behavior is missing"),
    ("solution.xml", "<MissingDependencies />", "<MissingDependencies>x</MissingDependencies>", "no text"),
    ("solution.xml", '<City xsi:nil="true" />', '<City xsi:nil="true">x</City>', "nil, but not empty"),
    ("customizations.xml", "<Workflows />", "<Workflows /><Processes />", "Processes does not belong here"),
    ("customizations.xml", "<Type>bigint</Type>", "<Type>long</Type>", "'long' is no AttributeType"),
    ("customizations.xml", 'level="Global"', 'level="Everything"', "'Everything' is no Depth"),
    ("customizations.xml", "<Format>text</Format>", "<Format>Text</Format>", "'Text' is no Format"),
    ("customizations.xml", "<MaxLength>36<", "<MaxLength>0<", "'0' is no positiveInteger"),
    ("customizations.xml", ">Account</Name>", ' extra="1">Account</Name>', "the attribute extra is unknown"),
]


@pytest.mark.parametrize(("name", "before", "after", "problem"), SCHEMA_DAMAGE)
def test_schemas_tell_what_is_wrong(name: str, before: str, after: str, problem: str) -> None:
    """A document that leaves its schema is refused with the place and the reason."""
    found = package_problems(changed(name, before, after))
    assert all(each.startswith(f"{name}: /ImportExportXml") for each in found)
    assert any(problem in each for each in found), found


PARTS_THAT_DONT_FIT = [
    ("solution.xml", 'schemaName="account"', 'schemaName="lead"', "solution.xml lists lead"),
    ("customizations.xml", "<LogicalName>ilc_erprecord<", "<LogicalName>erprecord<", "prefix ilc_"),
    (
        "customizations.xml",
        "<ReferencingAttributeName>ilc_accountid<",
        "<ReferencingAttributeName>ilc_customerid<",
        "ilc_AccountStatistics.ilc_accountid is a lookup without a relationship",
    ),
    (
        "customizations.xml",
        "<AttributeName>ilc_erpkey<",
        "<AttributeName>ilc_erpno<",
        "The key ilc_erprecord of Account names the column ilc_erpno",
    ),
    ("customizations.xml", "<Length>500<", "<Length>800<", "more than 900 bytes"),
    ("customizations.xml", "$webresource:ilc_availability.js", "$webresource:ilc_other.js", "ilc_other.js"),
    ("[Content_Types].xml", "/WebResources/ilc_availabilityjs", "/WebResources/x", "has no content type"),
]


@pytest.mark.parametrize(("name", "before", "after", "problem"), PARTS_THAT_DONT_FIT)
def test_parts_that_do_not_fit_are_told(name: str, before: str, after: str, problem: str) -> None:
    """What the service would refuse only while importing is told before."""
    found = package_problems(changed(name, before, after))
    assert any(problem in each for each in found), found


def test_files_nobody_names_and_names_without_file_are_told() -> None:
    """Web resources and files of the package belong to each other."""
    lost = changed("customizations.xml", "<FileName>/WebResources/ilc_", "<FileName>/WebResources/x_")
    found = package_problems(lost)
    assert any("is named but not in the package" in each for each in found)
    assert any("is in the package but not named" in each for each in found)


def test_another_document_is_refused_at_its_root() -> None:
    """A document of another kind is told at once."""
    assert list(schema("manifest").problems(b"<Solution />")) == [
        "/Solution: the document must be an ImportExportXml"
    ]
