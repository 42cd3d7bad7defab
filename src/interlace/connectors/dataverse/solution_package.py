"""Reads what a solution's package says of itself: the name and version that the CRM will show."""

import io
import zipfile
from dataclasses import dataclass

from defusedxml import ElementTree

_MANIFEST = "solution.xml"


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageIdentity:
    """Which solution a package brings."""

    unique_name: str
    version: str


def identity_of(content: bytes) -> PackageIdentity:
    """Read a package of our own making."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        manifest = ElementTree.fromstring(archive.read(_MANIFEST))
    return PackageIdentity(
        unique_name=manifest.findtext("SolutionManifest/UniqueName") or "",
        version=manifest.findtext("SolutionManifest/Version") or "",
    )
