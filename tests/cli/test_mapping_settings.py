"""`interlace mappings set|count|fields|try|export|import` over both embedded services, judged by what they hold."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.cli.both_ends import Interlace
from tests.cli.two_services import PARTIES, TwoServices, two_services

from interlace.cli.exit_codes import ExitCode
from interlace.domain.side import Side

INSIDE, OUTSIDE = "C00010", "C00020"
CUSTOMERS = 6


@pytest.fixture
def services(tmp_path: Path, interlace: Interlace) -> Iterator[TwoServices]:
    """Both services after two full runs."""
    with two_services(tmp_path, tmp_path / "state", interlace, customers=CUSTOMERS) as opened:
        for _ in range(2):
            opened.interlace("synch", *PARTIES, "--full")
        yield opened


def _value(services: TwoServices, key: str, field: str) -> object:
    (found,) = [
        fields[field] for (_, _, held), fields in services.held().items() if held == key and field in fields
    ]
    return found


def test_a_filter_keeps_changes_of_records_outside_it_from_the_other_side(services: TwoServices) -> None:
    """Their partners' changes still come; once the filter is taken back, a full run brings everything into step."""
    kept = services.interlace("mappings", "set", "CUSTOMER", f"table_filter=No one of {INSIDE}|NOBODY")
    assert kept.code == ExitCode.OK
    assert "`interlace synch CUSTOMER --full`" in kept.err
    counted = services.interlace("mappings", "count", "CUSTOMER", "--json").only
    assert (counted["records"], counted["taking_part"]) == (CUSTOMERS, 1)
    assert counted["coupled_leaving"] > 0
    tried = services.interlace("mappings", "try", "CUSTOMER", OUTSIDE, "--json")
    assert tried.code == ExitCode.OK
    for key in (INSIDE, OUTSIDE):
        services.edit("CUSTOMER", Side.ERP, key, {"Name": "Renamed"})
    account = services.partner("CUSTOMER", OUTSIDE)
    services.edit("CUSTOMER", Side.CRM, account, {"telephone1": "+47 1"})
    services.interlace("synch", "CUSTOMER")
    assert _value(services, services.partner("CUSTOMER", INSIDE), "name") == "Renamed"
    assert _value(services, account, "name") != "Renamed"
    assert _value(services, OUTSIDE, "Phone_No") == "+47 1"
    assert services.interlace("mappings", "reset", "CUSTOMER", "--json").only["reset"] == ["table_filter"]
    services.interlace("synch", "CUSTOMER", "--full")
    assert _value(services, account, "name") == "Renamed"


def test_a_disabled_field_row_carries_nothing_and_the_others_do(services: TwoServices) -> None:
    """Enabled again, a value that differs by then is a person's to decide; values that agree are in step at once."""
    account = services.partner("CUSTOMER", INSIDE)
    before = _value(services, account, "telephone1")
    assert services.interlace("mappings", "set", "CUSTOMER", "enabled.Phone_No=no").code == ExitCode.OK
    services.edit("CUSTOMER", Side.ERP, INSIDE, {"Phone_No": "+47 2", "Name": "Renamed"})
    services.interlace("synch", "CUSTOMER")
    assert _value(services, account, "name") == "Renamed"
    assert services.interlace("mappings", "set", "CUSTOMER", "enabled.Phone_No=yes").code == ExitCode.OK
    assert _value(services, account, "telephone1") == before
    services.interlace("synch", "CUSTOMER", "--full")
    listed = services.interlace("errors", "--mapping", "CUSTOMER", "--json").objects
    held = {each["record"] for each in listed if each["code"] == "IL-201"}
    assert held == {INSIDE, account}


def test_settings_are_told_and_refused_in_words(connected: Interlace) -> None:
    """The fields of the service's table are the measure; what is wrong is named with what is possible."""
    listed = {each["field"]: each for each in connected("mappings", "fields", "CUSTOMER", "--json").objects}
    assert listed["Credit_Limit_LCY"]["kind"] == "decimal"
    assert "at least" in listed["Credit_Limit_LCY"]["comparisons"]
    crm = {each["field"] for each in connected("mappings", "fields", "CUSTOMER", "--crm", "--json").objects}
    assert {"name", "statecode"} <= crm
    for text, told in (
        ("table_filter=Nothing = 1", "The table has no field Nothing."),
        ("table_filter=Credit_Limit_LCY = much", "Write it like 12.50."),
        ("table_filter=Name at least A", "Name can't be compared so. Possible: =, <>, one of"),
        ("table_filter=Name =", "A value to compare with is missing."),
        ("table_filter=Name", "is no condition. Write FIELD COMPARISON VALUE"),
        ("enabled.Name=no", "Write enabled.FIELD=no or enabled.FIELD=yes with one of these fields: Contact"),
        ("colour=blue", "is no setting of a mapping."),
        ("takes_part=perhaps", "takes_part can't be 'perhaps'. Possible: yes, no."),
    ):
        ended = connected("mappings", "set", "CUSTOMER", text)
        assert ended.code == ExitCode.CONFIGURATION
        assert told in ended.err
    assert connected("mappings", "show", "CUSTOMER", "--json").only["table_filter"] == []


def test_settings_are_carried_to_another_state(connected: Interlace, tmp_path: Path) -> None:
    """All of them or none: an import compares first when told to, and refuses what makes no sense."""
    file = tmp_path / "mappings.json"
    changed = connected(
        "mappings",
        "set",
        "CUSTOMER",
        "table_filter=name begins with A; Balance_LCY at least 10.5",
        "takes_part=no",
    )
    assert "Name begins with A; Balance_LCY at least 10.5" in changed.out
    connected("mappings", "set", "CONTACT", "direction=ToIntegrationTable")
    file.write_text(connected("mappings", "export").out, encoding="utf-8")
    connected("mappings", "reset", "CUSTOMER")
    connected("mappings", "set", "CUSTOMER", "takes_part=yes")
    compared = connected("mappings", "import", str(file), "--dry-run", "--json")
    assert [each["difference"] for each in compared.objects] == [
        "CUSTOMER: table_filter",
        "CUSTOMER takes no part",
    ]
    assert connected("mappings", "import", str(file)).code == ExitCode.OK
    assert connected("mappings", "export").out == file.read_text(encoding="utf-8")
    held = json.loads(file.read_text(encoding="utf-8"))
    held["mappings"]["CONTACT"]["direction"] = "Sideways"
    held["mappings"]["CUSTOMER"] = {}
    for text in (json.dumps(held), "no JSON", "{}"):
        file.write_text(text, encoding="utf-8")
        assert connected("mappings", "import", str(file)).code == ExitCode.CONFIGURATION
    assert connected("mappings", "show", "CUSTOMER", "--json").only["table_filter"] != []
