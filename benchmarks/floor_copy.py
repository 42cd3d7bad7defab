"""The floor: a bare pipe that reads pages, decodes the fields of the mapping, copies, encodes and bulk-writes.

No mapping rules, references, coupling, journal or intents; one connection to each service, one request at a time.
"""

import base64
import http.client
import json
import uuid
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import msgspec

from benchmarks.contender import Report, Scenario, read_task
from benchmarks.measure import Stretch, own_peak_memory

_PAGE_SIZE = 1000
_NAMESPACE = uuid.UUID("b2f4d0c5-6f0f-5b2e-9f43-1de0a5b3c7aa")
_KEY, _CRM_KEY = "No", "accountid"
# Plain fields of CUSTOMER. The eight others are references and choices: a copy without couplings can only drop
# them into text columns of the same size, which is what it does.
_FIELDS = {
    "Name": "name",
    "Contact": "address1_primarycontactname",
    "Address": "address1_line1",
    "Address_2": "address1_line2",
    "Post_Code": "address1_postalcode",
    "City": "address1_city",
    "Country_Region_Code": "address1_country",
    "County": "address1_stateorprovince",
    "E_Mail": "emailaddress1",
    "Fax_No": "fax",
    "Home_Page": "websiteurl",
    "Phone_No": "telephone1",
    "Salesperson_Code": "sic",
    "Currency_Code": "tickersymbol",
    "Shipment_Method_Code": "address1_postofficebox",
    "Shipping_Agent_Code": "address1_county",
    "Payment_Terms_Code": "address1_line3",
    "Primary_Contact_No": "accountnumber",
    "Blocked": "address1_name",
    "Credit_Limit_LCY": "creditlimit",
}


def _struct(name: str, names: list[str], extra: dict[str, str]) -> type[msgspec.Struct]:
    fields: list[tuple[str, Any, Any]] = [(key, str | None, None) for key in extra]
    fields += [(f"f{place}", str | None, None) for place in range(len(names))]
    numbers = [place for place, each in enumerate(names) if each in {"Credit_Limit_LCY", "creditlimit"}]
    for place in numbers:
        fields[len(extra) + place] = (f"f{place}", float | None, None)
    rename = {**extra, **{f"f{place}": each for place, each in enumerate(names)}}
    return msgspec.defstruct(name, fields, rename=rename, gc=False, kw_only=False)


_Source = _struct("_Source", list(_FIELDS), {"key": _KEY})
_Target = _struct("_Target", list(_FIELDS.values()), {"type": "@odata.type", "key": _CRM_KEY})
_SourcePage = msgspec.defstruct(
    "_SourcePage",
    [("value", list[_Source]), ("next_link", str | None, None)],  # type: ignore[valid-type]
    rename={"next_link": "@odata.nextLink"},
)
_ACCOUNT = "Microsoft.Dynamics.CRM.account"


def _copy_maker() -> Any:  # noqa: ANN401 - a generated function
    """Write the copy out field by field, as a person would by hand: the floor must not pay for a loop."""
    parts = ", ".join(f"s.f{place} or None" for place in range(len(_FIELDS)))
    names: dict[str, Any] = {"Target": _Target, "uuid5": uuid.uuid5, "space": _NAMESPACE, "kind": _ACCOUNT}
    exec(f"def copy(s): return Target(kind, str(uuid5(space, s.key)), {parts})", names)  # noqa: S102
    return names["copy"]


class _Service:
    """One keep-alive connection."""

    def __init__(self, address: str, authorization: str) -> None:
        parts = urlsplit(address)
        self._connection = http.client.HTTPConnection(str(parts.hostname), parts.port)
        self._headers = {"Authorization": authorization, "Accept": "application/json"}
        self.requests = 0

    def ask(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> bytes:
        """Send a request and return the body of its answer."""
        self._connection.request(method, path, body=body, headers={**self._headers, **headers})
        answer = self._connection.getresponse()
        content = answer.read()
        self.requests += 1
        assert answer.status < 300, content[:500]
        return content


def _sign_in(crm: dict[str, str]) -> str:
    form = {
        "grant_type": "client_credentials",
        "client_id": crm["client_id"],
        "client_secret": crm["secret"],
        "scope": f"{crm['address']}/.default",
    }
    parts = urlsplit(crm["token_url"])
    connection = http.client.HTTPConnection(str(parts.hostname), parts.port)
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    connection.request("POST", parts.path, body=urlencode(form).encode(), headers=headers)
    token: str = json.loads(connection.getresponse().read())["access_token"]
    return f"Bearer {token}"


def _copy_all(erp: _Service, crm: _Service, company: str) -> int:
    decode = msgspec.json.Decoder(_SourcePage).decode
    encode = msgspec.json.Encoder().encode
    copy = _copy_maker()
    names = ",".join([_KEY, *_FIELDS])
    path: str | None = f"/BC/ODataV4/Company('{quote(company)}')/CustomerCard?$select={names}"
    create = "/api/data/v9.2/accounts/Microsoft.Dynamics.CRM.CreateMultiple"
    wanted = {"Prefer": f"odata.maxpagesize={_PAGE_SIZE}"}
    sent = {"Content-Type": "application/json"}
    records = 0
    while path is not None:
        page: Any = decode(erp.ask("GET", path, None, wanted))
        crm.ask("POST", create, encode({"Targets": [copy(each) for each in page.value]}), sent)
        records += len(page.value)
        link = page.next_link
        path = None if link is None else link.partition("://")[2].partition("/")[2]
        path = None if path is None else f"/{path}"
    return records


def _main(task: dict[str, Any]) -> Report:
    sign = base64.b64encode(f"INTERLACE:{task['erp']['key']}".encode()).decode()
    erp = _Service(task["erp"]["address"], f"Basic {sign}")
    crm = _Service(task["crm"]["address"], _sign_in(task["crm"]))
    stretch = Stretch(task["pids"])
    records = _copy_all(erp, crm, task["erp"]["company"])
    scenario = Scenario(
        name="floor",
        records=records,
        cost=stretch.end(),
        requests={"erp": erp.requests, "crm": crm.requests},
        outcome={"inserted": records},
    )
    return Report(scenarios=(scenario,), peak_memory=own_peak_memory())


if __name__ == "__main__":
    print(_main(read_task()).dump())
