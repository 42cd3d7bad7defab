"""The journal as a list: filtered by any column, page by page both ways, without looking through it for ever."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest

from interlace.bootstrap.desk import journal_list
from interlace.bootstrap.desk.journal_list import journal_page
from interlace.domain.keys import MappingName
from interlace.domain.side import Side
from interlace.engine.memory import JournalEntry
from interlace.management.caller import Caller, Door
from interlace.management.journal_list import JournalListed, action_kind
from interlace.management.listing import ListAsked
from interlace.management.permission import Permission
from interlace.management.refusal import Refused
from interlace.store.journal import JournalledWrite, JournalSelection

ADA = Caller(user_id="", name="ada", permissions=frozenset(Permission), door=Door.MACHINE)
BEGUN = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Journal:
    """Twenty entries, one an hour: every third is of an item, the others of customers."""

    def __init__(self, entries: int = 20) -> None:
        self.held = [_written(number) for number in range(1, entries + 1)]
        self.asked: list[JournalSelection] = []

    def __call__(self, selection: JournalSelection) -> list[JournalledWrite]:
        """Select as the store does."""
        self.asked.append(selection)
        found = [
            each
            for each in self.held
            if selection.mapping in (None, each.entry.mapping)
            and selection.key in (None, each.entry.key, each.entry.source_key)
            and (selection.job_ids is None or each.entry.job_id in selection.job_ids)
            and each.sequence > selection.after
            and (not selection.before or each.sequence < selection.before)
        ]
        return (found[::-1] if selection.newest_first else found)[: selection.limit]

    def page(
        self,
        filters: Mapping[str, str] | None = None,
        *,
        sort: str = "",
        cursor: str = "",
        search: str = "",
    ) -> JournalListed:
        """Ask for a page of four entries as the web client does."""
        filtered = dict(filters or {})
        asked = ListAsked(
            connection="main", sort=sort, cursor=cursor, search=search, limit=4, filters=filtered
        )
        return journal_page(self, ADA, asked)


def _written(number: int) -> JournalledWrite:
    is_item = number % 3 == 0
    entry = JournalEntry(
        mapping=MappingName("ITEM-PRODUCT" if is_item else "CUSTOMER"),
        side=Side.CRM if number % 2 else Side.ERP,
        key=f"K{number}",
        source_key=f"S{number}",
        action="create" if is_item else "modify",
        job_id=f"j{number // 10}",
        before={"Name": "old"},
        after={"Name": f"new {number}", "Blocked": "no"} if is_item else {"Name": f"new {number}"},
        lost={},
    )
    return JournalledWrite(sequence=number, at=BEGUN + timedelta(hours=number), entry=entry)


def _numbers(page: JournalListed) -> list[int]:
    return [each.sequence for each in page.rows]


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"sequence": "3..5"}, [5, 4, 3]),
        ({"mapping": "ITEM*", "side": "crm"}, [15, 9, 3]),
        ({"record": "'K7'"}, [7]),
        ({"record": "S7|K8"}, [8, 7]),
        ({"fields": "@block*", "job_id": "'j0'"}, [9, 6, 3]),
        ({"action": "insert", "job_id": "j2"}, []),
        ({"at": "2026-03-01 13:00..2026-03-01 14:59"}, [2, 1]),
    ],
)
def test_each_column_is_filtered(filters: dict[str, str], expected: list[int]) -> None:
    """Texts, numbers, moments, choices; a record by either key, fields by one that was written."""
    assert _numbers(Journal().page(filters)) == expected


@pytest.mark.parametrize("sort", ["", "-sequence", "sequence"])
def test_pages_follow_one_another_and_lead_back(sort: str) -> None:
    """Forward to the end and back to the beginning every entry is seen once, in the list's order."""
    journal = Journal()
    page = journal.page({"mapping": "CUSTOMER"}, sort=sort)
    seen = [_numbers(page)]
    while page.next_cursor:
        page = journal.page({"mapping": "CUSTOMER"}, sort=sort, cursor=page.next_cursor)
        seen.append(_numbers(page))
    assert [len(each) for each in seen] == [4, 4, 4, 2]
    every = [number for each in seen for number in each]
    assert every == sorted(every, reverse=sort != "sequence")
    back = [seen[-1]]
    while page.previous_cursor:
        page = journal.page({"mapping": "CUSTOMER"}, sort=sort, cursor=page.previous_cursor)
        back.append(_numbers(page))
        if len(back) == len(seen):
            break
    assert back == seen[::-1]


def test_what_an_index_finds_is_asked_of_it() -> None:
    """An exact record, mapping or job goes to the store; a pattern does not."""
    journal = Journal()
    journal.page({"record": "'K7'", "mapping": "CUSTOMER", "job_id": "'j0'"})
    journal.page({"record": "K*"})
    assert [(each.key, each.mapping, each.job_ids) for each in journal.asked] == [
        ("K7", "CUSTOMER", ("j0",)),
        (None, None, None),
    ]


def test_a_search_finds_words_in_keys_and_mappings() -> None:
    """Each word must occur, in any case."""
    assert _numbers(Journal().page(search="k1 customer")) == [19, 17, 16, 14]


def test_no_page_looks_through_the_journal_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was found is shown with the way to look on; nothing found at all is refused with what to do."""
    monkeypatch.setattr(journal_list, "_LOOKED_AT_MAX", 5)
    monkeypatch.setattr(journal_list, "_CHUNK", 3)
    journal = Journal()
    first = journal.page({"sequence": "17|3"})
    assert (_numbers(first), bool(first.next_cursor)) == ([17], True)
    later = journal.page({"sequence": "17|3"}, cursor=first.next_cursor)
    assert (_numbers(later), bool(later.next_cursor)) == ([], True)
    with pytest.raises(Refused, match="too much"):
        journal.page({"sequence": "3"})


@pytest.mark.parametrize("cursor", ["x", "WyJzZXF1ZW5jZSIsWyJ4Il0sZmFsc2Vd"])
def test_what_is_no_page_is_refused(cursor: str) -> None:
    """An address that names no page of the list, or another order than it has."""
    with pytest.raises(Refused):
        Journal().page(cursor=cursor)
    with pytest.raises(Refused):
        Journal().page(sort="mapping")


def test_actions_of_one_kind_have_one_name() -> None:
    """Whatever an entry calls it, what was created is found as created."""
    assert [action_kind(each) for each in ("create", "insert", "change:limit", "unknown thing", "")] == [
        "insert",
        "insert",
        "modify",
        "unknown thing",
        "",
    ]
