"""Writes `solution.xml`: the solution's name, version, publisher and the components at its root."""

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from interlace.solution.markup import element, labels, root, values
from interlace.solution.model import Publisher, Solution

PACKAGE_VERSION = "9.2"
"""The release of the service whose package format this is."""
TABLE_COMPONENT = "1"
ROLE_COMPONENT = "20"
WEB_RESOURCE_COMPONENT = "61"
_ALL_SUBCOMPONENTS = "0"
_SHELL_ONLY = "2"

_ADDRESS_FIELDS = (
    "AddressTypeCode",
    "City",
    "County",
    "Country",
    "Fax",
    "FreightTermsCode",
    "ImportSequenceNumber",
    "Latitude",
    "Line1",
    "Line2",
    "Line3",
    "Longitude",
    "Name",
    "PostalCode",
    "PostOfficeBox",
    "PrimaryContactName",
    "ShippingMethodCode",
    "StateOrProvince",
    "Telephone1",
    "Telephone2",
    "Telephone3",
    "TimeZoneRuleVersionNumber",
    "UPSZone",
    "UTCOffset",
    "UTCConversionTimeZoneCode",
)


def manifest(solution: Solution, *, managed: bool) -> Element:
    """Make the manifest."""
    language = solution.language
    body = element("SolutionManifest")
    values(body, {"UniqueName": solution.unique_name})
    body.append(labels("LocalizedNames", "LocalizedName", solution.friendly_name, language))
    body.append(labels("Descriptions", "Description", solution.description, language))
    values(body, {"Version": solution.version, "Managed": int(managed)})
    body.append(_publisher(solution.publisher, language))
    body.append(element("RootComponents", *_root_components(solution)))
    body.append(element("MissingDependencies"))
    return root(
        [body],
        version=f"{PACKAGE_VERSION}.0.0",
        SolutionPackageVersion=PACKAGE_VERSION,
        languagecode=str(language),
        generatedBy="Interlace",
    )


def _publisher(publisher: Publisher, language: int) -> Element:
    made = element("Publisher")
    values(made, {"UniqueName": publisher.unique_name})
    made.append(labels("LocalizedNames", "LocalizedName", publisher.friendly_name, language))
    made.append(labels("Descriptions", "Description", publisher.description, language))
    values(
        made,
        {
            "EMailAddress": None,
            "SupportingWebsiteUrl": None,
            "CustomizationPrefix": publisher.prefix,
            "CustomizationOptionValuePrefix": publisher.option_value_prefix,
        },
    )
    made.append(element("Addresses", _address(1), _address(2)))
    return made


def _address(number: int) -> Element:
    made = element("Address")
    values(made, {"AddressNumber": number, **dict.fromkeys(_ADDRESS_FIELDS)})
    return made


def _root_components(solution: Solution) -> Iterator[Element]:
    for table in sorted(solution.tables, key=lambda table: table.name):
        behavior = _ALL_SUBCOMPONENTS if table.is_new else _SHELL_ONLY
        yield element("RootComponent", type=TABLE_COMPONENT, schemaName=table.name, behavior=behavior)
    for role in sorted(solution.roles, key=lambda role: role.id):
        yield element("RootComponent", type=ROLE_COMPONENT, id=f"{{{role.id}}}", behavior=_ALL_SUBCOMPONENTS)
    for resource in solution.web_resources:
        yield element(
            "RootComponent",
            type=WEB_RESOURCE_COMPONENT,
            schemaName=resource.name,
            behavior=_ALL_SUBCOMPONENTS,
        )
