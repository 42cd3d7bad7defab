"""The list of findings over the desk: of the last verdict, filtered, sorted, searched, page by page."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import msgspec
import pytest

from interlace.bootstrap.application import Application, Connection
from interlace.bootstrap.connection_settings import ConnectionSettings
from interlace.bootstrap.desk.findings import add_findings
from interlace.bootstrap.desk.listing_place import OneCommand
from interlace.bootstrap.kept_verdicts import KeptVerdicts
from interlace.bootstrap.machine_user import machine_caller
from interlace.domain.keys import ConnectionId
from interlace.locale.translatable import translatable
from interlace.management.desk import Works
from interlace.management.findings import LIST_FINDINGS, FindingRow, FindingsListed
from interlace.management.listing import ListAsked
from interlace.management.refusal import Refused
from interlace.settings import load_config
from interlace.ui.words import words_of
from interlace.verify import End, RecordState, VerifyReport
from interlace.verify.verify_report import FieldDifference, Finding, MappingVerdict, SideCounts


@pytest.fixture
def application(tmp_path: Path) -> Iterator[Application]:
    """An Interlace with one connection and no verdict."""
    config = load_config(environment={}, overrides={"state.directory": str(tmp_path / "state")})
    with Application(config) as opened:
        settings = ConnectionSettings(
            name="main",
            erp_address="http://erp.example",
            erp_company="A",
            erp_user="I",
            crm_address="http://crm.example",
            crm_token_url="http://crm.example/token",
            crm_client_id="i",
        )
        opened.keep(Connection(id=ConnectionId("c"), settings=settings))
        yield opened


def verdict_of(mapping: str) -> MappingVerdict:
    """Return a verdict with two fields that differ, one that may, and records on both sides without partner."""
    verdict = MappingVerdict(
        mapping=mapping,
        erp=SideCounts(end=End.ERP, table="CustomerCard"),
        crm=SideCounts(end=End.CRM, table="accounts"),
    )
    names = {"erp_key": "C1", "crm_key": "a1", "erp_value": "Nord", "crm_value": "Süd"}
    for erp_field, crm_column in (("Name", "name"), ("Fax_No", "fax")):
        verdict.differences.append(
            FieldDifference(mapping=mapping, erp_field=erp_field, crm_column=crm_column, **names)
        )
    verdict.creation_differences.append(
        FieldDifference(mapping=mapping, erp_field="County", crm_column="county", **names)
    )
    for end, key in ((End.ERP, "C9"), (End.CRM, "a9"), (End.ERP, "C8")):
        reason = translatable("no CRM record belongs to it")
        verdict.note(Finding(mapping=mapping, end=end, key=key, state=RecordState.MISSING, reason=reason))
    return verdict


def listed(application: Application, asked: ListAsked) -> FindingsListed:
    """Ask for a page."""
    works = Works()
    add_findings(works, OneCommand(application))

    async def ask() -> FindingsListed:
        """Ask."""
        return cast("FindingsListed", await works.get(LIST_FINDINGS.name)(machine_caller(), asked))

    return asyncio.run(ask())


def keep(application: Application, *mappings: str) -> None:
    """Keep a verdict on mappings."""
    kept = KeptVerdicts(application.config.state_directory)
    report = VerifyReport(verdicts=tuple(map(verdict_of, mappings)))
    kept.keep_verdict("c", report, person="ada", now=datetime(2026, 11, 22, 10, 30, tzinfo=UTC))


def test_without_a_verdict_nothing_is_found(application: Application) -> None:
    """As where both sides are equal."""
    assert listed(application, ListAsked()) == FindingsListed(count=0)


def test_each_record_and_field_is_a_row(application: Application) -> None:
    """What needs somebody first; both values of a field, and why a record stands out, in the reader's language."""
    keep(application, "CUSTOMER")
    rows = listed(application, ListAsked()).rows
    assert [(each.number, each.found, each.side, each.record) for each in rows] == [
        (1, "drifted", "", "C1"),
        (2, "drifted", "", "C1"),
        (3, "missing partner", "erp", "C9"),
        (4, "missing partner", "crm", "a9"),
        (5, "missing partner", "erp", "C8"),
        (6, "creation", "", "C1"),
    ]
    name = rows[0]
    assert (name.erp_field, name.erp_value, name.crm_field, name.crm_value) == ("Name", "Nord", "name", "Süd")
    assert name.crm_key == "a1"
    assert words_of("nb_NO").t(rows[2].reason) == "ingen CRM-post hører til den"


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"filters": {"mapping": "CONTACT", "found": "drifted"}}, ["CONTACT C1 Name", "CONTACT C1 Fax_No"]),
        ({"filters": {"found": "Without partner", "side": "CRM"}}, ["CUSTOMER a9 ", "CONTACT a9 "]),
        (
            {"filters": {"mapping": "CUSTOMER", "erp_field": "''"}, "sort": "record"},
            ["CUSTOMER a9 ", "CUSTOMER C8 ", "CUSTOMER C9 "],
        ),
        ({"search": "süd fax"}, ["CUSTOMER C1 Fax_No", "CONTACT C1 Fax_No"]),
        ({"search": "nothing like it"}, []),
    ],
)
def test_it_is_filtered_searched_and_sorted(
    application: Application, asked: dict[str, object], found: list[str]
) -> None:
    """As every list: several filters hold together, in the words of the columns' choices."""
    keep(application, "CUSTOMER", "CONTACT")
    rows = listed(application, msgspec.convert(asked, ListAsked)).rows
    assert [f"{each.mapping} {each.record} {each.erp_field}" for each in rows] == found


def test_pages_hold_every_row_once(application: Application) -> None:
    """Also where rows look alike; the count is of all that fit."""
    keep(application, "CUSTOMER", "CONTACT")
    rows: list[FindingRow] = []
    asked = ListAsked(limit=5)
    while True:
        page = listed(application, asked)
        assert page.count == 12
        rows += page.rows
        if not page.next_cursor:
            break
        asked = ListAsked(limit=5, cursor=page.next_cursor)
    assert [each.number for each in rows] == list(range(1, 13))


def test_what_can_not_be_sorted_by_is_refused(application: Application) -> None:
    """With the columns that it can be sorted by."""
    with pytest.raises(Refused) as refused:
        listed(application, ListAsked(sort="crm_value"))
    assert "mapping, record, found, side, erp_field, crm_field" in str(refused.value.why)
