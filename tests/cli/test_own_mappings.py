"""Mappings of one's own by command: added on real tables of both ends, run, changed, judged, carried over, deleted."""

import json
from base64 import b64encode
from pathlib import Path
from typing import Any

import pytest
from tests.cli.both_ends import NAME, BothEnds, Interlace
from tests.sandbox.crm.test_table_editing import KIND, Customizer, _attribute, _label

from interlace.lead_to_cash.default_mappings import DEFAULT_MAPPINGS
from interlace.sandbox.crm.privileges import roles_of_user
from interlace.sandbox.crm.role_privileges import grant

METHOD = "PAYMENT METHOD"
OTHER = "OTHER METHOD"
COUNTRY = "COUNTRY"
TABLE, COLUMN = "new_paymentmethod", "new_code"
ADD = ("mappings", "add", "payment method", "--erp", "PaymentMethods", "--crm", TABLE, "--key", COLUMN)


class Place:
    """Both ends, with a table that a customizer of the CRM made."""

    def __init__(self, ends: BothEnds, interlace: Interlace) -> None:
        self.ends, self.interlace = ends, interlace
        customizer = Customizer(ends.crm)
        attributes = [
            _attribute("String", "new_Name", IsPrimaryName=True, MaxLength=100),
            _attribute("String", "new_Code", MaxLength=20),
            _attribute("String", "new_Short", MaxLength=5),
            _attribute("Integer", "new_Rank"),
            _attribute(
                "Picklist",
                "new_Format",
                OptionSet={
                    "Options": [
                        {"Value": 1, "Label": _label("Town last")},
                        {"Value": 2, "Label": _label("Town first")},
                    ]
                },
            ),
        ]
        made = customizer.ask(
            "POST",
            "EntityDefinitions",
            {
                "@odata.type": f"{KIND}.EntityMetadata",
                "SchemaName": "new_PaymentMethod",
                "DisplayName": _label("Payment Method"),
                "OwnershipType": "OrganizationOwned",
                "Attributes": attributes,
            },
        )
        assert made.status == 204, made.body
        assert interlace("connection", "add", NAME, *ends.options()).code == 0
        assert interlace("connection", "enable", NAME).code == 0

    def grant(self, table: str = "new_PaymentMethod") -> None:
        """Let our account read and write a table."""
        records = self.ends.crm.records
        user = records.store.read_state("integration_user")
        assert user is not None
        role = roles_of_user(records, user)[0]
        verbs = ("Create", "Read", "Write", "Delete", "Append", "AppendTo")
        with records.store.transaction():
            grant(records, str(role["roleid"]), {f"prv{verb}{table}": "Global" for verb in verbs})

    def erp(
        self, method: str, path: str, body: dict[str, Any] | None = None, *, page: str = "PaymentMethods"
    ) -> Any:
        """Let a user of the ERP read or change payment methods, or what another page shows."""
        pair = b64encode(f"INTERLACE:{self.ends.erp.access_key}".encode()).decode()
        answer = self.ends.erp.call(
            method,
            f"/BC/ODataV4/Company('Nordlicht')/{page}{path}",
            headers={"Authorization": f"Basic {pair}", "If-Match": "*", "Content-Type": "application/json"},
            body=json.dumps(body).encode() if body is not None else b"",
        )
        assert answer.status < 300, answer.body
        return json.loads(answer.body or b"{}")

    def crm(
        self,
        method: str,
        path: str,
        body: dict[str, Any] | None = None,
        *,
        records: str = "new_paymentmethods",
    ) -> Any:
        """Let a user of the CRM read or change payment methods, or other records."""
        headers = {
            "Authorization": f"Bearer {self.ends.crm.access_token()}",
            "Content-Type": "application/json",
        }
        answer = self.ends.crm.call(
            method,
            f"/api/data/v9.2/{records}{path}",
            headers=headers,
            body=json.dumps(body).encode() if body is not None else b"",
        )
        assert answer.status < 300, answer.body
        return json.loads(answer.body or b"{}")

    @property
    def written(self) -> int:
        """How many requests that change something both services have carried out."""
        return self.ends.erp.requests.written + self.ends.crm.requests.written

    def names(self) -> dict[str, str]:
        """Return the names of the CRM's payment methods by code."""
        found = self.crm("GET", "?$select=new_code,new_name")["value"]
        assert len({each["new_code"] for each in found}) == len(found)
        return {each["new_code"]: each["new_name"] for each in found}

    def described(self) -> dict[str, str]:
        """Return the descriptions of the ERP's payment methods by code."""
        return {each["Code"]: each["Description"] for each in self.erp("GET", "")["value"]}

    def run(self, *more: str) -> dict[str, Any]:
        """Run the mapping, and return the counters of its job."""
        ended = self.interlace("synch", METHOD, *more, "--json")
        assert ended.code == 0, ended.err
        [job] = [each for each in ended.objects if each.get("mapping") == METHOD]
        return job

    def counted(self, name: str = METHOD) -> list[tuple[int, int, int]]:
        """Run a mapping, and return what each of its jobs inserted and modified, and how much failed."""
        jobs = [it for it in self.interlace("synch", name, "--json").objects if it.get("mapping") == name]
        return [(each["inserted"], each["modified"], each["failed"]) for each in jobs]


@pytest.fixture
def place(both_ends: BothEnds, interlace: Interlace) -> Place:
    """Both ends, and commands on an enabled connection that was never synchronized."""
    return Place(both_ends, interlace)


def test_a_mapping_of_ones_own_runs_like_the_others(place: Place) -> None:
    """Let take part with a field row: records are created, coupled and changed, and a second run writes nothing."""
    interlace = place.interlace
    added = interlace(*ADD, "--create-new", "--json").only
    assert added["mapping"] == METHOD
    assert (added["key"], added["takes_part"]) == ("Code>new_code", False)
    assert interlace("mappings", "add-row", METHOD, "--erp", "Description", "--crm", "new_name").code == 0
    assert METHOD not in {each["mapping"] for each in interlace("queue", "list", "--json").objects}
    refused = interlace("synch", METHOD)
    assert refused.code == 4
    assert "prvCreateNew_paymentmethod" in refused.err
    assert "one of the roles of the account" in refused.err
    place.grant()
    assert interlace("mappings", "set", METHOD, "takes_part=yes").code == 0
    assert interlace("mappings", "check", METHOD).code == 0
    assert interlace("privileges", "check").code == 0
    place.erp("POST", "", {"Code": "CASH", "Description": "Cash payment"})
    place.erp("POST", "", {"Code": "CARD", "Description": "Card payment"})
    # A record that the CRM has already is coupled, not made a second time.
    place.crm("POST", "", {"new_code": "CASH", "new_name": "Cash payment"})
    first = place.run()
    assert (first["coupled"], first["failed"]) == (1, 0)
    assert first["inserted"] == len(place.names()) - 1 >= 1
    assert place.names()["CARD"] == "Card payment"
    written = place.written
    second = place.run()
    assert (second["inserted"], second["modified"], second["failed"]) == (0, 0, 0)
    assert place.written == written
    place.erp("PATCH", "('CARD')", {"Description": "Cards"})
    assert place.run()["modified"] == 1
    assert place.names()["CARD"] == "Cards"
    assert interlace("conflicts", "list", "--json").out == ""
    [card] = place.crm("GET", "?$select=new_name&$filter=new_code eq 'CARD'")["value"]
    place.crm("PATCH", f"({card['new_paymentmethodid']})", {"new_name": "Plastic"})
    verdicts = interlace("verify", "--json").only["mappings"]
    [judged] = [each for each in verdicts if each["mapping"] == METHOD]
    states = {state: count for state, count in judged["erp"]["states"].items() if count}
    assert states == {"in scope, equal": len(place.names()) - 1, "drifted": 1}
    assert place.run("--full")["modified"] == 1
    assert place.names()["CARD"] == "Cards"


def test_what_can_not_be_joined_is_refused_in_words(place: Place) -> None:
    """Everything that is wrong with both tables at once, with what was probably meant; nothing is kept."""
    refused = place.interlace(
        "mappings", "add", "TERMS", "--erp", "PaymentMethod", "--crm", "ilc_epochmarker", "--key", "x"
    )
    assert refused.code == 4
    assert "no page service PaymentMethod. Was meant: PaymentMethods" in refused.err
    assert "no table ilc_epochmarker" in refused.err
    refused = place.interlace(*ADD[:-1], "new_short")
    assert (refused.code, "new_short holds 5 characters only, and Code has up to 10" in refused.err) == (
        4,
        True,
    )
    tables = place.interlace("mappings", "tables", "--json").objects
    [methods] = [each for each in tables if each["service"] == "PaymentMethods"]
    assert (methods["table"], methods["key"], methods["mappings"]) == ("PaymentMethods", ["Code"], [])
    assert TABLE in {each["table"] for each in tables if each["side"] == "CRM"}
    names = {each["mapping"] for each in place.interlace("mappings", "list", "--json").objects}
    assert names == {each.name for each in DEFAULT_MAPPINGS}


def test_records_are_looked_up_coupled_and_undone(place: Place) -> None:
    """Found by name, coupled by hand and by match, planned, undone, and coupled again from nothing."""
    interlace = place.interlace
    place.grant()
    for code in ("CASH", "CARD", "GIRO"):
        place.erp("POST", "", {"Code": code, "Description": f"{code.title()} payment"})
    place.crm("POST", "", {"new_code": "cash", "new_name": "In coins"})
    place.crm("POST", "", {"new_name": "By card"})
    assert interlace(*ADD).code == 0
    assert interlace("mappings", "add-row", METHOD, "--erp", "Description", "--crm", "new_name").code == 0
    assert interlace("mappings", "set", METHOD, "takes_part=yes").code == 0
    [service] = [
        it for it in interlace("erp-services", "list", "--json").objects if it["service"] == "PaymentMethods"
    ]
    assert (service["object_type"], service["object_id"]) == ("Page", "page of your own")
    assert service["needed_by"] == METHOD
    listed = interlace("records", "list", METHOD, "--search", "GIR", "--json").objects
    assert [(it["number"], it["caption"]) for it in listed] == [("GIRO", "Giro payment")]
    found = interlace("find", "Giro", "--json").objects
    assert ("GIRO", "Giro payment") in {(it["number"], it["caption"]) for it in found}
    tried = interlace("mappings", "try", METHOD, "CASH").out
    assert "new_name: 'In coins' -> 'Cash payment'" in tried
    [card] = place.crm("GET", "?$filter=new_name eq 'By card'")["value"]
    assert interlace("couplings", "add", METHOD, "CARD", card["new_paymentmethodid"]).code == 0
    assert interlace("couplings", "match", METHOD, "--json").only["coupled"] == 1
    assert interlace("full-synch", "reset").code == 0
    others = [it.name for it in DEFAULT_MAPPINGS if not it.run_by_saga]
    assert interlace("full-synch", "leave-out", *others).code == 0
    assert interlace("full-synch", "start", "--recommend-full", METHOD).code == 0
    assert place.names() == {"CASH": "Cash payment", "CARD": "Card payment", "GIRO": "Giro payment"}
    place.erp("PATCH", "('GIRO')", {"Description": "Giro"})
    assert "new_name: 'Giro payment' -> 'Giro'" in interlace("plan", METHOD, "--show").out
    assert place.run()["modified"] == 1
    assert interlace("undo", "GIRO", "--yes").code == 0
    assert place.names()["GIRO"] == "Giro payment"
    assert interlace("couplings", "remove-all", METHOD, "--yes", "--json").only["removed"] == 3
    assert interlace("recover").code in {0, 3}
    couplings = interlace("couplings", "list", METHOD, "--json").objects
    assert {it["erp_key"] for it in couplings} == {"CASH", "CARD", "GIRO"}
    explained = interlace("explain", "GIRO", "--json")
    assert METHOD in explained.out


def test_two_mappings_share_two_tables(place: Place) -> None:
    """They take part when no record can be in both; a record that passes from one to the other keeps its partner."""
    interlace = place.interlace
    place.grant()
    for code in ("A1", "A2", "B1"):
        place.erp("POST", "", {"Code": code, "Description": f"Method {code}"})
    assert interlace(*ADD, "--create-new").code == 0
    other = ("mappings", "add", OTHER, *ADD[3:], "--create-new")
    refused = interlace(*other[:-2], "new_name", "--create-new")
    assert (refused.code, f"{METHOD} joins the same tables by new_code" in refused.err) == (4, True)
    assert interlace(*other).code == 0
    interlace("mappings", "add-row", METHOD, "--erp", "Description", "--crm", "new_name")
    interlace("mappings", "add-row", OTHER, "--crm", "new_rank", "--constant", "2")
    assert interlace("mappings", "set", METHOD, "table_filter=Code begins with A", "takes_part=yes").code == 0
    both = interlace("mappings", "set", OTHER, "takes_part=yes")
    assert both.code == 4
    assert f"{METHOD} and {OTHER} join the same tables, and one record may be in both" in both.err
    assert "table_filter" in both.err
    assert interlace("mappings", "set", OTHER, "table_filter=Code one of B1|B2", "takes_part=yes").code == 0
    assert interlace("mappings", "set", OTHER, "table_filter=Code one of A1|B1").code == 4
    assert interlace("mappings", "reset", METHOD).code == 4
    assert place.run()["inserted"] == 2
    assert place.run(OTHER)["unchanged"] == 2
    ranks = {
        each["new_code"]: each["new_rank"] for each in place.crm("GET", "?$select=new_code,new_rank")["value"]
    }
    assert ranks == {"A1": None, "A2": None, "B1": 2}
    fields = interlace("records", "show", OTHER, "B1", "--json").only["fields"]
    [constant] = [each for each in fields if each["crm_field"] == "new_rank"]
    assert (constant["erp_field"], constant["erp"], constant["crm"]) == ("", None, "2")
    told = interlace("find", "Method", "--json")
    found = {it["number"]: it["mapping"] for it in told.objects}
    # The column of a constant is no number of records, by which the CRM could be asked.
    assert (found["A1"], found["B1"], told.err) == (METHOD, OTHER, "")
    verdicts = {it["mapping"]: it for it in interlace("verify", "--json").only["mappings"]}
    for name, equal in ((METHOD, 2), (OTHER, 1)):
        states = verdicts[name]["erp"]["states"]
        assert (states["in scope, equal"], states["drifted"]) == (equal, 0)
    # What the filters let pass from one to the other is coupled there, not made anew.
    assert interlace("mappings", "set", METHOD, "table_filter=Code = A2").code == 0
    assert interlace("mappings", "set", OTHER, "table_filter=Code one of A1|B1").code == 0
    ended = interlace("synch", OTHER, "--full", "--json")
    assert [it["coupled"] for it in ended.objects if it.get("mapping") == OTHER] == [1]
    assert len(place.crm("GET", "?$select=new_code")["value"]) == 3


def test_records_travel_both_ways(place: Place) -> None:
    """The CRM's records are created under the keys that they hold, edits travel both ways, and keys stay."""
    interlace = place.interlace
    place.grant()
    refused = interlace(*ADD[:4], "PostedSalesInvoice", *ADD[5:], "--direction", "both")
    assert (refused.code, "does not let anybody do this with records: insert, modify" in refused.err) == (
        4,
        True,
    )
    added = interlace(*ADD, "--create-new", "--direction", "both", "--json").only
    assert added["direction"] == "Bidirectional"
    assert interlace("mappings", "add-row", METHOD, "--erp", "Description", "--crm", "new_name").code == 0
    assert interlace("mappings", "set", METHOD, "takes_part=yes").code == 0
    assert interlace("mappings", "check", METHOD).code == 0
    place.erp("POST", "", {"Code": "CASH", "Description": "Cash payment"})
    place.crm("POST", "", {"new_code": "card", "new_name": "Card payment"})
    place.crm("POST", "", {"new_name": "Without a code"})
    assert place.counted() == [(1, 0, 0), (1, 0, 0)]
    assert place.described() == {"CASH": "Cash payment", "CARD": "Card payment"}
    written = place.written
    assert place.counted() == [(0, 0, 0), (0, 0, 0)]
    assert place.written == written
    by_name = {it["new_name"]: it["new_paymentmethodid"] for it in place.crm("GET", "")["value"]}
    assert by_name.keys() == {"Cash payment", "Card payment", "Without a code"}
    place.crm("PATCH", f"({by_name['Cash payment']})", {"new_name": "Coins", "new_code": "COINS"})
    place.erp("PATCH", "('CARD')", {"Description": "Plastic"})
    assert place.counted() == [(0, 1, 0), (0, 1, 0)]
    assert place.described() == {"CASH": "Coins", "CARD": "Plastic"}
    place.crm("PATCH", f"({by_name['Cash payment']})", {"new_code": "CASH"})
    verdicts = interlace("verify", "--json").only["mappings"]
    [judged] = [each for each in verdicts if each["mapping"] == METHOD]
    assert {state: count for state, count in judged["erp"]["states"].items() if count} == {
        "in scope, equal": 2
    }
    states = {state: count for state, count in judged["crm"]["states"].items() if count}
    assert states == {"in scope, equal": 2, "excluded": 1}
    assert interlace("undo", "CARD", "--yes").code == 0


def test_records_travel_from_the_crm_alone(place: Place) -> None:
    """What the CRM has is created and changed in the ERP; what only the ERP has stays there."""
    interlace = place.interlace
    place.grant()
    added = interlace(*ADD, "--create-new", "--direction", "from-crm", "--json").only
    assert added["direction"] == "FromIntegrationTable"
    assert interlace("mappings", "add-row", METHOD, "--erp", "Description", "--crm", "new_name").code == 0
    refused = interlace(
        "mappings", "add-row", METHOD, "--crm", "new_rank", "--constant", "2", "--direction", "to-crm"
    )
    assert (refused.code, "direction" in refused.err) == (4, True)
    assert interlace("mappings", "set", METHOD, "takes_part=yes").code == 0
    assert interlace("mappings", "check", METHOD).code == 0
    for code in ("CASH", "GIRO"):
        place.erp("POST", "", {"Code": code, "Description": f"{code.title()} payment"})
    place.crm("POST", "", {"new_code": "CASH", "new_name": "Cash payment"})
    place.crm("POST", "", {"new_code": "card", "new_name": "Card payment"})
    assert place.counted() == [(1, 0, 0)]
    everywhere = {"CASH": "Cash payment", "GIRO": "Giro payment", "CARD": "Card payment"}
    assert place.described() == everywhere
    assert place.names() == {"CASH": "Cash payment", "card": "Card payment"}
    written = place.written
    assert place.counted() == [(0, 0, 0)]
    assert place.written == written
    [card] = place.crm("GET", "?$filter=new_code eq 'card'")["value"]
    place.crm("PATCH", f"({card['new_paymentmethodid']})", {"new_name": "Plastic"})
    place.erp("PATCH", "('GIRO')", {"Description": "Giro"})
    assert place.counted() == [(0, 1, 0)]
    assert place.described() == {**everywhere, "GIRO": "Giro", "CARD": "Plastic"}
    place.erp("PATCH", "('CASH')", {"Description": "Coins"})
    verdicts = interlace("verify", "--json").only["mappings"]
    [judged] = [each for each in verdicts if each["mapping"] == METHOD]
    states = {state: count for state, count in judged["crm"]["states"].items() if count}
    assert states == {"in scope, equal": 1, "drifted": 1}
    # The CRM is right: what somebody wrote over it in the ERP is put right by a full run.
    assert place.run("--full")["modified"] == 1
    assert place.described()["CASH"] == place.names()["CASH"] == "Cash payment"


def test_an_option_meets_a_choice(place: Place) -> None:
    """The option goes by its caption, the choice by its label; what the list does not name is blank there."""
    interlace, page = place.interlace, "CountriesRegions"
    town_last = "Post_x0020_Code_x002B_City"
    place.grant()
    add = ("mappings", "add", COUNTRY, "--erp", page, "--crm", TABLE, "--key", COLUMN, "--direction", "both")
    assert interlace(*add, "--create-new").code == 0
    fields = ("--erp", "Address_Format", "--crm", "new_format")
    row = ("mappings", "add-row", COUNTRY, *fields, "--transformation", "values", "--with")
    refused = interlace(*row, f"{town_last}=Town nowhere")
    assert (refused.code, "new_format has no choice Town nowhere" in refused.err) == (4, True)
    told = interlace(*row, "Post Code+City=Town last|Citty+Post Code=town first", "--dry-run")
    assert (told.code, "holds Citty+Post Code in Address_Format now" in told.err) == (0, True)
    assert "Post Code+City" in told.err.partition("In use: ")[2]
    place.erp("POST", "", {"Code": "XA", "Name": "Somewhere", "Address_Format": "City+Post Code"}, page=page)
    kept = interlace(*row, "post code+city=Town last|City+Post Code=town first", "--json")
    assert (kept.code, "No record of the ERP" in kept.err) == (0, False)
    assert [pair[0] for pair in kept.only["pairs"]] == [town_last, "City_x002B_Post_x0020_Code"]
    narrow = "Address_Format one of Post Code+City|{}"
    counted = [
        interlace("mappings", "count", COUNTRY, narrow.format(each), "--json").only["taking_part"]
        for each in ("City_x002B_Post_x0020_Code", "city+post code", "Citty+Post Code")
    ]
    assert counted[0] == counted[1] > counted[2] > 0
    # Without a value list a text of the CRM holds what people read.
    to_text = ("--erp", "Address_Format", "--crm", "new_name", "--direction", "to-crm")
    assert interlace("mappings", "add-row", COUNTRY, *to_text).code == 0
    assert interlace("mappings", "set", COUNTRY, "takes_part=yes").code == 0
    assert interlace("mappings", "check", COUNTRY).code == 0
    place.erp("POST", "", {"Code": "XB", "Name": "Somewhere", "Address_Format": "Custom"}, page=page)
    place.crm("POST", "", {"new_code": "XC", "new_format": 1})

    def formats() -> dict[str, int | None]:
        """The formats of the three countries in the CRM, by code."""
        found = place.crm("GET", "?$select=new_code,new_format")["value"]
        return {it["new_code"]: it["new_format"] for it in found if it["new_code"] in {"XA", "XB", "XC"}}

    def address(code: str) -> str:
        """The format of a country in the ERP, as its page sends it."""
        found: str = place.erp("GET", f"('{code}')", page=page)["Address_Format"]
        return found

    to_crm, to_erp = place.counted(COUNTRY)
    assert (to_crm[2], to_erp) == (0, (1, 0, 0))
    assert formats() == {"XA": 2, "XB": None, "XC": 1}
    assert address("XC") == town_last
    ids = {it["new_code"]: it["new_paymentmethodid"] for it in place.crm("GET", "")["value"]}
    place.crm("PATCH", f"({ids['XA']})", {"new_format": 1})
    place.erp("PATCH", "('XC')", {"Address_Format": "City+Post Code"}, page=page)
    assert place.counted(COUNTRY) == [(0, 1, 0), (0, 1, 0)]
    assert formats() == {"XA": 1, "XB": None, "XC": 2}
    assert [address(code) for code in ("XA", "XB")] == [town_last, "Custom"]
    assert place.names()["XC"] == "City+Post Code"
    # What the CRM's choice made of the ERP's option is a text of the CRM a run later.
    assert place.counted(COUNTRY) == [(0, 1, 0), (0, 0, 0)]
    assert place.names()["XA"] == "Post Code+City"
    written = place.written
    assert place.counted(COUNTRY) == [(0, 0, 0), (0, 0, 0)]
    assert place.written == written


def _add_client_table(place: Place) -> None:
    """Let a customizer make a table whose records point at payment methods and at users."""
    customizer = Customizer(place.ends.crm)
    table = {
        "@odata.type": f"{KIND}.EntityMetadata",
        "SchemaName": "new_Client",
        "DisplayName": _label("Client"),
        "OwnershipType": "OrganizationOwned",
        "Attributes": [
            _attribute("String", "new_Name", IsPrimaryName=True, MaxLength=100),
            _attribute("String", "new_No", MaxLength=20),
        ],
    }
    lookups = [
        {
            "@odata.type": f"{KIND}.OneToManyRelationshipMetadata",
            "SchemaName": f"new_{name}_client",
            "ReferencedEntity": referenced,
            "ReferencingEntity": "new_client",
            "CascadeConfiguration": {"Delete": "RemoveLink"},
            "Lookup": {"SchemaName": f"new_{name}Id", "DisplayName": _label(name)},
        }
        for name, referenced in (("Method", TABLE), ("Advisor", "systemuser"))
    ]
    for path, body in (
        ("EntityDefinitions", table),
        *(("RelationshipDefinitions", each) for each in lookups),
    ):
        made = customizer.ask("POST", path, body)
        assert made.status == 204, made.body
    place.grant("new_Client")


def test_a_reference_goes_by_the_couplings_of_another_mapping(place: Place) -> None:
    """Chosen by naming that mapping: its record waits until the other is coupled, then follows it on both sides."""
    interlace, client, number = place.interlace, "CLIENT", "C00010"
    place.grant()
    _add_client_table(place)
    for code in ("CASH", "CARD"):
        place.erp("POST", "", {"Code": code, "Description": f"{code.title()} payment"})
    place.erp("PATCH", f"('{number}')", {"Payment_Method_Code": "CASH"}, page="CustomerCard")
    assert interlace(*ADD, "--create-new").code == 0
    add = ("mappings", "add", client, "--erp", "Customer", "--crm", "new_client", "--key", "new_no")
    assert interlace(*add, "--create-new", "--direction", "both").code == 0
    row = ("mappings", "add-row", client, "--erp", "Payment_Method_Code", "--crm", "new_methodid")
    for more, told in (
        ((), "Take the transformation “Reference”"),
        (("--with", "NOWHERE"), f"Possible: {METHOD}."),
        (("--with", "CUSTOMER"), f"points at {TABLE}, but CUSTOMER couples records of account"),
    ):
        refused = interlace(*row, *(("--transformation", "reference") if more else ()), *more)
        assert (refused.code, told in refused.err) == (4, True), refused.err
    assert interlace(*row, "--transformation", "reference", "--with", METHOD.lower()).code == 0
    shown = interlace("mappings", "show", client, "--json").only
    assert shown["depends_on"] == [METHOD]
    settings = ("mappings", "set", client, f"table_filter=No = {number}", "takes_part=yes")
    assert interlace(*settings).code == 0
    assert interlace("mappings", "set", METHOD, "takes_part=yes").code == 0
    assert interlace("mappings", "check").code == 0
    to_crm, _ = place.counted(client)
    assert to_crm == (0, 0, 1)
    [waiting] = [it for it in interlace("errors", "list", "--json").objects if it["mapping"] == client]
    assert f"'CASH' is not coupled ({METHOD})" in json.dumps(waiting)
    assert place.run()["failed"] == 0
    assert place.counted(client)[0] == (1, 0, 0)
    ids = {it["new_code"]: it["new_paymentmethodid"] for it in place.crm("GET", "")["value"]}

    def method() -> tuple[str | None, str]:
        """The method of the customer's client in the CRM, and of the customer."""
        [held] = place.crm("GET", "?$select=_new_methodid_value", records="new_clients")["value"]
        customer = place.erp("GET", f"('{number}')", page="CustomerCard")
        return held["_new_methodid_value"], customer["Payment_Method_Code"]

    assert method() == (ids["CASH"], "CASH")
    [made] = place.crm("GET", "", records="new_clients")["value"]
    moved = {"new_MethodId@odata.bind": f"/new_paymentmethods({ids['CARD']})"}
    place.crm("PATCH", f"({made['new_clientid']})", moved, records="new_clients")
    assert place.counted(client) == [(0, 0, 0), (0, 1, 0)]
    assert method() == (ids["CARD"], "CARD")
    place.erp("PATCH", f"('{number}')", {"Payment_Method_Code": ""}, page="CustomerCard")
    assert place.counted(client) == [(0, 1, 0), (0, 0, 0)]
    assert method() == (None, "")
    place.erp("PATCH", f"('{number}')", {"Payment_Method_Code": "CASH"}, page="CustomerCard")
    verdicts = {it["mapping"]: it for it in interlace("verify", "--json").only["mappings"]}
    assert verdicts[client]["erp"]["states"]["drifted"] == 1
    assert place.counted(client) == [(0, 1, 0), (0, 0, 0)]
    verdicts = {it["mapping"]: it for it in interlace("verify", "--json").only["mappings"]}
    states = verdicts[client]["erp"]["states"]
    assert (states["in scope, equal"], states["drifted"]) == (1, 0)
    refused = interlace("mappings", "remove", METHOD, "--yes")
    assert (refused.code, f"{client} refers to records of {METHOD}" in refused.err) == (4, True)


def test_a_reference_leads_to_the_user_of_a_salesperson(place: Place) -> None:
    """Chosen by naming SALESPEOPLE: the user is looked up by its couplings, and judged by the e-mail address."""
    interlace, client, number = place.interlace, "CLIENT", "C00010"
    _add_client_table(place)
    place.grant("User")
    add = ("mappings", "add", client, "--erp", "Customer", "--crm", "new_client", "--key", "new_no")
    assert interlace(*add, "--create-new").code == 0
    row = ("mappings", "add-row", client, "--erp", "Salesperson_Code", "--crm", "new_advisorid")
    assert interlace(*row, "--transformation", "reference", "--with", "salespeople").code == 0
    assert "SALESPEOPLE" in interlace("mappings", "show", client, "--json").only["depends_on"]
    settings = ("mappings", "set", client, f"table_filter=No = {number}", "takes_part=yes")
    assert interlace(*settings).code == 0
    assert interlace("synch", "SALESPEOPLE", "--full").code == 0
    assert place.counted(client) == [(1, 0, 0)]
    [held] = place.crm("GET", "?$select=_new_advisorid_value", records="new_clients")["value"]
    user = place.crm("GET", f"({held['_new_advisorid_value']})", records="systemusers")
    code = place.erp("GET", f"('{number}')", page="CustomerCard")["Salesperson_Code"]
    salesperson = place.erp("GET", f"('{code}')", page="SalespersonCard")
    assert user["internalemailaddress"].lower() == salesperson["E_Mail"].lower() != ""

    def drifted() -> int:
        """How many clients the judge finds to differ."""
        verdicts = {it["mapping"]: it for it in interlace("verify", "--json").only["mappings"]}
        return int(verdicts[client]["erp"]["states"]["drifted"])

    assert drifted() == 0
    place.erp("PATCH", f"('{number}')", {"Salesperson_Code": ""}, page="CustomerCard")
    assert drifted() == 1
    assert place.counted(client) == [(0, 1, 0)]
    assert drifted() == 0


def test_a_mapping_is_carried_to_another_state(place: Place, tmp_path: Path) -> None:
    """An export holds what was added and what was changed in it; an import brings both, and takes none away."""
    interlace = place.interlace
    assert interlace(*ADD).code == 0
    assert interlace("mappings", "add-row", METHOD, "--erp", "Description", "--crm", "new_name").code == 0
    file = tmp_path / "mappings.json"
    file.write_text(interlace("mappings", "export").out, encoding="utf-8")
    assert interlace("mappings", "import", str(file), "--dry-run", "--json").out == ""
    assert interlace("mappings", "remove", METHOD, "--yes").code == 0
    compared = interlace("mappings", "import", str(file), "--dry-run").out
    assert f"{METHOD} is added" in compared
    assert interlace("mappings", "show", METHOD).code == 4
    assert interlace("mappings", "import", str(file)).code == 0
    shown = interlace("mappings", "show", METHOD, "--json").only
    assert [row["crm_field"] for row in shown["fields"]] == ["new_code", "new_name"]
    [listed] = [each for each in interlace("mappings", "list", "--json").objects if each["mapping"] == METHOD]
    assert listed["takes_part"] is False
    held = json.loads(file.read_text(encoding="utf-8"))
    held["own_mappings"][0]["crm_table"] = "territory"
    file.write_text(json.dumps(held), encoding="utf-8")
    other = interlace("mappings", "import", str(file))
    assert other.code == 4
    assert f"{METHOD} joins other tables here" in other.err
    held["own_mappings"][0]["crm_table"] = 1
    file.write_text(json.dumps(held), encoding="utf-8")
    assert "own_mappings" in interlace("mappings", "import", str(file)).err
    del held["own_mappings"], held["mappings"][METHOD]
    file.write_text(json.dumps({**held, "left_out": []}), encoding="utf-8")
    assert interlace("mappings", "import", str(file)).code == 0
    assert len(interlace("mappings", "show", METHOD, "--json").only["fields"]) == 1


def test_a_mapping_is_deleted_with_its_couplings(place: Place) -> None:
    """Only one of one's own; what goes is told first, records stay, and what was removed leaves no traces."""
    interlace = place.interlace
    place.grant()
    place.erp("POST", "", {"Code": "CARD", "Description": "Card payment"})
    assert interlace(*ADD, "--create-new").code == 0
    interlace("mappings", "set", METHOD, "takes_part=yes")
    made = place.run()["inserted"]
    assert made >= 1
    told = interlace("mappings", "remove", METHOD)
    assert told.code == 4
    assert f"Delete {METHOD} with {made} coupling" in told.err
    assert "no mapping of your own" in interlace("mappings", "remove", "CUSTOMER", "--yes").err
    assert interlace("mappings", "remove", METHOD, "--yes", "--json").only == {
        "mapping": METHOD,
        "removed_couplings": made,
    }
    assert len(place.names()) == made
    assert METHOD not in interlace("couplings", "list", "--json").out
    assert METHOD not in interlace("jobs", "--json").out
    assert METHOD in interlace("journal", "show", "--json").out
    assert interlace("mappings", "list").code == interlace("errors", "list").code == 0
    # Added anew it finds its records by the same keys.
    assert interlace(*ADD, "--create-new").code == 0
    again = place.run()
    assert (again["inserted"], again["failed"]) == (0, 0)
    assert len(place.names()) == made == len(interlace("couplings", "list", METHOD, "--json").objects)
    # The rows that it finds of its own in both services are no sign of a restored backup.
    assert interlace("restorations", "--json").out == ""
    audit = interlace("audit", "list", "--json").out
    assert "mappings.add" in audit
    assert "mappings.remove" in audit
