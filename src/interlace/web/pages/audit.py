"""Audit Log: who did or tried what, when and from where, and whether the log is whole."""

from __future__ import annotations

from htpy import Element, Node, code, details, form, span, summary
from litestar import Response, get

from interlace.management import audit
from interlace.management.audit import (
    AuditEntry,
    AuditVerification,
    ExportEntries,
    ListEntries,
    VerifyEntries,
)
from interlace.management.audit_words import done
from interlace.management.permission import Permission
from interlace.ui.actions import action_bar, action_link, form_button
from interlace.ui.badge import Tone, badge
from interlace.ui.card import Fact, facts
from interlace.ui.fields import Field, check_box, text_field
from interlace.ui.keys import FILTER
from interlace.ui.listing import Column, listing
from interlace.ui.notices import Kind, empty_state, notice
from interlace.ui.shell import Page, hidden
from interlace.ui.words import Words
from interlace.web.notice import said
from interlace.web.security import exports, requires
from interlace.web.visit import TheVisit, Visit

_ADMINISTER = requires(Permission.ADMINISTER)


@get("/audit", opt=_ADMINISTER)
async def audit_page(visit: TheVisit) -> Response[str]:
    """The newest entries, or those that were asked for."""
    words = visit.words
    asked = _asked(visit)
    found = await visit.ask(audit.LIST, asked)
    checked = await visit.ask(audit.VERIFY, VerifyEntries()) if visit.query("verify") else None
    columns = [
        Column(caption=words.t("No."), is_number=True),
        Column(caption=words.t("Time"), is_whole=True),
        Column(caption=words.t("User")),
        Column(caption=words.t("Action")),
        Column(caption=words.t("Outcome")),
        Column(caption=words.t("From")),
        Column(caption=words.t("Details")),
    ]
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
                _filter(visit, asked),
                listing(
                    columns,
                    [_row(visit, each) for each in found.entries],
                    caption=words.t("Audit Log"),
                    empty=empty_state(words.t("No entry fits")),
                ),
                _older(visit, found.before),
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


def _asked(visit: Visit) -> ListEntries:
    return ListEntries(
        user=visit.query("user"),
        operation=visit.query("operation"),
        refused_only=bool(visit.query("refused_only")),
        before=visit.number("before"),
    )


def _filter(visit: Visit, asked: ListEntries) -> Element:
    words = visit.words
    return form(".filters", method="get", action="/audit", aria_keyshortcuts=FILTER)[
        hidden(visit.kept),
        text_field(Field(name="user", caption=words.t("User"), value=asked.user)),
        text_field(
            Field(
                name="operation",
                caption=words.t("Action, in the words of its page or by its technical name"),
                value=asked.operation,
            )
        ),
        check_box(
            Field(name="refused_only", caption=words.t("Only what was refused")),
            is_checked=asked.refused_only,
        ),
        form_button(words.t("Filter")),
    ]


def _row(visit: Visit, each: AuditEntry) -> list[Node]:
    words = visit.words
    outcome = (
        badge(said(words, each.outcome), Tone.BAD) if each.outcome else badge(words.t("Done"), Tone.GOOD)
    )
    return [
        str(each.sequence),
        words.datetime(each.at, seconds=True),
        [each.user, span(".quiet-text")[f" {each.key}…"] if each.key else None],
        said(words, done(each.operation)),
        outcome,
        each.address,
        _details(words, each),
    ]


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


def _older(visit: Visit, before: int | None) -> Node:
    if before is None:
        return None
    kept = {name: visit.query(name) for name in ("user", "operation", "refused_only") if visit.query(name)}
    return action_link(visit.words.t("Older Entries"), visit.to("/audit", {**kept, "before": str(before)}))


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
        body=checked.reason,
    )
