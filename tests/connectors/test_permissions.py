"""The ERP's page of permissions: what its rows say, and how a row that can't be read is told."""

import json

import pytest
from tests.connectors.stub_channel import StubChannel

from interlace.connectors.business_central.permissions import Permissions
from interlace.connectors.business_central.service import BusinessCentralService, BusinessCentralSettings
from interlace.connectors.http_message import HttpAnswer
from interlace.domain.privilege import Access
from interlace.engine.service import ServiceMismatch

METADATA = b"""<edmx:Edmx Version="4.0" xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx"><edmx:DataServices>
<Schema Namespace="NAV" xmlns="http://docs.oasis-open.org/odata/ns/edm">
<EntityType Name="EffectivePermissions"><Key><PropertyRef Name="Table_Name"/></Key>
<Property Name="Table_Name" Type="Edm.String" Nullable="false"/></EntityType>
<EntityContainer Name="NAV"><EntitySet Name="EffectivePermissions" EntityType="NAV.EffectivePermissions"/>
</EntityContainer></Schema></edmx:DataServices></edmx:Edmx>"""
GOOD = {"Table_Name": "Sales Header", "Read_Permission": True, "Insert_Permission": True}


async def told(*rows: object) -> Permissions | None:
    """Ask an ERP whose page holds these rows."""
    page = json.dumps({"value": rows}).encode()
    channel = StubChannel(
        HttpAnswer(status=200, headers={"content-type": "application/xml"}, body=METADATA),
        HttpAnswer(status=200, headers={"content-type": "application/json"}, body=page),
    )
    return await BusinessCentralService(channel, BusinessCentralSettings(company="Nordlicht")).permissions()


async def test_rows_tell_what_may_be_done_with_a_table() -> None:
    """Tables are called as everywhere else; what is not told is not given."""
    permissions = await told(GOOD)
    assert permissions is not None
    assert permissions["Sales_Header"] == {Access.READ, Access.CREATE}


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"Read_Permission": True}, "it names no table (Table_Name)"),
        ({**GOOD, "Table_Name": None}, "it names no table (Table_Name)"),
        ({**GOOD, "Table_Name": ""}, "it names no table (Table_Name)"),
        ({**GOOD, "Read_Permission": "Often"}, "Read_Permission"),
        ({**GOOD, "Table_Name": 36}, "Table_Name"),
    ],
)
async def test_a_row_that_can_not_be_read_is_told(row: dict[str, object], reason: str) -> None:
    """What can't be read, in which row, what the row says, and what to publish."""
    with pytest.raises(ServiceMismatch) as raised:
        await told(GOOD, row)
    text = str(raised.value)
    assert text.startswith("Row 2 of the ERP's page service EffectivePermissions can't be read: ")
    assert reason in text
    assert json.dumps(row, separators=(",", ":")) in text.replace('": ', '":').replace(', "', ',"')
    assert "Publish a page as EffectivePermissions that shows Table_Name" in text


async def test_a_long_row_is_told_shortly() -> None:
    """A message stays one that people read."""
    with pytest.raises(ServiceMismatch) as raised:
        await told({"Read_Permission": True, "Remark": "x" * 5000})
    assert len(str(raised.value)) < 700
