"""Verification: whether both sides are equal, by mapping, and every record that stands out."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from htpy import Element, Node, a, div, p
from litestar import Response, get
from litestar.params import FromPath

from interlace.domain.error_codes import ErrorCode
from interlace.domain.error_descriptions import ERROR_DESCRIPTIONS
from interlace.domain.filter_language import quoted
from interlace.lead_to_cash.order_problems import PROBLEM_KINDS
from interlace.management import verification
from interlace.management.findings import DIFFERENT, DIFFERENT_SINCE_CREATION, LIST_FINDINGS
from interlace.management.listing import ListAsked
from interlace.management.translatable import translatable
from interlace.management.verification import (
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
from interlace.ui.notices import Kind, notice
from interlace.ui.shell import Crumb, Page
from interlace.ui.words import Words
from interlace.web.addresses import segment
from interlace.web.finding_parts import FOUND, TONES, finding_list, findings_address, no_verdict
from interlace.web.list_page import list_asked, shown_list
from interlace.web.notice import said
from interlace.web.plan_parts import work_progress
from interlace.web.saved_views import views_of
from interlace.web.security import PAGE
from interlace.web.visit import Button, TheVisit, Visit, live

_STATES = {
    "in scope, equal": (translatable("Equal"), Tone.GOOD),
    "excluded": (translatable("Left out"), Tone.NEUTRAL),
    **{
        each: (FOUND[each], TONES[each])
        for each in ("failed", "drifted", "missing partner", "duplicate partner")
    },
}
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
    name = visit.connection.name
    found = await visit.ask(verification.MAPPING, OneVerdict(connection=name, mapping=mapping))
    asked = msgspec.convert(list_asked(visit, {"mapping": quoted(found.mapping)}), ListAsked)
    listed = await visit.ask(LIST_FINDINGS, asked)
    shown = finding_list(visit, listed, await views_of(visit, LIST_FINDINGS.name), found.mapping)
    return visit.page(
        Page(
            heading=words.t("Verification of {mapping}", mapping=found.mapping),
            subtitle=words.t("Counts are complete; of a kind at most a thousand findings are listed."),
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
                            words.t("Summary"), _summary(words, found), promoted=_badge(words, found.green)
                        ),
                        fast_tab(words.t("Findings"), shown_list(visit, shown)),
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
            action_link(words.t("Findings"), visit.to("/findings")),
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
        empty=no_verdict(words),
    )


def _row(visit: Visit, each: MappingCounts) -> list[Node]:
    words = visit.words
    return [
        a(href=visit.to(f"/verification/{segment(each.mapping)}"))[each.mapping],
        _badge(words, each.green),
        words.number(each.erp_total),
        words.number(each.crm_total),
        words.number(each.equal),
        *(
            _counted(visit, each.mapping, found, count)
            for found, count in (
                ("drifted", each.different),
                ("missing partner", each.missing),
                ("duplicate partner", each.double),
                ("failed", each.explained),
            )
        ),
        words.number(each.left_out) if each.left_out else "",
    ]


def _counted(visit: Visit, mapping: str, found: str, count: int) -> Node:
    """Lead from a number to what it counts."""
    if not count:
        return ""
    return a(href=findings_address(visit, mapping, found))[badge(visit.words.number(count), TONES[found])]


def _badge(words: Words, green: bool) -> Element:  # noqa: FBT001 - the one thing that it shows
    return badge(words.t("Equal"), Tone.GOOD) if green else badge(words.t("Not equal"), Tone.BAD)


def _summary(words: Words, found: MappingVerdictShown) -> list[Node]:
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
        _by_field(words, FOUND[DIFFERENT], found.drifted_fields),
        _by_field(words, FOUND[DIFFERENT_SINCE_CREATION], found.creation_fields),
        _reasons(words, found),
    ]


def _by_field(words: Words, caption: str, fields: Mapping[str, int]) -> Node:
    counted = [
        f"{name.replace('>', ' / ').strip(' /')}: {words.number(count)}"
        for name, count in fields.items()
        if count
    ]
    if not counted:
        return None
    return p(".quiet-text")[
        words.t("{found}, records by field: {fields}", found=words.t(caption), fields=words.listed(counted))
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
