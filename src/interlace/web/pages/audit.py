"""Audit Log: who did or tried what, when and from where, and whether the log is whole."""

from __future__ import annotations

import msgspec
from htpy import Element, Node, code, details, span, summary
from litestar import Response, get

from interlace.management import audit
from interlace.management.audit import (
    AUDIT_COLUMNS,
    AuditEntry,
    AuditVerification,
    ExportEntries,
    ListEntries,
    VerifyEntries,
)
from interlace.management.audit_words import done
from interlace.management.listing import ListRow
from interlace.management.permission import Permission
from interlace.ui.actions import action_bar, action_link
from interlace.ui.badge import Tone, badge
from interlace.ui.card import Fact, facts
from interlace.ui.notices import Kind, empty_state, notice
from interlace.ui.shell import Page
from interlace.ui.words import Words
from interlace.web.list_page import ListPage, server_list_asked, shown_list
from interlace.web.notice import said
from interlace.web.saved_views import views_of
from interlace.web.security import exports, requires
from interlace.web.visit import TheVisit, Visit

_ADMINISTER = requires(Permission.ADMINISTER)
_ROWS = 50
_FIRST_SHOWN = frozenset({"sequence", "at", "user", "operation", "outcome", "address", "details"})


@get("/audit", opt=_ADMINISTER)
async def audit_page(visit: TheVisit) -> Response[str]:
    """The newest entries, or those that were asked for."""
    words = visit.words
    found = await visit.ask(audit.LIST, msgspec.convert(server_list_asked(visit, rows=_ROWS), ListEntries))
    checked = await visit.ask(audit.VERIFY, VerifyEntries()) if visit.query("verify") else None
    shown = ListPage(
        path="/audit",
        columns=AUDIT_COLUMNS,
        first_shown=_FIRST_SHOWN,
        answer=found,
        rows=found.rows,
        caption=words.t("Audit Log"),
        cells={
            "user": lambda row: _user(_entry(row)),
            "operation": lambda row: said(words, done(_entry(row).operation)),
            "outcome": lambda row: _outcome(words, _entry(row)),
            "details": lambda row: _details(words, _entry(row)),
        },
        is_of_server=True,
        empty=empty_state(words.t("No entry fits")),
        export_list=audit.LIST.name,
        views=await views_of(visit, audit.LIST.name),
    )
    return visit.page(
        Page(
            heading=words.t("Audit Log"),
            subtitle=words.t(
                "Every sign-in, refusal and change. Entries are chained: nothing can be taken out unseen."
            ),
            notices=[_verified(visit, checked)] if checked is not None else (),
            content=[
                action_bar(
                    [
                        action_link(words.t("Verify"), visit.to("/audit", {"verify": "1"}), is_primary=True),
                        action_link(words.t("Export"), "/audit/export"),
                    ],
                    captions=words.captions,
                ),
                shown_list(visit, shown),
            ],
        )
    )


@get("/audit/export", opt=exports(_ADMINISTER))
async def audit_export(visit: TheVisit) -> Response[bytes]:
    """Every entry as it is stored, a line each: digest, a blank, text."""
    lines: list[str] = []
    after: int | None = 0
    while after is not None:
        found = await visit.ask(audit.EXPORT, ExportEntries(after=after))
        lines += [f"{each.digest} {each.text}\n" for each in found.entries]
        after = found.after
    return Response(
        "".join(lines).encode(),
        media_type="text/plain",
        headers={"Content-Disposition": 'attachment; filename="interlace-audit.jsonl"'},
    )


PAGES = (audit_page, audit_export)


def _entry(row: ListRow) -> AuditEntry:
    assert isinstance(row, AuditEntry)
    return row


def _user(each: AuditEntry) -> Node:
    return [each.user, span(".quiet-text")[f" {each.key}…"] if each.key else None]


def _outcome(words: Words, each: AuditEntry) -> Element:
    return badge(said(words, each.outcome), Tone.BAD) if each.outcome else badge(words.t("Done"), Tone.GOOD)


def _details(words: Words, each: AuditEntry) -> Node:
    told = [
        Fact(caption=words.t("Technical name"), value=code[each.operation]),
        *(
            Fact(
                caption=change.what,
                tooltip=words.t("What was changed by it: before and after."),
                value=[change.before or "–", span(aria_hidden="true")[" → "], change.after or "–"],
            )
            for change in each.changes
        ),
    ]
    return details[
        summary[words.t("Show")],
        facts(told),
        code[each.details] if each.details else None,
    ]


def _verified(visit: Visit, checked: AuditVerification) -> Element:
    words = visit.words
    if checked.holds:
        return notice(
            words.n("{count} entry holds", "{count} entries hold", checked.entries),
            kind=Kind.DONE,
            body=words.t(
                "Digest of the last one: {digest}. Kept elsewhere, it proves later that nothing was changed.",
                digest=checked.head,
            ),
        )
    return notice(
        words.t("The log was changed at entry {number}", number=str(checked.first_wrong)),
        kind=Kind.ERROR,
        body=said(words, checked.reason),
    )
