"""Write the bill of materials of what runs Interlace: CycloneDX 1.6, from the pins and their hashes (`make sbom`).

The same pins give the same file, byte by byte: it says nothing of when or where it was made.
"""

import json
import re
import sys
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
REQUIREMENTS = ROOT / "requirements" / "run.txt"
PROJECT = ROOT / "pyproject.toml"
TARGET = ROOT / "build" / "interlace.cdx.json"
_PIN = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)==(?P<version>[^\s;\\]+)\s*(?:;(?P<marker>[^\\]*))?")
_LICENCES = ("License-Expression", "Classifier", "License")
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pin:
    """One package, its version and the digests of all its files."""

    name: str
    version: str
    marker: str
    digests: tuple[str, ...]

    @property
    def address(self) -> str:
        """The package as other tools name it."""
        return f"pkg:pypi/{normal(self.name)}@{self.version}"


def normal(name: str) -> str:
    """Return a package's name as indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def pins(text: str) -> list[Pin]:
    """Read the pins of a requirement file; raises ValueError for a line that pins nothing."""
    found = []
    for line in text.replace("\\\n", " ").splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        match = _PIN.match(line)
        if match is None:
            raise ValueError(f"not pinned: {line[:80]}")
        marker = (match["marker"] or "").partition("--hash")[0].strip()
        digests = tuple(_HASH.findall(line))
        found.append(Pin(name=match["name"], version=match["version"], marker=marker, digests=digests))
    return found


def bill(held: Sequence[Pin], version: str) -> dict[str, object]:
    """Return the bill of materials of a version of Interlace."""
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                "bom-ref": "interlace",
                "name": "interlace",
                "version": version,
                "licenses": [{"license": {"id": "Apache-2.0"}}],
            }
        },
        "components": [_component(each) for each in held],
        "dependencies": [{"ref": "interlace", "dependsOn": [each.address for each in held]}],
    }


def _component(pin: Pin) -> dict[str, object]:
    component: dict[str, object] = {
        "type": "library",
        "bom-ref": pin.address,
        "name": normal(pin.name),
        "version": pin.version,
        "purl": pin.address,
        "properties": [{"name": "interlace:sha256", "value": each} for each in pin.digests],
    }
    told = license_of(pin.name)
    if told:
        component["licenses"] = [{"license": {"name": told}}]
    if pin.marker:
        component["scope"] = "optional"
    return component


def license_of(package: str) -> str:
    """Return what an installed package says of its licence, in few words; blank if it says nothing."""
    if next(iter(metadata.distributions(name=package)), None) is None:
        return ""
    told = {name: metadata.metadata(package).get_all(name, []) for name in _LICENCES}
    classified = [each.rpartition(" :: ")[2] for each in told["Classifier"] if each.startswith("License :: ")]
    said = "; ".join(told["License-Expression"] or classified or told["License"])
    return said.splitlines()[0][:100] if said else ""


def main() -> int:
    """Write the bill and say where it is."""
    version = str(tomllib.loads(PROJECT.read_text(encoding="utf-8"))["project"]["version"])
    held = pins(REQUIREMENTS.read_text(encoding="utf-8"))
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    TARGET.write_text(json.dumps(bill(held, version), indent=1, sort_keys=True) + "\n", encoding="utf-8")
    print(f"{TARGET.relative_to(ROOT)}: {len(held)} packages")
    return 0


if __name__ == "__main__":
    sys.exit(main())
