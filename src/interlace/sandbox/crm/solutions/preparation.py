"""The solutions of a first start: imported before anybody asks, with the integration user in its roles."""

from __future__ import annotations

from collections.abc import Sequence

from interlace.sandbox.crm.customizer import Customizer
from interlace.sandbox.crm.first_start import link
from interlace.sandbox.crm.records import Author, Records
from interlace.sandbox.crm.solutions.checks import installed_solution
from interlace.sandbox.crm.solutions.importing import SolutionImport
from interlace.sandbox.crm.solutions.package import read_package

_ASSIGNED = "systemuserroles_association"


def prepare_organization(
    records: Records, customizer: Customizer, solutions: Sequence[bytes], roles: Sequence[str]
) -> None:
    """Imports packages as the administrator and gives roles to the integration user. In a transaction."""
    administrator = records.store.read_state("administrator")
    assert administrator is not None
    author = Author(administrator)
    for content in solutions:
        package = read_package(content)
        _make_way(records, package.unique_name, [role.name for role in package.roles])
        SolutionImport(records, customizer, package, author).apply()
    integration = records.store.read_state("integration_user")
    for name in roles if integration is not None else ():
        role = records.find_by_key(records.schema.tables["role"], {"name": name})
        if role is not None and integration is not None:
            link(records, _ASSIGNED, integration, role)


def _make_way(records: Records, unique_name: str, roles: Sequence[str]) -> None:
    """Removes what earlier releases wrote in place of a solution: its row and its roles without contents."""
    old = installed_solution(records, unique_name)
    if old is not None:
        records.remove(records.schema.tables["solution"], str(old["solutionid"]))
    table = records.schema.tables["role"]
    for name in roles:
        found = records.find_by_key(table, {"name": name})
        if found is not None:
            for user in records.members_of(table, found, _ASSIGNED):
                key = (str(user["systemuserid"]), found)
                records.store.delete(_ASSIGNED, key, version=records.store.next_version())
            records.remove(table, found)
