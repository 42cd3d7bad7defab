"""The package of the integration solution: the same bytes each time, and all that the mappings need."""

import hashlib
import io
import os
import subprocess
import sys
import zipfile
from functools import cache
from xml.etree.ElementTree import Element

import pytest
from defusedxml import ElementTree

from interlace.lead_to_cash.availability_to_product import CONNECTION_FIELDS, CONNECTION_TABLE
from interlace.lead_to_cash.default_mappings import DEFAULT_MAPPINGS
from interlace.lead_to_cash.order_columns import DIGEST_COLUMN
from interlace.solution.build import build_solution, pack
from interlace.solution.source_files import read_sources

REFERENCE = {"ilc_companyid", "ilc_erptable", "ilc_erpkey"}


def entries(content: bytes) -> dict[str, bytes]:
    """Return the files of a package."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@cache
def part(name: str) -> Element:
    """Return a document of the built package."""
    found: Element = ElementTree.fromstring(entries(build_solution().content)[name])
    return found


@cache
def tables() -> dict[str, Element]:
    """Return the tables of the built package by logical name."""
    return {
        (entity.findtext("Name") or "").lower(): entity
        for entity in part("customizations.xml").iter("Entity")
    }


@cache
def columns(table: str) -> dict[str, Element]:
    """Return the columns that the package adds to a table."""
    return {each.findtext("LogicalName") or "": each for each in tables()[table].iter("attribute")}


def test_another_process_in_another_zone_builds_the_same_bytes() -> None:
    """Two builds are alike to the byte, whatever process, hash seed and time zone they have."""
    code = (
        "import hashlib; from interlace.solution.build import build_solution; "
        "print(hashlib.sha256(build_solution().content).hexdigest())"
    )
    environment = {**os.environ, "PYTHONHASHSEED": "77", "TZ": "Asia/Tokyo"}
    found = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    assert found.stdout.strip() == hashlib.sha256(build_solution().content).hexdigest()


def test_entries_are_sorted_undated_and_stored() -> None:
    """Nothing in the zip depends on the machine: not the order, not the clock, not a compressor."""
    with zipfile.ZipFile(io.BytesIO(build_solution().content)) as archive:
        infos = archive.infolist()
    assert [info.filename for info in infos] == sorted(info.filename for info in infos)
    assert {info.date_time for info in infos} == {(1980, 1, 1, 0, 0, 0)}
    assert {info.compress_type for info in infos} == {zipfile.ZIP_STORED}
    assert {info.create_system for info in infos} == {0}


def test_manifest_names_solution_publisher_and_version() -> None:
    """The manifest carries what the service shows in its list of solutions."""
    manifest = part("solution.xml")
    package = build_solution()
    assert manifest.findtext("SolutionManifest/UniqueName") == package.unique_name == "InterlaceIntegration"
    assert manifest.findtext("SolutionManifest/Version") == package.version
    assert manifest.findtext("SolutionManifest/Publisher/CustomizationPrefix") == "ilc"
    assert package.file_name == f"InterlaceIntegration_{package.version.replace('.', '_')}.zip"


@pytest.mark.parametrize(("managed", "word"), [(True, "1"), (False, "0")])
def test_managed_and_unmanaged_differ_in_one_word(*, managed: bool, word: str) -> None:
    """Both kinds of package carry the same; the manifest says which it is."""
    content = entries(build_solution(managed=managed).content)
    assert ElementTree.fromstring(content["solution.xml"]).findtext("SolutionManifest/Managed") == word
    assert content["customizations.xml"] == entries(build_solution().content)["customizations.xml"]


def test_every_mapping_with_an_erp_reference_finds_its_columns_and_key() -> None:
    """No mapping is left without the columns that name the partner, nor without the key over them."""
    for mapping in DEFAULT_MAPPINGS:
        if mapping.carries_erp_reference:
            table = mapping.integration_table
            assert columns(table).keys() >= REFERENCE, mapping.name
            keyed = {each.text for each in tables()[table].iter("AttributeName")}
            assert keyed == REFERENCE, mapping.name


def test_tables_that_no_mapping_marks_stay_as_they_are() -> None:
    """The solution does not touch the users of the organization."""
    assert "systemuser" not in tables()


def test_mapped_columns_of_ours_are_in_the_package() -> None:
    """Whatever a mapping or the feed writes under our prefix exists."""
    wanted = {(CONNECTION_TABLE, name) for name in CONNECTION_FIELDS} | {("salesorder", DIGEST_COLUMN)}
    wanted |= {
        (mapping.integration_table, row.crm_field)
        for mapping in DEFAULT_MAPPINGS
        for row in mapping.fields
        if row.crm_field is not None and row.crm_field.startswith("ilc_")
    }
    missing = {place for place in wanted if place[1] not in columns(place[0])}
    assert not missing


def test_the_marker_table_has_its_columns() -> None:
    """The table in which a mapping's epoch is kept is part of the package."""
    assert {"ilc_counter", "ilc_name"} <= columns("ilc_epochmarker").keys()


def test_existing_tables_are_only_extended() -> None:
    """Nothing of the CRM's own tables is described but what is added; ours come whole."""
    behaviors = {
        each.get("schemaName"): each.get("behavior")
        for each in part("solution.xml").iter("RootComponent")
        if each.get("type") == "1"
    }
    for name, entity in tables().items():
        inner = entity.find("EntityInfo/entity")
        assert inner is not None
        is_ours = name.startswith("ilc_")
        assert (inner.get("unmodified") is None) == is_ours, name
        assert (inner.find("EntitySetName") is not None) == is_ours, name
        assert behaviors[name] == ("0" if is_ours else "2"), name


def test_amounts_bring_their_base_amounts_and_the_currency() -> None:
    """Each money column has its twin in the base currency, and the table a currency and a rate."""
    found = columns("ilc_accountstatistics")
    assert found["ilc_balance_base"].findtext("CalculationOf") == "ilc_balance"
    assert found["ilc_balance_base"].findtext("IsBaseCurrency") == "1"
    assert {"transactioncurrencyid", "exchangerate"} <= found.keys()


def test_lookups_are_bound_by_their_own_names() -> None:
    """The account of statistics is bound under the name that the connector writes."""
    relationships = {
        each.findtext("ReferencingAttributeName"): each
        for each in part("customizations.xml").iter("EntityRelationship")
    }
    account = relationships["ilc_accountid"]
    assert account.findtext("ReferencedEntityName") == "Account"
    assert account.findtext("CascadeDelete") == "Cascade"
    roles = {each.findtext("RelationshipRoleType"): each for each in account.iter("EntityRelationshipRole")}
    assert roles["1"].findtext("NavigationPropertyName") == "ilc_accountid"


def test_roles_keep_their_ids_and_name_privileges_once() -> None:
    """Roles are recognized by id in every organization; ids never change."""
    roles = {each.get("name"): each for each in part("customizations.xml").iter("Role")}
    assert {name: role.get("id") for name, role in roles.items()} == {
        "Interlace Availability User": "{47fa908d-48e3-59d0-a568-98780a82b482}",
        "Interlace Integration Administrator": "{4ae9ff7d-6f89-5d55-a92f-4ad2bcb14551}",
        "Interlace Integration User": "{59a55465-e4af-5dae-9c5f-8a6fbb60e240}",
    }
    for role in roles.values():
        names = [each.get("name", "") for each in role.iter("RolePrivilege")]
        assert names == sorted(set(names))


def test_people_who_look_up_stock_may_change_nothing() -> None:
    """The role for sales people reads, and nothing else."""
    [role] = [each for each in read_sources().roles if each.name == "Interlace Availability User"]
    assert all(name.startswith("prvRead") for name in role.privileges)


def test_pack_is_a_function_of_its_sources() -> None:
    """Packing the same sources again gives the same package."""
    assert pack(read_sources(), managed=True) == build_solution().content
