"""What an import decides before it begins: by versions, by kind of package, by what both accounts are."""

import pytest

from interlace.bootstrap.connection_settings import ConnectionProblem
from interlace.bootstrap.solution_setup import ImportDeed, deed_for, package_for, version_key
from interlace.connectors.dataverse.solutions import InstalledSolution
from interlace.solution.build import Package, build_solution


def package(version: str) -> Package:
    """Return a package of a version."""
    return Package(unique_name="InterlaceIntegration", version=version, roles=(), content=b"")


def installed(version: str, *, managed: bool = True) -> InstalledSolution:
    """Return a solution as the CRM has it."""
    return InstalledSolution(id="1", unique_name="InterlaceIntegration", version=version, managed=managed)


DEEDS = [
    (None, False, ImportDeed.IMPORT),
    (None, True, ImportDeed.IMPORT),
    ("1.9.0.0", False, ImportDeed.UPGRADE),
    ("1.9.0.0", True, ImportDeed.UPGRADE),
    ("1.10.0.0", False, ImportDeed.NOTHING),
    ("1.10.0.0", True, ImportDeed.REDEPLOY),
    ("1.10", False, ImportDeed.UPGRADE),
]


@pytest.mark.parametrize(("version", "redeploy", "deed"), DEEDS)
def test_deed_follows_the_versions(version: str | None, deed: ImportDeed, *, redeploy: bool) -> None:
    """Nothing, an older one, the same one: what is done depends on the version that is there, part by part."""
    held = None if version is None else installed(version)
    assert deed_for(package("1.10.0.0"), held, redeploy=redeploy) is deed


@pytest.mark.parametrize("redeploy", [True, False])
def test_newer_version_is_never_replaced(*, redeploy: bool) -> None:
    """Whoever has an older Interlace is told so, with both versions."""
    with pytest.raises(ConnectionProblem, match=r"has version 1\.10\.0\.0 .* brings 1\.9\.0\.0"):
        deed_for(package("1.9.0.0"), installed("1.10.0.0"), redeploy=redeploy)


def test_versions_are_compared_as_numbers() -> None:
    """1.10 is newer than 1.9; what is no number counts as nothing."""
    assert version_key("1.10.0.0") > version_key("1.9.9.9")
    assert version_key("1.x") == (1, 0)


def test_package_is_of_the_kind_that_is_there() -> None:
    """A managed package is never put over an unmanaged solution; a new one is managed."""
    assert package_for(None) is build_solution()
    assert package_for(installed("1.0.0.0")) is build_solution()
    assert package_for(installed("1.0.0.0", managed=False)) is build_solution(managed=False)
