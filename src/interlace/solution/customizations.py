"""Writes `customizations.xml`: tables, roles and web resources, in the order in which the service exports them."""

from pathlib import PurePosixPath
from xml.etree.ElementTree import Element

from interlace.solution.entities import INTRODUCED, entities, relationships
from interlace.solution.markup import element, root, values
from interlace.solution.model import Role, Solution, WebResource

_WEB_RESOURCE_TYPES = {".html": 1, ".css": 2, ".js": 3, ".svg": 11}
_DEPTH = "Global"


def customizations(solution: Solution) -> Element:
    """Make the document; what the solution has none of is written as an empty element, as the service does."""
    return root(
        [
            element("Entities", *entities(solution)),
            element("Roles", *(_role(role) for role in sorted(solution.roles, key=lambda role: role.id))),
            element("Workflows"),
            element("FieldSecurityProfiles"),
            element("Templates"),
            element("EntityMaps"),
            element("EntityRelationships", *relationships(solution)),
            element("OrganizationSettings"),
            element("optionsets"),
            element("WebResources", *(_web_resource(each) for each in solution.web_resources)),
            element("CustomControls"),
            element("EntityDataProviders"),
            element("Languages", element("Language", text=solution.language)),
        ]
    )


def _role(role: Role) -> Element:
    made = element("Role", id=f"{{{role.id}}}", name=role.name)
    values(made, {"IsCustomizable": 1, "IsAutoAssigned": 0, "Description": role.description})
    privileges = (element("RolePrivilege", name=name, level=_DEPTH) for name in role.privileges)
    made.append(element("RolePrivileges", *privileges))
    return made


def _web_resource(resource: WebResource) -> Element:
    made = element("WebResource")
    values(
        made,
        {
            "WebResourceId": f"{{{resource.id}}}",
            "Name": resource.name,
            "DisplayName": resource.display_name,
            "LanguageCode": 1033,
            "WebResourceType": _WEB_RESOURCE_TYPES[PurePosixPath(resource.name).suffix],
            "IntroducedVersion": INTRODUCED,
            "IsEnabledForMobileClient": 1,
            "IsAvailableForMobileOffline": 0,
            "IsCustomizable": 1,
            "CanBeDeleted": 1,
            "IsHidden": 0,
            "FileName": f"/{resource.entry}",
        },
    )
    return made
