"""The page of service errors knows every code that Interlace and the embedded services know."""

import re
from pathlib import Path

import pytest

from interlace.connectors import classify, sign_in_refusals

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/how-to/service-errors.md").read_text(encoding="utf-8")
ROWS = {line.split(" | ")[0].removeprefix("| "): line for line in PAGE.splitlines() if line.startswith("| ")}
SANDBOX = ROOT / "src/interlace/sandbox"
CRM_CODE = re.compile(r'"(0x8[0-9a-f]{7})"')
ERP_CODE = re.compile(
    r'"((?:BadRequest|Request|Internal|Application|Authentication|Authorization|Gateway)_(?!ID"|Email")[A-Z]\w+)"'
)
TOLD_OF = (
    *("0x80060883", "0x8006089d", "0x80072492", "0x8004112a", "0x8004430a", "0x8004e023", "0x80061035"),
    *("Application_EvaluateException", "Application_InvalidGUID", "Application_FilterErrorException"),
)
"""Codes of the services' documentation that the sources don't lead to."""
SALES_RULES = "0x8004"
"""Codes that begin so are told of as a whole, but for those that say something else."""
SIGN_IN = re.compile(r"AADSTS(\d+)")


def crm_codes() -> list[str]:
    """Codes by which answers of the CRM are told apart, and those that the embedded CRM names or answers with."""
    told_apart = set().union(*(codes for name, codes in vars(classify).items() if name.startswith("_CRM_")))
    named = CRM_CODE.findall((SANDBOX / "crm/errors.py").read_text(encoding="utf-8"))
    sources = (path.read_text(encoding="utf-8") for path in (SANDBOX / "crm").rglob("*.py"))
    sent = {code for source in sources for code in CRM_CODE.findall(source)}
    others = (code for code in sent if not code.startswith(SALES_RULES))
    return sorted({*told_apart, *named, *others})


def erp_codes() -> list[str]:
    """Codes that the embedded ERP answers with."""
    sources = (path.read_text(encoding="utf-8") for path in (SANDBOX / "erp").glob("*.py"))
    return sorted({code for source in sources for code in ERP_CODE.findall(source)})


@pytest.mark.parametrize("code", [*crm_codes(), *erp_codes(), *TOLD_OF])
def test_every_code_of_a_service_has_a_remedy(code: str) -> None:
    """A code that Interlace decides by, that the embedded services answer with, or that the services tell of."""
    assert code in ROWS
    assert len(ROWS[code].split(" | ")) == 4


def test_remedies_of_the_sign_in_service_are_those_of_the_program() -> None:
    """What the page says of a refused sign-in is what the program says."""
    on_page = {code: line for name, line in ROWS.items() for code in SIGN_IN.findall(name)}
    for code, line in on_page.items():
        assert line == f"| AADSTS{code} | {sign_in_refusals.remedy_of(f'AADSTS{code}')} |"
    assert sorted(on_page) == sorted(sign_in_refusals.known_codes())
