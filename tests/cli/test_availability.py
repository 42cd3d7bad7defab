"""`interlace availability`: CRM users look up the stock with a token that reads the feed and nothing else."""

import base64
import json
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import quote
from urllib.request import Request, urlopen

import pytest
from tests.cli.both_ends import NAME, BothEnds, Interlace

from interlace.sandbox.stored_table import SqlClause


def _erp(
    ends: BothEnds,
    path: str,
    *,
    user: str = "INTERLACE",
    key: str = "",
    body: object = None,
    method: str | None = None,
) -> Any:
    """Ask the ERP's page services; gives the JSON, or the status of a refusal."""
    url = f"{ends.erp_address}/ODataV4/Company('Nordlicht')/{quote(path, safe='/?$=&()')}"
    pair = f"{user}:{key or ends.erp_key_file.read_text().strip()}"
    headers = {
        "Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}",
        "Content-Type": "application/json",
    }
    content = None if body is None else json.dumps(body).encode()
    try:
        with urlopen(Request(url, content, headers, method=method)) as answer:
            return json.loads(answer.read().decode("utf-8-sig") or "null")
    except HTTPError as refused:
        return refused.code


def _rows(ends: BothEnds) -> list[dict[str, Any]]:
    """What the CRM's users find."""
    records = ends.crm.records
    keys = records.store.find_keys("ilc_connection", SqlClause("1 = 1"))
    return [dict(records.required_row("ilc_connection", str(key))) for (key,) in keys]


@pytest.fixture
def published(synchronized: Interlace, both_ends: BothEnds) -> Iterator[Interlace]:
    """Commands over a connection whose feed is published; the CRM's row is gone afterwards."""
    ended = synchronized("availability", "publish", "--json")
    assert ended.code == 0, ended.err
    yield synchronized
    synchronized("availability", "unpublish", "--yes")


def test_published_row_lets_a_crm_user_read_the_feed(published: Interlace, both_ends: BothEnds) -> None:
    """Address, user and token of the CRM's row read the feed, and neither customers nor users of the ERP."""
    [row] = _rows(both_ends)
    assert row["ilc_name"] == "Nordlicht"
    assert row["ilc_odataurl"].endswith("Company('Nordlicht')/ProductItemAvailability")
    sign_in = {"user": row["ilc_odatausername"], "key": row["ilc_odataaccesskey"]}
    feed = _erp(both_ends, "ProductItemAvailability", **sign_in)["value"]
    assert len(feed) > 10
    assert row["ilc_odataaccesskey"] != both_ends.erp_key_file.read_text().strip()
    for path in ("CustomerCard", "Users", "CRMIntegrationRecords", "SalesOrder"):
        assert _erp(both_ends, path, **sign_in) == 401
    assert _erp(both_ends, "Users('INTERLACE')/NAV.ChangeWebServiceKey", **sign_in, body={}) == 401


def test_register_tells_every_coupled_item(published: Interlace, both_ends: BothEnds) -> None:
    """The ERP knows each coupled product under its item; a second publication writes no record of it."""
    told = {row["CRM_ID"]: row["Item_No"] for row in _erp(both_ends, "CRMIntegrationRecords")["value"]}
    couplings = published("couplings", "list", "ITEM-PRODUCT", "--limit", "1000", "--json").objects
    assert told == {each["crm_key"]: each["erp_key"] for each in couplings}
    again = published("availability", "publish", "--json").only
    assert (again["coupled"], again["written"]) == (len(told), 0)


def test_no_output_holds_the_token_or_the_key(
    synchronized: Interlace, both_ends: BothEnds, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither output, nor the most talkative log, nor Interlace's own database has the token or the key."""
    caplog.set_level("DEBUG")
    outputs = [
        synchronized("availability", "publish"),
        synchronized("availability", "status", "--json"),
        synchronized("connection", "show", "--json"),
        synchronized("journal", "list", "--json"),
    ]
    token = _rows(both_ends)[0]["ilc_odataaccesskey"]
    synchronized("availability", "unpublish", "--yes")
    with sqlite3.connect(tmp_path / "state" / "interlace.db") as database:
        dump = "\n".join(database.iterdump())
    database.close()
    for secret in (token, both_ends.erp_key_file.read_text().strip()):
        assert all(secret not in each.out + each.err for each in outputs)
        assert secret not in dump
        assert secret not in caplog.text


def test_item_is_shown_with_stock_unit_product_and_age(published: Interlace, both_ends: BothEnds) -> None:
    """One command tells what a CRM user would see, and which product it is."""
    feed = _erp(both_ends, "ProductItemAvailability?$filter=Inventory gt 0&$top=1")["value"][0]
    shown = published("availability", feed["ItemNo"], "--json").only
    assert shown["inventory"] == feed["Inventory"]
    assert shown["projected"] == feed["Projected_Available_Balance"]
    assert (shown["unit"], shown["product_id"]) == (feed["UOM"], feed["CRM_ID"])
    assert shown["product"]
    assert shown["age"] == 0
    assert shown == published("availability", "show", feed["ItemNo"].lower(), "--json").only
    assert feed["ItemNo"] in published("availability", feed["ItemNo"]).out


def test_unknown_item_is_told(published: Interlace) -> None:
    """A number that the ERP does not have is named, with where to look."""
    ended = published("availability", "NO-SUCH-ITEM")
    assert ended.code == 4
    assert "The ERP has no item NO-SUCH-ITEM" in ended.err


def test_unpublishing_takes_the_row_and_the_token_away(synchronized: Interlace, both_ends: BothEnds) -> None:
    """Afterwards the CRM has no row, and the token that was in it opens nothing."""
    synchronized("availability", "publish")
    token = _rows(both_ends)[0]["ilc_odataaccesskey"]
    assert synchronized("availability", "unpublish", "--yes", "--json").only["unpublished"] is True
    assert _rows(both_ends) == []
    assert _erp(both_ends, "ProductItemAvailability", key=token) == 401
    assert synchronized("availability", "unpublish", "--yes", "--json").only["unpublished"] is False
    status = synchronized("availability", "status", "--json")
    assert status.only["published"] is False
    assert "interlace availability publish" in status.err


def test_status_tells_that_the_sign_in_works_and_when_not(published: Interlace, both_ends: BothEnds) -> None:
    """The status tries the CRM's own sign-in: a token that another one has replaced is seen."""
    before = published("availability", "status", "--json")
    assert before.code == 0
    assert (before.only["published"], before.only["sign_in"], before.only["differing"]) == (True, "works", 0)
    _erp(both_ends, "Users('INTERLACE')/NAV.IssueFeedToken", body={})
    after = published("availability", "status", "--json")
    assert after.code == 3
    assert "refuses" in after.only["sign_in"]


def test_token_is_renewed_before_its_end(
    published: Interlace, both_ends: BothEnds, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run of the items replaces a token that has less than a month left, and leaves a younger one alone."""
    token = _rows(both_ends)[0]["ilc_odataaccesskey"]
    published("synch", "ITEM-PRODUCT")
    assert _rows(both_ends)[0]["ilc_odataaccesskey"] == token
    monkeypatch.setattr("interlace.bootstrap.availability.RENEWED_BEFORE", timedelta(days=91))
    published("synch", "ITEM-PRODUCT")
    [row] = _rows(both_ends)
    assert row["ilc_odataaccesskey"] != token
    assert _erp(both_ends, "ProductItemAvailability", key=row["ilc_odataaccesskey"])["value"]
    expires = datetime.fromisoformat(row["ilc_expires"])
    assert expires - datetime.now(UTC) > timedelta(days=89)


def test_new_key_of_the_erp_user_brings_a_new_token(
    published: Interlace, both_ends: BothEnds, tmp_path: Path
) -> None:
    """The token ends with the key; once Interlace has the new key, the next run has a new token issued."""
    file = tmp_path / "key.txt"
    _erp(both_ends, "Users", body={"User_Name": "KEEPER"})

    def use_new_key() -> None:
        """Give the user another key, and tell Interlace."""
        key = _erp(both_ends, "Users('KEEPER')/NAV.ChangeWebServiceKey", body={})["value"]
        file.write_text(key, encoding="utf-8")
        ended = published("connection", "change", NAME, "--erp-user", "KEEPER", "--erp-key-file", str(file))
        assert ended.code == 0, ended.err
        published("synch", "ITEM-PRODUCT")

    use_new_key()
    [first] = _rows(both_ends)
    use_new_key()
    [second] = _rows(both_ends)
    assert first["ilc_odatausername"] == second["ilc_odatausername"] == "KEEPER"
    opened = [
        _erp(both_ends, "ProductItemAvailability", user="KEEPER", key=row["ilc_odataaccesskey"])
        for row in (first, second)
    ]
    assert opened[0] == 401
    assert opened[1]["value"]
    assert published("availability", "status", "--json").only["sign_in"] == "works"


def test_idle_run_writes_nothing(published: Interlace, both_ends: BothEnds) -> None:
    """A run of the items with nothing to do leaves register and token alone."""
    published("synch", "ITEM-PRODUCT")
    tags = {row["@odata.etag"] for row in _erp(both_ends, "CRMIntegrationRecords")["value"]}
    row = _rows(both_ends)
    published("synch", "ITEM-PRODUCT")
    assert {each["@odata.etag"] for each in _erp(both_ends, "CRMIntegrationRecords")["value"]} == tags
    assert _rows(both_ends) == row


def test_uncoupled_item_leaves_the_register(published: Interlace, both_ends: BothEnds) -> None:
    """The run after an uncoupling takes the item out of the feed, and brings it back when it is coupled again."""
    entry = _erp(both_ends, "CRMIntegrationRecords?$top=1")["value"][0]
    number, product = entry["Item_No"], entry["CRM_ID"]
    find = f"ProductItemAvailability?$filter=ItemNo eq '{number}'"
    ended = published("couplings", "remove", "ITEM-PRODUCT", number, "--yes")
    assert ended.code == 0, ended.err
    published("synch", "ITEM-PRODUCT")
    assert _erp(both_ends, find)["value"] == []
    ended = published("couplings", "add", "ITEM-PRODUCT", number, product)
    assert ended.code == 0, ended.err
    published("synch", "ITEM-PRODUCT")
    assert [row["CRM_ID"] for row in _erp(both_ends, find)["value"]] == [product]


def test_register_that_somebody_spoilt_is_cured_by_a_sweep(
    published: Interlace, both_ends: BothEnds, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A wrong record in place of a right one leaves the number as it was: the next run that sweeps finds it."""
    before = {row["CRM_ID"]: row["Item_No"] for row in _erp(both_ends, "CRMIntegrationRecords")["value"]}
    right, number = next(iter(before.items()))
    wrong = {"CRM_ID": "7c4b9df2-0000-4000-8000-00000000000a", "Item_No": number}
    assert _erp(both_ends, f"CRMIntegrationRecords({right})", method="DELETE") is None
    assert _erp(both_ends, "CRMIntegrationRecords", body=wrong)["Item_No"] == number
    assert published("availability", "status", "--json").only["differing"] == 2
    monkeypatch.setenv("INTERLACE_SYNCH__SWEEP_MINUTES", "0")
    published("synch", "ITEM-PRODUCT")
    after = {row["CRM_ID"]: row["Item_No"] for row in _erp(both_ends, "CRMIntegrationRecords")["value"]}
    assert after == before


def test_own_sign_in_never_goes_to_the_crm(
    synchronized: Interlace, both_ends: BothEnds, tmp_path: Path
) -> None:
    """The key that Interlace works with is refused as the CRM users' one, under any user's name."""
    for user in ("interlace", "SOMEBODY"):
        options = ("--odata-user", user, "--odata-key-file", str(both_ends.erp_key_file))
        ended = synchronized("availability", "publish", *options)
        assert ended.code == 4
        assert "could read its key" in ended.err
    half = synchronized("availability", "publish", "--odata-user", "READER")
    assert "belong together" in half.err
    assert _rows(both_ends) == []


def test_another_user_serves_where_the_erp_issues_no_tokens(
    synchronized: Interlace, both_ends: BothEnds, tmp_path: Path
) -> None:
    """A user of the ERP is taken as given, with a warning when he may read more than the feed; a wrong key is told."""
    _erp(both_ends, "Users", body={"User_Name": "READER"})
    key = _erp(both_ends, "Users('READER')/NAV.ChangeWebServiceKey", body={})["value"]
    file = tmp_path / "reader.txt"
    file.write_text(key, encoding="utf-8")
    ended = synchronized(
        "availability", "publish", "--odata-user", "READER", "--odata-key-file", str(file), "--json"
    )
    assert ended.code == 0
    assert ended.only["expires"] is None
    assert "may read customers too" in ended.err
    assert _rows(both_ends)[0]["ilc_odatausername"] == "READER"
    file.write_text("wrong", encoding="utf-8")
    refused = synchronized("availability", "publish", "--odata-user", "READER", "--odata-key-file", str(file))
    assert refused.code == 4
    assert "wrong" not in refused.err
    synchronized("availability", "unpublish", "--yes")
