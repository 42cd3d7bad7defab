"""The role centre: a headline, cues that lead to lists, what needs somebody, and how each mapping stands."""

from __future__ import annotations

from datetime import UTC, datetime

from htpy import Element, Node, a, div, h2, li, section, ul
from litestar import Response, get

from interlace.domain.filter_language import quoted
from interlace.domain.job_queue_entry import JobQueueEntryStatus
from interlace.management import home, requests
from interlace.management.home import Home, MappingState, ShowHome
from interlace.management.permission import Permission
from interlace.management.requests import ShowUse
from interlace.ui.actions import action_bar, action_link
from interlace.ui.badge import Tone, badge
from interlace.ui.card import cue, cues
from interlace.ui.chart import Share, share_bar
from interlace.ui.listing import Column, listing
from interlace.ui.notices import Kind, empty_state, notice
from interlace.ui.shell import Page
from interlace.web.addresses import segment
from interlace.web.home_charts import HOURS, charts, lag_cues
from interlace.web.notice import said
from interlace.web.saved_views import FILTER
from interlace.web.security import PAGE
from interlace.web.use_charts import USE_HOURS, use_charts
from interlace.web.visit import TheVisit, Visit, live

_MANY = 10
FAILED = JobQueueEntryStatus.ERROR.value


@get("/", opt=PAGE)
async def home_page(visit: TheVisit) -> Response[str]:
    """How the connection stands."""
    if not visit.connections:
        return visit.page(_welcome(visit))
    held = visit.connection
    shown = await visit.ask(home.SHOW, ShowHome(connection=held.name, hours=HOURS))
    used = await visit.ask(requests.USE, ShowUse(connection=held.name, hours=USE_HOURS))
    now = datetime.now(UTC)
    return visit.page(
        Page(
            heading=_headline(visit, shown),
            notices=[] if held.enabled else [_not_enabled(visit)],
            content=live(
                "home",
                [
                    cues([*_cues(visit, shown), *lag_cues(visit, shown.lags, now)]),
                    _actions(visit),
                    div(".columns")[visit.seen("/errors", _needs(visit, shown)), _mappings(visit, shown)],
                    charts(visit, shown, now),
                    use_charts(visit, used, now),
                ],
            ),
        )
    )


PAGES = (home_page,)


def _welcome(visit: Visit) -> Page:
    words = visit.words
    return Page(
        heading=words.t("Welcome"),
        content=empty_state(
            words.t("No ERP and CRM are connected yet"),
            words.t("Assisted Setup asks for what is needed, step by step; you can leave it and come back."),
            action_link(words.t("Assisted Setup"), "/setup", is_primary=True)
            if visit.may(Permission.MANAGE_CONNECTION)
            else words.t("Ask a user with the permission set INTERLACE SETUP."),
        ),
    )


def _not_enabled(visit: Visit) -> Element:
    words = visit.words
    return notice(
        words.t("The connection is not enabled"),
        kind=Kind.WARNING,
        body=words.t("Nothing is synchronized until it is."),
        actions=[
            action_link(words.t("Assisted Setup"), visit.to("/setup")),
            action_link(words.t("Connection Setup"), visit.to("/connection")),
        ],
    )


def _headline(visit: Visit, shown: Home) -> str:
    words = visit.words
    if shown.is_full_synchronization_running:
        return words.t("The full synchronization is running")
    total = shown.coupled + shown.uncoupled
    if not total:
        return words.t("Nothing is coupled yet")
    if shown.in_step == total:
        return words.n("Both sides agree on {count} record", "Both sides agree on all {count} records", total)
    # Rounded down: not everything is in step, so 100 % would be wrong.
    share = (shown.in_step * 1000 // total) / 1000
    return words.t("Both sides agree on {share} of {total} records", share=words.percent(share), total=total)


def _cues(visit: Visit, shown: Home) -> list[Element]:
    words = visit.words
    counted: tuple[tuple[int, str, str, dict[str, str], str], ...] = (
        (
            shown.conflicts,
            words.t("Conflicts to decide"),
            "/conflicts",
            {},
            words.t("Records that both sides changed, or one deleted; a person decides."),
        ),
        (
            shown.causes,
            words.n(
                "Causes of errors, {count} record waits",
                "Causes of errors, {count} records wait",
                shown.waiting,
            ),
            "/errors",
            {},
            words.t("What holds records back; one remedy helps all records of a cause."),
        ),
        (
            shown.failed_jobs,
            words.t("Failed jobs"),
            "/queue",
            {"filters.status": FAILED},
            words.t("Jobs that ended with an error and run again only when somebody says so."),
        ),
        (
            shown.halts,
            words.t("Safety halts"),
            "/halts",
            {"filters.is_released": "no"},
            words.t("Mappings that stopped before a mass change, until a person releases them."),
        ),
        (
            shown.orders_held,
            words.t("Orders that are held"),
            "/orders",
            {"held": "1"},
            words.t("CRM orders that can't become ERP orders yet, each with what is missing."),
        ),
        (
            shown.plans_to_approve,
            words.t("Plans awaiting approval"),
            "/plans",
            {"filters.state": "waiting"},
            words.t("Plans that fall under an approval rule, until another user approves or rejects them."),
        ),
        (
            shown.plans_ready,
            words.t("Plans ready to apply"),
            "/plans",
            {"filters.state": "ready", "filters.writes": ">0"},
            words.t("Plans that are made and would write something, until somebody applies or removes them."),
        ),
    )
    tiles = [
        cue(words.number(count), caption, visit.to(path, query), _tone(count), tooltip=meaning)
        for count, caption, path, query, meaning in counted
        if visit.sees(path)
    ]
    if visit.sees("/orders"):
        under_way = visit.to("/orders", {"under_way": "1"})
        tiles.append(cue(words.number(shown.orders_open), words.t("Orders under way"), under_way))
    return tiles


def _tone(count: int) -> Tone:
    if not count:
        return Tone.GOOD
    return Tone.WARN if count < _MANY else Tone.BAD


def _actions(visit: Visit) -> Element | None:
    words = visit.words
    return action_bar(
        [
            visit.seen("/review", action_link(words.t("Full Synch. Review"), visit.to("/review"))),
            visit.seen("/jobs", action_link(words.t("Integration Synchronization Jobs"), visit.to("/jobs"))),
            visit.seen("/couplings", action_link(words.t("Couplings"), visit.to("/couplings"))),
        ],
        [action_link(words.t("Connection Setup"), visit.to("/connection"))],
        captions=words.captions,
    )


def _needs(visit: Visit, shown: Home) -> Element:
    words = visit.words
    entries: list[Node] = [
        li[
            a(".clamped", href=visit.to(f"/errors/causes/{each.id}"))[said(words, each.title)],
            badge(words.n("{count} record waits", "{count} records wait", each.count), Tone.WARN),
        ]
        for each in shown.top_causes
    ]
    return section(".panel", aria_labelledby="needs")[
        h2("#needs")[words.t("What needs somebody")],
        ul(".needs")[entries]
        if entries
        else empty_state(words.t("Nothing"), words.t("No record waits for anybody.")),
    ]


def _mappings(visit: Visit, shown: Home) -> Element:
    words = visit.words
    columns = [
        Column(caption=words.t("Mapping")),
        Column(caption=words.t("Records")),
        Column(caption=words.t("Coupled"), is_number=True),
        Column(caption=words.t("Failed"), is_number=True),
        Column(caption=words.t("Skipped"), is_number=True),
        Column(caption=words.t("Last synchronized"), is_whole=True),
    ]
    # The list is the landmark: it has the same name.
    return section(".part.states")[
        h2("#states")[words.t("Records by mapping and state")],
        listing(
            columns,
            [_state(visit, each) for each in shown.mappings],
            caption=words.t("Records by mapping and state"),
            empty=empty_state(words.t("No mapping takes part")),
        ),
    ]


def _state(visit: Visit, each: MappingState) -> list[Node]:
    words = visit.words
    errors = {"mapping": each.mapping}
    shares = (
        Share(caption=words.t("{count} coupled", count=each.coupled), count=each.coupled, tone=Tone.GOOD),
        Share(caption=words.t("{count} failed", count=each.failed), count=each.failed, tone=Tone.BAD),
        Share(caption=words.t("{count} skipped", count=each.skipped), count=each.skipped, tone=Tone.WARN),
    )
    return [
        a(href=visit.to(f"/mappings/{segment(each.mapping)}"))[each.mapping],
        share_bar(shares),
        _counted(visit, each.coupled, "/couplings", {f"{FILTER}mapping": quoted(each.mapping)}),
        _counted(visit, each.failed, "/errors/skipped", {**errors, f"{FILTER}state": "failed"}),
        _counted(visit, each.skipped, "/errors/skipped", {**errors, f"{FILTER}state": "skipped"}),
        _last(visit, each),
    ]


def _counted(visit: Visit, count: int, path: str, query: dict[str, str]) -> Node:
    shown = visit.words.number(count)
    return visit.linked(shown, path, query) if count else shown


def _last(visit: Visit, each: MappingState) -> Node:
    words = visit.words
    if each.is_running:
        return badge(words.t("In Process"), Tone.BUSY)
    if each.last_synchronized_at is None:
        return ""
    return words.relative(each.last_synchronized_at, datetime.now(UTC))
