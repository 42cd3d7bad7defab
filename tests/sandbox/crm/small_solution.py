"""A small solution written for tests: a table with all kinds of columns, additions to accounts, role, file."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field

ROLE_ID = "6d1f0a52-6d0b-4a3c-9f3e-0c8b7a5d4e21"
FILE_ID = "0f7c2a11-3b4d-4e5f-8a6b-7c8d9e0f1a2b"
CONTENT_TYPES = (
    '\ufeff<?xml version="1.0" encoding="utf-8"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/'
    'content-types"><Default Extension="xml" ContentType="application/octet-stream" /></Types>'
)


def attribute(name: str, kind: str, more: str = "", *, caption: str = "", mask: str = "") -> str:
    """One column."""
    return (
        f'<attribute PhysicalName="{name}"><Type>{kind}</Type><Name>{name.lower()}</Name>'
        f"<LogicalName>{name.lower()}</LogicalName><RequiredLevel>none</RequiredLevel>"
        f"<DisplayMask>{mask}</DisplayMask>{more}"
        f'<displaynames><displayname description="{caption or name}" languagecode="1033" /></displaynames>'
        "</attribute>"
    )


def options(*pairs: tuple[int, str]) -> str:
    """The options of a choice."""
    listed = "".join(
        f'<option value="{value}"><labels><label description="{text}" languagecode="1033" /></labels></option>'
        for value, text in pairs
    )
    return f"<options>{listed}</options>"


COLOURS = '<optionset Name="tst_vehicle_colour"><IsGlobal>0</IsGlobal>{}</optionset>'
VEHICLE = (
    attribute("tst_VehicleId", "primarykey")
    + attribute("tst_Name", "nvarchar", "<MaxLength>80</MaxLength>", mask="PrimaryName|ValidForForm")
    + attribute("tst_Plate", "nvarchar", "<MaxLength>20</MaxLength>")
    + attribute("tst_Doors", "int", "<MinValue>2</MinValue><MaxValue>9</MaxValue>")
    + attribute("tst_Price", "money", "<Accuracy>2</Accuracy>")
    + attribute("tst_Bought", "datetime", "<Format>date</Format><Behavior>2</Behavior>")
    + attribute("tst_Colour", "picklist", COLOURS.format(options((1, "Red"), (2, "Blue"))))
    + attribute("tst_Fuel", "picklist", "<OptionSetName>tst_fuel</OptionSetName>")
    + attribute("tst_Electric", "bit")
    + attribute("tst_AccountId", "lookup")
)
KEY = (
    "<EntityKeys><EntityKey><Name>tst_ByPlate</Name><LogicalName>tst_byplate</LogicalName><EntityKeyAttributes>"
    "<AttributeName>tst_plate</AttributeName></EntityKeyAttributes></EntityKey></EntityKeys>"
)
ACCOUNT = attribute("tst_Grade", "nvarchar", "<MaxLength>10</MaxLength>", caption="Grade")
ACCOUNT_KEY = (
    KEY.replace("tst_plate<", "tst_grade<").replace("ByPlate", "ByGrade").replace("byplate", "bygrade")
)
PRIVILEGES = {"prvReadAccount": "Global", "prvReadtst_Vehicle": "Local", "prvCreatetst_Vehicle": "Basic"}


@dataclass(frozen=True, kw_only=True)
class SmallSolution:
    """What the zip is made of."""

    version: str = "1.0.0.0"
    managed: bool = True
    publisher: str = "testers"
    vehicle: str = VEHICLE
    vehicle_keys: str = KEY
    account: str = ACCOUNT
    account_keys: str = ""
    fuels: str = options((1, "Petrol"), (2, "Diesel"))
    privileges: Mapping[str, str] = field(default_factory=lambda: dict(PRIVILEGES))
    role_name: str = "Driver"
    roots: str = (
        '<RootComponent type="1" schemaName="account" behavior="2" />'
        '<RootComponent type="1" schemaName="tst_vehicle" behavior="0" />'
        f'<RootComponent type="20" id="{{{ROLE_ID}}}" behavior="0" />'
        '<RootComponent type="61" schemaName="tst_page.html" behavior="0" />'
    )
    missing: str = ""
    page: bytes = b"<html></html>"

    def manifest(self) -> str:
        """solution.xml."""
        return (
            '<?xml version="1.0" encoding="utf-8"?>'
            '<ImportExportXml version="9.2.0.0" SolutionPackageVersion="9.2" languagecode="1033">'
            "<SolutionManifest><UniqueName>Fleet</UniqueName><LocalizedNames>"
            '<LocalizedName description="Our Fleet" languagecode="1033" /></LocalizedNames><Descriptions />'
            f"<Version>{self.version}</Version><Managed>{int(self.managed)}</Managed>"
            f"<Publisher><UniqueName>{self.publisher}</UniqueName><LocalizedNames>"
            '<LocalizedName description="Testers" languagecode="1033" /></LocalizedNames>'
            "<CustomizationPrefix>tst</CustomizationPrefix>"
            "<CustomizationOptionValuePrefix>51000</CustomizationOptionValuePrefix></Publisher>"
            f"<RootComponents>{self.roots}</RootComponents>"
            f"<MissingDependencies>{self.missing}</MissingDependencies></SolutionManifest></ImportExportXml>"
        )

    def customizations(self) -> str:
        """customizations.xml."""
        held = "".join(
            f'<RolePrivilege name="{name}" level="{depth}" />' for name, depth in self.privileges.items()
        )
        return (
            '<?xml version="1.0" encoding="utf-8"?><ImportExportXml><Entities>'
            '<Entity><Name LocalizedName="Account" OriginalName="Account">Account</Name><EntityInfo>'
            f'<entity Name="Account" unmodified="1"><attributes>{self.account}</attributes>{self.account_keys}'
            "</entity></EntityInfo></Entity>"
            '<Entity><Name LocalizedName="Vehicle" OriginalName="Vehicle">tst_Vehicle</Name><EntityInfo>'
            '<entity Name="tst_Vehicle"><LocalizedNames>'
            '<LocalizedName description="Vehicle" languagecode="1033" /></LocalizedNames>'
            f"<attributes>{self.vehicle}</attributes>{self.vehicle_keys}"
            "<EntitySetName>tst_vehicles</EntitySetName><OwnershipTypeMask>UserOwned</OwnershipTypeMask>"
            "<ChangeTrackingEnabled>1</ChangeTrackingEnabled></entity></EntityInfo></Entity></Entities>"
            f'<Roles><Role id="{{{ROLE_ID}}}" name="{self.role_name}"><RolePrivileges>{held}</RolePrivileges>'
            "</Role></Roles><EntityRelationships>"
            '<EntityRelationship Name="tst_account_vehicle">'
            "<EntityRelationshipType>OneToMany</EntityRelationshipType>"
            "<ReferencingEntityName>tst_Vehicle</ReferencingEntityName>"
            "<ReferencedEntityName>Account</ReferencedEntityName><CascadeDelete>Cascade</CascadeDelete>"
            "<ReferencingAttributeName>tst_accountid</ReferencingAttributeName></EntityRelationship>"
            '</EntityRelationships><optionsets><optionset Name="tst_fuel">'
            '<displaynames><displayname description="Fuel" languagecode="1033" /></displaynames>'
            f"{self.fuels}</optionset></optionsets><WebResources><WebResource>"
            f"<WebResourceId>{{{FILE_ID}}}</WebResourceId><Name>tst_page.html</Name><DisplayName>Page</DisplayName>"
            f"<WebResourceType>1</WebResourceType><FileName>/WebResources/tst_pagehtml{FILE_ID}</FileName>"
            "</WebResource></WebResources></ImportExportXml>"
        )

    def files(self) -> dict[str, bytes]:
        """The files of the zip."""
        return {
            "[Content_Types].xml": CONTENT_TYPES.encode(),
            "solution.xml": self.manifest().encode(),
            "customizations.xml": self.customizations().encode(),
            f"WebResources/tst_pagehtml{FILE_ID}": self.page,
        }

    def zip(self) -> bytes:
        """The zip."""
        return zipped(self.files())


def zipped(files: Mapping[str, bytes]) -> bytes:
    """A zip of these files."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return target.getvalue()
