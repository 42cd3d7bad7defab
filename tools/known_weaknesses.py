"""Ask the open database of weaknesses (OSV) about every pinned package (`make audit`); needs the network.

The gate counts: what was asked about is what is pinned, or it fails. A tool that skips a package finds nothing in it.
"""

import json
import os
import sys
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path

from tools.bill_of_materials import REQUIREMENTS, ROOT, Pin, pins

SERVICE = "https://api.osv.dev/v1/querybatch"
SERVICE_VARIABLE = "INTERLACE_OSV"
FILES = (REQUIREMENTS, ROOT / "requirements" / "dev.txt")
_SECONDS = 60


def asked(held: Sequence[Pin]) -> dict[str, object]:
    """Return the question about packages, in their order."""
    return {"queries": [{"package": {"purl": each.address}} for each in held]}


def weaknesses(held: Sequence[Pin], answer: Mapping[str, object]) -> dict[str, list[str]]:
    """Return the ids of known weaknesses by package; raises ValueError for an answer that leaves any package out."""
    results = answer.get("results")
    if not isinstance(results, list) or len(results) != len(held):
        told = len(results) if isinstance(results, list) else 0
        raise ValueError(f"{len(held)} packages were asked about, {told} answered")
    found = {}
    for pin, result in zip(held, results, strict=True):
        if result.get("next_page_token"):
            raise ValueError(f"the answer about {pin.name} is not whole")
        ids = [str(each["id"]) for each in result.get("vulns") or ()]
        if ids:
            found[f"{pin.name} {pin.version}"] = ids
    return found


def ask(service: str, held: Sequence[Pin]) -> dict[str, list[str]]:
    """Ask the service; raises OSError or ValueError when it gives no whole answer."""
    request = urllib.request.Request(  # noqa: S310 - the address is ours, or the caller's
        service,
        data=json.dumps(asked(held)).encode(),
        headers={"Content-Type": "application/json"},
        method="POST",
    )
    with urllib.request.urlopen(request, timeout=_SECONDS) as answer:  # noqa: S310 - as above
        return weaknesses(held, json.load(answer))


def main(files: Sequence[Path] = FILES, service: str = "") -> int:
    """Ask about each file's packages; 1 when any has a known weakness, 2 when that can't be told."""
    held = {each.address: each for file in files for each in pins(file.read_text(encoding="utf-8"))}
    try:
        found = ask(service or os.environ.get(SERVICE_VARIABLE, "") or SERVICE, list(held.values()))
    except (OSError, ValueError) as problem:
        print(f"audit: nothing is known: {problem}", file=sys.stderr)
        return 2
    for name, ids in sorted(found.items()):
        print(f"{name}: {', '.join(ids)}")
    print(f"audit: {len(held)} packages asked about, {len(found)} with known weaknesses")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
