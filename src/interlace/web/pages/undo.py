"""Undo: what taking writes back would change, shown before it is done."""

from __future__ import annotations

from htpy import Element, Node, li, p, span, ul
from litestar import Response, get

from interlace.domain.plan import PlannedKind
from interlace.management import plans, undo
from interlace.management.translatable import translatable
from interlace.management.undo import PlanUndo, UndoAction, UndoneField, UndoPlanned
from interlace.ui.actions import action_bar, action_link
from interlace.ui.badge import Tone, badge
from interlace.ui.difference import difference
from interlace.ui.keys import UNDO
from interlace.ui.listing import Column, listing
from interlace.ui.notices import empty_state
from interlace.ui.shell import Crumb, Page
from interlace.web.notice import said
from interlace.web.readable import plain
from interlace.web.security import PAGE
from interlace.web.visit import Button, TheVisit, Visit

_KINDS = {
    PlannedKind.CREATE.value: (translatable("Created again"), Tone.GOOD),
    PlannedKind.CHANGE.value: (translatable("Earlier values"), Tone.GOOD),
    PlannedKind.DELETE.value: (translatable("Deleted again"), Tone.WARN),
    PlannedKind.COUPLE.value: (translatable("Coupled again"), Tone.GOOD),
    PlannedKind.UNCOUPLE.value: (translatable("Uncoupled again"), Tone.WARN),
    PlannedKind.SKIP.value: (translatable("Left as it is"), Tone.NEUTRAL),
    PlannedKind.CONFLICT.value: (translatable("In conflict"), Tone.WARN),
    PlannedKind.FAIL.value: (translatable("Can't be taken back"), Tone.BAD),
}


@get("/undo", opt=PAGE)
async def undo_page(visit: TheVisit) -> Response[str]:
    """What an undo would write."""
    words = visit.words
    subject = {name: visit.query(name) for name in ("subject", "mapping", "field")}
    if subject["subject"]:
        asked = PlanUndo(connection=visit.connection.name, **subject)
        content = _planned(visit, subject, await visit.ask(undo.PLAN, asked))
    else:
        content = _nothing_chosen(visit)
    return visit.page(
        Page(
            heading=words.t("Undo"),
            subtitle=words.t(
                "Nothing is written before you take it back. What somebody changed since is left."
            ),
            crumbs=[Crumb(caption=words.t("Journal"), address=visit.to("/journal"))],
            content=content,
        )
    )


PAGES = (undo_page,)


def undo_link(visit: Visit, subject: str, mapping: str = "", field: str = "") -> Element:
    """Return the link that shows what an undo would write."""
    query = {"subject": subject, "mapping": mapping, "field": field}
    return action_link(visit.words.t("Undo"), visit.to("/undo", query), keys=UNDO)


def _nothing_chosen(visit: Visit) -> list[Node]:
    words = visit.words
    return [
        action_bar([], [action_link(words.t("Journal"), visit.to("/journal"))], captions=words.captions),
        empty_state(
            words.t("Nothing is chosen"),
            words.t("Open a job, a record or an entry of the journal, and choose Undo there."),
        ),
    ]


def _planned(visit: Visit, subject: dict[str, str], planned: UndoPlanned) -> list[Node]:
    words = visit.words
    columns = [
        Column(caption=words.t("Record")),
        Column(caption=words.t("Mapping")),
        Column(caption=words.t("Side")),
        Column(caption=words.t("What becomes of it")),
        Column(caption=words.t("Fields")),
    ]
    told: list[Node] = [
        words.n(
            "{count} record gets its earlier values back.",
            "{count} records get their earlier values back.",
            planned.writes,
        )
    ]
    if planned.left:
        left = words.n("{count} record stays as it is.", "{count} records stay as they are.", planned.left)
        told += [" ", left]
    return [
        _actions(visit, subject, planned),
        p(".list-told")[told],
        listing(
            columns,
            [_row(visit, each) for each in planned.actions],
            caption=words.t("Undo"),
            empty=empty_state(words.t("There is nothing to take back")),
        ),
        p(".quiet-text")[words.t("There are more records than are shown.")] if planned.has_more else None,
    ]


def _actions(visit: Visit, subject: dict[str, str], planned: UndoPlanned) -> Element | None:
    words = visit.words
    sent = {name: value for name, value in subject.items() if value}
    look = Button(
        is_primary=True,
        return_to=visit.to("/journal"),
        why_not="" if planned.writes else words.t("There is nothing to take back"),
    )
    return action_bar(
        [visit.action(undo.CARRY_OUT, sent, look), visit.action(plans.UNDO, sent)],
        [action_link(words.t("Journal"), visit.to("/journal", {"key": subject["subject"]}))],
        captions=words.captions,
    )


def _row(visit: Visit, each: UndoAction) -> list[Node]:
    words = visit.words
    caption, tone = _KINDS.get(each.kind, (each.kind, Tone.NEUTRAL))
    shown: list[Node] = [badge(said(words, caption), tone)]
    if each.reason:
        shown += [" ", span(".quiet-text")[said(words, each.reason)]]
    return [plain(each.key), each.mapping, each.side.upper(), shown, _fields(each.fields)]


def _fields(fields: tuple[UndoneField, ...]) -> Node:
    if not fields:
        return ""
    return ul(".changes")[
        [
            li[
                span(".field-name")[each.name],
                ": ",
                difference(each.now or "", each.then or ""),
            ]
            for each in fields
        ]
    ]
