"""The page of service errors knows every code that Interlace and the embedded services know."""

import re
from pathlib import Path

import pytest

from interlace.connectors import classify, sign_in_refusals

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/how-to/service-errors.md").read_text(encoding="utf-8")
ROWS = {line.split(" | ")[0].removeprefix("| "): line for line in PAGE.splitlines() if line.startswith("| ")}
SANDBOX = ROOT / "src/interlace/sandbox"
ERP_CODE = re.compile(
    r'"((?:BadRequest|Request|Internal|Application|Authentication|Authorization|Gateway)_(?!ID"|Email")[A-Z]\w+)"'
)
SIGN_IN = re.compile(r"AADSTS(\d+)")


def crm_codes() -> list[str]:
    """Codes by which answers of the CRM are told apart, and those that the embedded CRM names."""
    told_apart = set().union(*(codes for name, codes in vars(classify).items() if name.startswith("_CRM_")))
    named = re.findall(r'"(0x8[0-9a-f]{7})"', (SANDBOX / "crm/errors.py").read_text(encoding="utf-8"))
    return sorted({*told_apart, *named})


def erp_codes() -> list[str]:
    """Codes that the embedded ERP answers with."""
    sources = (path.read_text(encoding="utf-8") for path in (SANDBOX / "erp").glob("*.py"))
    return sorted({code for source in sources for code in ERP_CODE.findall(source)})


@pytest.mark.parametrize("code", [*crm_codes(), *erp_codes()])
def test_every_code_of_a_service_has_a_remedy(code: str) -> None:
    """A code that Interlace decides by, or that the embedded services answer with, is on the page."""
    assert code in ROWS
    assert len(ROWS[code].split(" | ")) == 4


def test_remedies_of_the_sign_in_service_are_those_of_the_program() -> None:
    """What the page says of a refused sign-in is what the program says."""
    on_page = {code: line for name, line in ROWS.items() for code in SIGN_IN.findall(name)}
    for code, line in on_page.items():
        assert line == f"| AADSTS{code} | {sign_in_refusals.remedy_of(f'AADSTS{code}')} |"
    assert sorted(on_page) == sorted(sign_in_refusals.known_codes())
