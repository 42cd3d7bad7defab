"""The floor: a bare pipe that reads pages, decodes the fields of the mapping, copies, encodes and bulk-writes.

No mapping rules, references, coupling, journal or intents; one connection to each service, one request at a time.
"""

import uuid
from typing import Any

import msgspec

from benchmarks.contender import Report, Scenario, read_task
from benchmarks.measure import Stretch, own_peak_memory
from benchmarks.plain_http import (
    ACCOUNT_TYPE,
    CREATE_MULTIPLE,
    PlainService,
    customers_path,
    open_crm,
    open_erp,
    path_of,
)

NAMESPACE = uuid.UUID("b2f4d0c5-6f0f-5b2e-9f43-1de0a5b3c7aa")
KEY, CRM_KEY = "No", "accountid"
# Plain fields of CUSTOMER. The eight others are references and choices: a copy without couplings can only drop
# them into text columns of the same size, which is what it does.
FIELDS = {
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

_NUMBER = "Credit_Limit_LCY"


def _struct(name: str, names: list[str], extra: dict[str, str]) -> type[msgspec.Struct]:
    fields: list[tuple[str, Any, Any]] = [(key, str | None, None) for key in extra]
    fields += [(f"f{place}", str | None, None) for place in range(len(names))]
    numbers = [place for place, each in enumerate(names) if each in {_NUMBER, FIELDS[_NUMBER]}]
    for place in numbers:
        fields[len(extra) + place] = (f"f{place}", float | None, None)
    rename = {**extra, **{f"f{place}": each for place, each in enumerate(names)}}
    return msgspec.defstruct(name, fields, rename=rename, gc=False, kw_only=False)


_Source = _struct("_Source", list(FIELDS), {"key": KEY})
_Target = _struct("_Target", list(FIELDS.values()), {"type": "@odata.type", "key": CRM_KEY})
_SourcePage = msgspec.defstruct(
    "_SourcePage",
    [("value", list[_Source]), ("next_link", str | None, None)],  # type: ignore[valid-type]
    rename={"next_link": "@odata.nextLink"},
)


def _copy_maker() -> Any:  # noqa: ANN401 - a generated function
    """Write the copy out field by field, as a person would by hand: the floor must not pay for a loop."""
    # Blank texts become null, a credit limit of zero stays.
    places = enumerate(FIELDS)
    parts = ", ".join(f"s.f{place}" if name == _NUMBER else f"s.f{place} or None" for place, name in places)
    names: dict[str, Any] = {"Target": _Target, "uuid5": uuid.uuid5, "space": NAMESPACE, "kind": ACCOUNT_TYPE}
    exec(f"def copy(s): return Target(kind, str(uuid5(space, s.key)), {parts})", names)  # noqa: S102
    return names["copy"]


def _copy_all(erp: PlainService, crm: PlainService, company: str) -> int:
    decode = msgspec.json.Decoder(_SourcePage).decode
    encode = msgspec.json.Encoder().encode
    copy = _copy_maker()
    path: str | None = customers_path(company, [KEY, *FIELDS])
    records = 0
    while path is not None:
        page: Any = decode(erp.get_page(path))
        crm.post(CREATE_MULTIPLE, encode({"Targets": [copy(each) for each in page.value]}))
        records += len(page.value)
        path = path_of(page.next_link)
    return records


def _main(task: dict[str, Any]) -> Report:
    erp, crm = open_erp(task["erp"]), open_crm(task["crm"])
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
