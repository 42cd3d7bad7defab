"""What NAV 2017 and 2018 publish: fields by captions, no API v2.0, no batches, companies without ids."""

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest

from interlace.sandbox.erp.application_server import ErpSandbox, ErpSandboxOptions, create_erp_sandbox
from interlace.sandbox.erp.products import PRODUCTS, mangled

Get = Callable[[str], tuple[int, Any]]


def _sandbox(product: str, language: str) -> ErpSandbox:
    return create_erp_sandbox(None, ErpSandboxOptions(product=PRODUCTS[product], language=language))


def _call(erp: ErpSandbox, method: str, url: str, body: object = None) -> tuple[int, Any]:
    sign_in = base64.b64encode(f"INTERLACE:{erp.access_key}".encode()).decode()
    headers = {"Authorization": f"Basic {sign_in}", "Content-Type": "application/json", "If-Match": "*"}
    content = b"" if body is None else json.dumps(body).encode()
    answer = erp.call(method, f"/BC/{url}".replace(" ", "%20"), headers=headers, body=content)
    is_json = answer.body.lstrip()[:1] == b"{"
    return answer.status, json.loads(answer.body) if is_json else answer.body


@pytest.mark.parametrize(
    ("caption", "name"),
    [
        ("No.", "No"),
        ("Credit Limit (LCY)", "Credit_Limit_LCY"),
        ("Länder-/Regionscode", "Länder_Regionscode"),
        ("Line Discount %", "Line_Discount_Percent"),
        ("Sell-to Customer No.", "Sell_to_Customer_No"),
        ("Company's Name", "Company_x0027_s_Name"),
        ("2nd Name", "_x0032_nd_Name"),
    ],
)
def test_captions_are_mangled(caption: str, name: str) -> None:
    """Each caption becomes the name that the reference gives."""
    assert mangled(caption) == name


@pytest.mark.parametrize("product", ["nav2018", "nav2017"])
def test_records_are_written_and_read_by_captions(product: str) -> None:
    """Key, body, selection, filter and order speak German."""
    erp = _sandbox(product, "de")
    pages = "ODataV4/Company('Nordlicht')/"
    body = {"Code": "BOX", "Beschreibung": "Kiste"}
    assert _call(erp, "POST", f"{pages}UnitsOfMeasure", body)[0] == 201
    assert _call(erp, "POST", f"{pages}ItemCard", {"Nr": "70", "Beschreibung": "Ofen"})[0] == 201
    status, item = _call(erp, "PATCH", f"{pages}ItemCard(Nr='70')", {"VK_Preis": 12.5})
    assert (status, item["Nr"], item["VK_Preis"]) == (200, "70", 12.5)
    query = "$select=Beschreibung&$filter=Nr eq '70'&$orderby=Nr"
    status, page = _call(erp, "GET", f"{pages}ItemCard?{query}")
    assert [(each["Nr"], each["Beschreibung"]) for each in page["value"]] == [("70", "Ofen")]
    assert _call(erp, "GET", f"{pages}ItemCard?$filter=No eq '70'")[0] == 400


def test_what_nav_lacks() -> None:
    """There is no API, no batch, no id of a company, and fields of later versions are missing."""
    erp = _sandbox("nav2018", "en")
    assert _call(erp, "GET", "api/v2.0/companies")[0] == 404
    batch = {"requests": [{"id": "1", "method": "GET", "url": "Company"}]}
    assert _call(erp, "POST", "ODataV4/$batch", batch)[0] == 400
    [company] = _call(erp, "GET", "ODataV4/Company")[1]["value"]
    assert "Id" not in company
    assert _call(erp, "GET", f"ODataV4/Company(Id={erp.company.id})/ItemCard")[0] >= 400
    assert _call(erp, "GET", "ODataV4/Company('Nordlicht')/CustomerCard?$select=Mobile_Phone_No")[0] == 400


def test_business_central_takes_a_company_by_id() -> None:
    """The page services answer under the company's id as well as under its name."""
    erp = _sandbox("bc", "en")
    assert _call(erp, "GET", f"ODataV4/Company(Id={erp.company.id})/ItemCard")[0] == 200
