"""Connection Setup: the card of a connection, its test, and what is done with it."""

from __future__ import annotations

from collections import defaultdict

from htpy import Element, Node, div, form, p
from litestar import Response, get, post
from litestar.response import Redirect

from interlace.management import (
    approvals,
    availability,
    connections,
    default_setup,
    freezes,
    keys,
    reviews,
    solution,
)
from interlace.management.connection_card import CHANGE, FORM, ConnectionForm, ShowConnectionForm
from interlace.management.connections import ConnectionCheck, ConnectionShown, OneConnection
from interlace.management.permission import Permission
from interlace.management.refusal import RefusalKind, Refused
from interlace.management.solution import CrmVersions
from interlace.management.translatable import translatable
from interlace.ui.actions import action_bar, action_link, form_button
from interlace.ui.badge import Tone, badge
from interlace.ui.card import Fact, card, fact_box, facts, fast_tab
from interlace.ui.fields import Field, check_box, text_field
from interlace.ui.listing import Column, listing
from interlace.ui.shell import Page, hidden
from interlace.web.addresses import DO
from interlace.web.connection_form import END, ONLY_LOOK, end_form
from interlace.web.crm_versions import versions_part
from interlace.web.entered_form import EnteredForm, ask_entered, entered_pairs
from interlace.web.notice import Notice, said, tell
from interlace.web.request import AnyRequest, TheAccounts
from interlace.web.security import PAGE, ask_password_again
from interlace.web.statuses import ANSWER_CAPTIONS
from interlace.web.visit import RETURN_TO, Button, TheVisit, Visit, live

_Answer = Response[str] | Redirect
_STATES = {
    "ok": (translatable("All right"), Tone.GOOD),
    "warning": (translatable("Warning"), Tone.WARN),
    "problem": (translatable("Problem"), Tone.BAD),
}
_SWITCHES = (
    ("order_integration", translatable("Sales Order Integration Enabled")),
    ("bidirectional_orders", translatable("Bidirectional Synch of Sales Orders")),
    ("check_credit_limit", translatable("Hold orders above the credit limit")),
    ("require_salesperson", translatable("Hold orders whose owner is no salesperson")),
    ("payment_discount_from_order", translatable("The order's discount becomes a payment discount, too")),
)


@get("/connection", opt=PAGE)
async def connection_page(visit: TheVisit) -> Response[str]:
    """The card of the connection."""
    return await _card(visit, EnteredForm(), {})


@post("/connection", opt=PAGE)
async def change_connection(request: AnyRequest, visit: TheVisit, accounts: TheAccounts) -> _Answer:
    """Keep what one end was given; what is wrong is shown at its field. Another way to sign in asks other things."""
    pairs = await entered_pairs(request)
    answers = {name.removeprefix("answers."): text for name, text in pairs if name.startswith("answers.")}
    if any(name == ONLY_LOOK for name, _ in pairs):
        return await _card(visit, EnteredForm(), answers)
    try:
        changed = await ask_entered(visit, CHANGE, [pair for pair in pairs if pair[0] != END])
    except Refused as refused:
        if refused.kind is RefusalKind.SIGN_IN_AGAIN:
            return await ask_password_again(request, accounts, pairs)
        return await _card(visit, EnteredForm(refused=refused), answers)
    await tell(request, accounts, Notice(title=said(visit.words, changed.message)))
    # A new key is tried at once: whoever renews one wants to know whether the service takes it.
    is_renewed = any(text for name, text in pairs if name.startswith("secrets."))
    return Redirect(visit.to("/connection", {"test": "1"} if is_renewed else {}), status_code=303)


PAGES = (connection_page, change_connection)


async def _card(visit: Visit, entered: EnteredForm, answers: dict[str, str]) -> Response[str]:
    words = visit.words
    asked = OneConnection(connection=visit.connection.name)
    held = await visit.ask(connections.SHOW, asked)
    form = None
    if visit.may(FORM.permission):
        form = await visit.ask(FORM, ShowConnectionForm(connection=visit.connection.name, answers=answers))
    versions = await visit.ask(solution.VERSIONS, asked)
    tested = (await visit.ask(connections.TEST, asked)).checks if visit.query("test") else ()
    enabled = held.summary.enabled
    return visit.page(
        Page(
            heading=words.t("Connection Setup"),
            subtitle=words.t(
                "{company} ⇄ {address}", company=held.summary.erp_company, address=held.summary.crm_address
            ),
            status=badge(words.t("Enabled"), Tone.GOOD) if enabled else badge(words.t("Disabled"), Tone.WARN),
            notices=entered.notices(visit),
            content=[
                _actions(visit, held),
                card(
                    [_tests(visit, tested) if tested else None, *_tabs(visit, held, form, entered, versions)],
                    [_jobs(visit, held)],
                    captions=words.captions,
                ),
            ],
        ),
        status=entered.status,
    )


def _actions(visit: Visit, held: ConnectionShown) -> Element | None:
    words = visit.words
    enabled = held.summary.enabled
    is_off = "" if enabled else words.t("The connection is not enabled")
    toggle = (
        visit.action(
            connections.DISABLE,
            look=Button(confirm=words.t("Nothing is synchronized until it is enabled again. Disable it?")),
        )
        if enabled
        else visit.action(connections.ENABLE, look=Button(is_primary=True))
    )
    return action_bar(
        [
            toggle,
            action_link(words.t("Test Connection"), visit.to("/connection", {"test": "1"})),
            action_link(words.t("Assisted Setup"), visit.to("/setup", {"connection": held.summary.name})),
        ],
        [
            visit.seen("/review", _full_synchronization(visit, is_off)),
            visit.action(connections.SYNCHRONIZE, look=Button(why_not=is_off)),
            action_link(
                words.t(default_setup.USE_DEFAULTS.caption),
                visit.to("/connection/defaults"),
                tooltip=words.t(default_setup.DEFAULTS.tooltip),
            ),
        ],
        [
            action_link(words.t("Integration Table Mappings"), visit.to("/mappings")),
            action_link(
                words.t(approvals.SHOW.caption),
                visit.to("/connection/approvals"),
                tooltip=words.t(approvals.SHOW.tooltip),
            ),
            action_link(
                words.t(freezes.SHOW.caption),
                visit.to("/connection/freezes"),
                tooltip=words.t(freezes.SHOW.tooltip),
            ),
            *(
                visit.seen(path, action_link(caption, visit.to(path)))
                for caption, path in (
                    (words.t("Couple Salespeople"), "/records/SALESPEOPLE"),
                    (words.t("Job Queue Entries"), "/queue"),
                    (words.t("Skipped Synch. Records"), "/errors/skipped"),
                )
            ),
        ],
        captions=words.captions,
    )


def _full_synchronization(visit: Visit, is_off: str) -> Element:
    return visit.action(
        reviews.START,
        look=Button(
            caption=translatable("Run Full Synchronization"),
            why_not=is_off,
            return_to=visit.to("/review"),
            confirm=visit.words.t(
                "All records of all mappings will be synchronized, also those that are not coupled: "
                "new records are created on both sides. Couple salespeople first. Start now?"
            ),
        ),
    )


def _tests(visit: Visit, checks: tuple[ConnectionCheck, ...]) -> Element:
    words = visit.words
    columns = [
        Column(caption=words.t("Check")),
        Column(caption=words.t("Status")),
        Column(caption=words.t("What was found")),
        Column(caption=words.t("What to do")),
    ]
    rows: list[list[Node]] = []
    for each in checks:
        caption, tone = _STATES[each.state]
        rows.append(
            [
                said(words, each.subject),
                badge(words.t(caption), tone),
                said(words, each.message),
                said(words, each.remedy),
            ]
        )
    return fast_tab(
        words.t("Test Connection"),
        listing(columns, rows, caption=words.t("Test Connection"), empty=""),
    )


def _tabs(
    visit: Visit,
    held: ConnectionShown,
    form: ConnectionForm | None,
    entered: EnteredForm,
    versions: CrmVersions,
) -> list[Element]:
    words = visit.words
    # A setting that this version does not know, or that an older one lacks, is blank.
    value = defaultdict(str, {each.name: each.value for each in held.settings})
    erp = [Fact(caption=words.t("Local currency"), value=value["local_currency_code"])]
    crm = [
        Fact(caption=words.t("Organization"), value=value["crm_organization_id"]),
        Fact(
            caption=words.t("Ownership"),
            value=said(words, ANSWER_CAPTIONS.get(value["ownership"], value["ownership"])),
        ),
    ]
    wrong = entered.refused.fields if entered.refused is not None else {}
    secrets = [
        Fact(
            caption=words.pattern(each.caption or each.name),
            tooltip=words.t("Whether this secret is stored; it is never shown."),
            value=badge(words.t("Stored"), Tone.GOOD) if each.value else badge(words.t("Missing"), Tone.BAD),
        )
        for each in held.settings
        if each.is_secret
    ]

    def end(name: str, learned: list[Fact]) -> list[Node]:
        if form is None:
            return [facts([*_told(visit, held, name), *learned])]
        return [end_form(visit, form, name, wrong, learned)]

    return [
        fast_tab(words.t("Connection to the ERP"), end("erp", erp)),
        fast_tab(words.t("Connection to Dynamics 365 Sales"), end("crm", crm)),
        fast_tab(words.t("CRM Settings"), _crm_settings(visit, versions)),
        fast_tab(words.t("Sales Orders"), _orders(visit, value)),
        fast_tab(words.t("Item Availability"), _availability(visit, value)),
        fast_tab(
            words.t("Authentication"),
            [
                facts(secrets),
                p(".quiet-text")[words.t("Secrets are stored encrypted and never shown again.")],
                div(".buttons")[_new_key(visit)],
            ],
        ),
        fast_tab(words.t("Advanced"), _removal(visit, held), is_open=False),
    ]


def _told(visit: Visit, held: ConnectionShown, end: str) -> list[Fact]:
    """Show what people told of one end, as far as it counts."""
    words = visit.words
    return [
        Fact(
            caption=words.pattern(each.caption),
            value=words.t("Yes")
            if each.value == "true"
            else said(words, ANSWER_CAPTIONS.get(each.value, each.value)),
        )
        for each in held.settings
        if each.end == end and each.value
    ]


def _crm_settings(visit: Visit, versions: CrmVersions) -> list[Node]:
    words = visit.words
    redeploy = action_link(
        words.t(solution.REDEPLOY.caption),
        visit.to("/connection/solution"),
        tooltip=words.t(solution.REDEPLOY.tooltip),
    )
    return [
        live("versions", versions_part(visit, versions)),
        div(".buttons")[redeploy] if visit.may(solution.REDEPLOY.permission) else None,
    ]


def _availability(visit: Visit, value: dict[str, str]) -> list[Node]:
    words = visit.words
    is_published = bool(value["feed_user"])
    shown = (
        badge(words.t("Published"), Tone.GOOD)
        if is_published
        else badge(words.t("Not published"), Tone.NEUTRAL)
    )
    change = (
        visit.action(
            availability.UNPUBLISH,
            look=Button(confirm=words.t("CRM users will not see the stock any more. Go on?")),
        )
        if is_published
        else visit.action(availability.PUBLISH)
    )
    return [
        facts(
            [
                Fact(caption=words.t("CRM users see the ERP's stock"), value=shown),
                Fact(caption=words.t("Sign-in of CRM users"), value=value["feed_user"]),
            ]
        ),
        div(".buttons")[
            change,
            visit.seen("/availability", action_link(words.t("Item Availability"), visit.to("/availability"))),
        ],
    ]


def _new_key(visit: Visit) -> Element:
    words = visit.words
    return visit.action(
        keys.ROTATE,
        look=Button(
            confirm=words.t(
                "Every stored secret of every connection is wrapped with a new key, and the old key opens nothing any "
                "more. A backup of the old key file stays needed for older backups of the database. Go on?"
            )
        ),
    )


def _orders(visit: Visit, value: dict[str, str]) -> Element:
    words = visit.words
    may = visit.may(Permission.MANAGE_CONNECTION)
    return form({"data-kept": "1"}, method="post", action=f"{DO}/connections/change_orders")[
        hidden([("connection", visit.connection.name), (RETURN_TO, visit.here)]),
        [
            div[
                hidden([(name, "false")]),
                check_box(Field(name=name, caption=words.t(caption)), is_checked=bool(value[name])),
            ]
            for name, caption in _SWITCHES
        ],
        form_button(words.t("Save")) if may else None,
    ]


def _removal(visit: Visit, held: ConnectionShown) -> Element:
    words = visit.words
    if not visit.may(Permission.ADMINISTER):
        return p[words.t("You don't have the permission for this")]
    return form(method="post", action=f"{DO}/connections/remove")[
        hidden([("connection", held.summary.name), (RETURN_TO, visit.here)]),
        p[
            words.n(
                "Removing forgets {count} coupling, and all jobs and errors. Records stay on both sides.",
                "Removing forgets {count} couplings, and all jobs and errors. Records stay on both sides.",
                held.couplings,
            )
        ],
        text_field(
            Field(name="typed_name", caption=words.t("Type the name of the connection"), is_required=True),
            autocomplete="off",
        ),
        form_button(words.t("Remove")),
    ]


def _jobs(visit: Visit, held: ConnectionShown) -> Element:
    words = visit.words
    told = words.t("{ready} of {count}", ready=held.jobs_ready, count=held.jobs)
    entries = [
        Fact(
            caption=words.t("Active scheduled synchronization jobs"),
            value=visit.linked(told, "/queue"),
        ),
        Fact(
            caption=words.t("Couplings"),
            value=visit.linked(words.number(held.couplings), "/couplings"),
        ),
        Fact(caption=words.t("Name"), value=held.summary.name),
    ]
    return fact_box(words.t("Status"), facts(entries))
