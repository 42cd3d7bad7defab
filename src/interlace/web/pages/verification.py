"""Verification: whether both sides are equal, by mapping, and every record that stands out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from htpy import Element, Node, a, div, p
from litestar import Response, get
from litestar.params import FromPath

from interlace.domain.error_codes import ErrorCode
from interlace.domain.error_descriptions import ERROR_DESCRIPTIONS
from interlace.lead_to_cash.order_problems import PROBLEM_KINDS
from interlace.locale.translatable import Sentence
from interlace.management import verification
from interlace.management.translatable import translatable
from interlace.management.verification import (
    FieldDifferenceShown,
    FindingShown,
    MappingCounts,
    MappingVerdictShown,
    OneVerdict,
    ShowVerification,
    SideVerdict,
    Verification,
)
from interlace.ui.actions import action_bar, action_link
from interlace.ui.badge import Tone, badge
from interlace.ui.card import card, fast_tab
from interlace.ui.listing import Column, listing
from interlace.ui.notices import Kind, empty_state, notice
from interlace.ui.shell import Crumb, Page
from interlace.ui.words import Words
from interlace.web.addresses import segment
from interlace.web.field_captions import field_caption
from interlace.web.notice import said
from interlace.web.plan_parts import work_progress
from interlace.web.readable import plain
from interlace.web.security import PAGE
from interlace.web.visit import Button, TheVisit, Visit, live

_STATES = {
    "in scope, equal": (translatable("Equal"), Tone.GOOD),
    "excluded": (translatable("Left out"), Tone.NEUTRAL),
    "failed": (translatable("On the error list"), Tone.WARN),
    "drifted": (translatable("Different"), Tone.BAD),
    "missing partner": (translatable("Without partner"), Tone.BAD),
    "duplicate partner": (translatable("Double"), Tone.BAD),
}
_UNEXPLAINED = frozenset({"missing partner", "duplicate partner"})
_CODES = frozenset(each.value for each in ErrorCode)
_HOLDS = {each.code: each.means for each in PROBLEM_KINDS}


@get("/verification", opt=PAGE)
async def verification_page(visit: TheVisit) -> Response[str]:
    """The last verdict by mapping."""
    words = visit.words
    shown = await visit.ask(verification.SHOW, ShowVerification(connection=visit.connection.name))
    return visit.page(
        Page(
            heading=words.t("Verification"),
            subtitle=words.t(
                "A judge that knows nothing of the synchronization reads both sides afresh and compares every record."
            ),
            content=live(
                "verification",
                [
                    _actions(visit, shown),
                    work_progress(words, shown.at_work, shown.done, shown.total)
                    if shown.is_running
                    else _problem(words, shown),
                    div(".spaced")[_verdict(visit, shown), _mappings(visit, shown)],
                ],
            ),
        )
    )


@get("/verification/{mapping:str}", opt=PAGE)
async def verdict_page(visit: TheVisit, mapping: FromPath[str]) -> Response[str]:
    """What was found for one mapping."""
    words = visit.words
    asked = OneVerdict(connection=visit.connection.name, mapping=mapping)
    found = await visit.ask(verification.MAPPING, asked)
    unexplained = [each for each in found.findings if each.state in _UNEXPLAINED]
    explained = [each for each in found.findings if each.state == "failed"]
    left_out = [each for each in found.findings if each.state == "excluded"]
    return visit.page(
        Page(
            heading=words.t("Verification of {mapping}", mapping=found.mapping),
            subtitle=words.t("Counts are complete; of the records at most fifty of a kind are shown."),
            crumbs=[Crumb(caption=words.t("Verification"), address=visit.to("/verification"))],
            content=[
                action_bar(
                    [action_link(words.t("Mapping"), visit.to(f"/mappings/{segment(found.mapping)}"))],
                    [
                        action_link(
                            words.t("Coupled Data Synchronization Errors"),
                            visit.to("/errors/skipped", {"filters.mapping": found.mapping}),
                        )
                    ],
                    captions=words.captions,
                ),
                card(
                    [
                        fast_tab(
                            words.t("Summary"), _sides(words, found), promoted=_badge(words, found.green)
                        ),
                        _differences(visit, words.t("Different"), found.differences, found.drifted_fields),
                        _findings(visit, words.t("Without partner, or double"), unexplained),
                        _findings(visit, words.t("On the error list"), explained),
                        _findings(visit, words.t("Left out beside a partner"), left_out),
                        _differences(
                            visit,
                            words.t("Different since they were created, as they may be"),
                            found.creation_differences,
                            found.creation_fields,
                            is_open=False,
                        ),
                    ],
                    captions=words.captions,
                ),
            ],
        )
    )


PAGES = (verification_page, verdict_page)


def _actions(visit: Visit, shown: Verification) -> Element | None:
    words = visit.words
    start = Button(is_primary=True, why_not=words.t("It is running") if shown.is_running else "")
    return action_bar(
        [
            visit.action(verification.START, look=start),
            visit.action(verification.STOP) if shown.is_running else None,
        ],
        [
            action_link(words.t("Causes of Errors"), visit.to("/errors")),
            action_link(words.t("Plans"), visit.to("/plans")),
        ],
        captions=words.captions,
    )


def _problem(words: Words, shown: Verification) -> Element | None:
    if shown.is_stopped:
        return notice(
            words.t("The verification was stopped"),
            kind=Kind.HINT,
            body=words.t("The verdict below is the one before.") if shown.judged_at is not None else None,
        )
    if not shown.problem:
        return None
    title, *rest = (said(words, each) for each in shown.problem)
    return notice(title, kind=Kind.ERROR, body=" ".join(rest) if rest else None)


def _verdict(visit: Visit, shown: Verification) -> Element | None:
    words = visit.words
    if shown.judged_at is None:
        return None
    judged = words.t(
        "Judged {moment} by {name}.", moment=words.datetime(shown.judged_at), name=shown.judged_by
    )
    if shown.green:
        return notice(
            words.t("Both sides are equal"),
            kind=Kind.DONE,
            body=[p[words.t("But for what a rule leaves out or the error list names.")], p[judged]],
        )
    return notice(
        words.t("Both sides are not equal"),
        kind=Kind.ERROR,
        body=[p[words.t("Open a mapping to see its records and fields.")], p[judged]],
    )


def _mappings(visit: Visit, shown: Verification) -> Element:
    words = visit.words
    columns = [
        Column(caption=words.t("Mapping")),
        Column(caption=words.t("Verdict")),
        Column(caption=words.t("Records in the ERP"), is_number=True),
        Column(caption=words.t("Records in the CRM"), is_number=True),
        Column(caption=words.t("Equal"), is_number=True),
        Column(caption=words.t("Different"), is_number=True),
        Column(caption=words.t("Without partner"), is_number=True),
        Column(caption=words.t("Double"), is_number=True),
        Column(caption=words.t("On the error list"), is_number=True),
        Column(caption=words.t("Left out"), is_number=True),
    ]
    return listing(
        columns,
        # What needs somebody stands first.
        [_row(visit, each) for each in sorted(shown.mappings, key=lambda each: each.green)],
        caption=words.t("Verification"),
        empty=empty_state(
            words.t("There is no verdict yet"),
            words.t(
                "Verify Now reads both sides and compares every record; it takes a while and writes nothing."
            ),
        ),
    )


def _row(visit: Visit, each: MappingCounts) -> list[Node]:
    words = visit.words
    return [
        a(href=visit.to(f"/verification/{segment(each.mapping)}"))[each.mapping],
        _badge(words, each.green),
        words.number(each.erp_total),
        words.number(each.crm_total),
        words.number(each.equal),
        _bad(words, each.different),
        _bad(words, each.missing),
        _bad(words, each.double),
        badge(words.number(each.explained), Tone.WARN) if each.explained else "",
        words.number(each.left_out) if each.left_out else "",
    ]


def _badge(words: Words, green: bool) -> Element:  # noqa: FBT001 - the one thing that it shows
    return badge(words.t("Equal"), Tone.GOOD) if green else badge(words.t("Not equal"), Tone.BAD)


def _bad(words: Words, count: int) -> Node:
    return badge(words.number(count), Tone.BAD) if count else ""


def _sides(words: Words, found: MappingVerdictShown) -> list[Node]:
    columns = [
        Column(caption=words.t("Table")),
        Column(caption=words.t("Records"), is_number=True),
        *(Column(caption=words.t(caption), is_number=True) for caption, _ in _STATES.values()),
    ]
    rows: list[list[Node]] = [
        [
            f"{end} {side.table}",
            words.number(side.total),
            *(words.number(side.states.get(state, 0)) if side.states.get(state) else "" for state in _STATES),
        ]
        for end, side in (("ERP", found.erp), ("CRM", found.crm))
    ]
    return [
        listing(columns, rows, caption=words.t("Summary"), empty=""),
        _reasons(words, found),
    ]


def _reasons(words: Words, found: MappingVerdictShown) -> Node:
    rows = [
        [f"{end} {side.table}", badge(words.t(caption), tone), _reason(words, reason), words.number(count)]
        for end, side in (("ERP", found.erp), ("CRM", found.crm))
        for (caption, tone), reasons in _named(side)
        for reason, count in reasons.items()
    ]
    if not rows:
        return None
    columns = [
        Column(caption=words.t("Table")),
        Column(caption=words.t("State")),
        Column(caption=words.t("Why")),
        Column(caption=words.t("Records"), is_number=True),
    ]
    caption = words.t("Why records are left out or failed")
    return [p(".quiet-text")[caption], listing(columns, rows, caption=caption, empty="")]


def _named(side: SideVerdict) -> list[tuple[tuple[str, Tone], Mapping[str, int]]]:
    return [(_STATES["failed"], side.failed), (_STATES["excluded"], side.excluded)]


def _reason(words: Words, reason: str) -> str:
    if reason in _CODES:
        return words.t(
            "{error} ({code})", error=words.t(ERROR_DESCRIPTIONS[ErrorCode(reason)].caption), code=reason
        )
    if reason in _HOLDS:
        return words.t("{error} ({code})", error=words.t(_HOLDS[reason]).rstrip("."), code=reason)
    return said(words, reason)


def _differences(
    visit: Visit,
    heading: str,
    found: Sequence[FieldDifferenceShown],
    fields: Mapping[str, int],
    *,
    is_open: bool = True,
) -> Element | None:
    words = visit.words
    if not found:
        return None
    columns = [
        Column(caption=words.t("Record")),
        Column(caption=words.t("ERP field")),
        Column(caption=words.t("ERP value")),
        Column(caption=words.t("CRM field")),
        Column(caption=words.t("CRM value")),
    ]
    counted = words.listed(
        [
            f"{name.replace('>', ' / ').strip(' /')}: {words.number(count)}"
            for name, count in fields.items()
            if count
        ]
    )
    return fast_tab(
        heading,
        [
            p(".quiet-text")[words.t("Records by field: {fields}", fields=counted)] if counted else None,
            listing(columns, [_difference(visit, each) for each in found], caption=heading, empty=""),
        ],
        promoted=words.n("{count} field", "{count} fields", len(found)),
        is_open=is_open,
    )


def _difference(visit: Visit, each: FieldDifferenceShown) -> list[Node]:
    words, path = visit.words, visit.request.url.path.removeprefix("/verification/")
    return [
        a(href=visit.to(f"/records/{path}/{segment(each.crm_key)}", {"side": "crm"}))[plain(each.erp_key)],
        field_caption(words, each.erp_field) if each.erp_field else words.t("Constant"),
        plain(each.erp_value) or "–",
        each.crm_column,
        each.crm_value or "–",
    ]


def _findings(visit: Visit, heading: str, found: Sequence[FindingShown]) -> Element | None:
    words = visit.words
    if not found:
        return None
    columns = [
        Column(caption=words.t("Record")),
        Column(caption=words.t("Side")),
        Column(caption=words.t("State")),
        Column(caption=words.t("Why")),
    ]
    return fast_tab(
        heading,
        listing(columns, [_finding(visit, each) for each in found], caption=heading, empty=""),
        promoted=words.n("{count} record", "{count} records", len(found)),
    )


def _finding(visit: Visit, each: FindingShown) -> list[Node]:
    words, path = visit.words, visit.request.url.path.removeprefix("/verification/")
    caption, tone = _STATES.get(each.state, (each.state, Tone.NEUTRAL))
    query = {"side": "crm"} if each.end == "CRM" else {}
    # The key of several parts can't be told from its text.
    shown: Node = plain(each.key)
    if ", " not in each.key:
        shown = a(href=visit.to(f"/records/{path}/{segment(each.key)}", query))[each.key]
    return [shown, each.end, badge(words.pattern(caption), tone), _why(words, each.reason)]


def _why(words: Words, reason: str) -> str:
    """Say why a record stands out; a known failure begins with its code."""
    if isinstance(reason, Sentence):
        return said(words, reason)
    code, _, message = reason.partition(" ")
    return f"{code} {said(words, message)}" if code in _CODES and message else said(words, reason)
