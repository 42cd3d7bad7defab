"""Integration Table Mapping: the card with its settings, a try with one record, and the way back to the default."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from htpy import Element, Node, a, code, div, form, p
from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from interlace.domain.conflict_resolution import UpdateConflictResolution
from interlace.domain.integration_table_mapping import DeletionConflictResolution
from interlace.management import mappings, record_changes
from interlace.management.mapping_answers import MappingListed, MappingShown
from interlace.management.mapping_checks import CHECK_CHANGE
from interlace.management.mappings import CheckMappings, OneMapping, TryRecord
from interlace.management.own_mappings import REMOVE_MAPPING
from interlace.management.refusal import RefusalKind, Refused
from interlace.ui.actions import action_bar, action_link, form_button
from interlace.ui.badge import Tone, badge
from interlace.ui.card import Fact, card, facts, fast_tab
from interlace.ui.fields import Choice, select_field
from interlace.ui.keys import LOG
from interlace.ui.notices import empty_state
from interlace.ui.shell import Crumb, Page, hidden
from interlace.web.addresses import segment
from interlace.web.entered_form import EnteredForm, ask_entered, entered_pairs
from interlace.web.mapping_facts import related, standing, watermarks
from interlace.web.mapping_parts import (
    YES_OR_NO,
    change_list,
    choices_of,
    direction,
    integration_table,
    lines,
    own_badge,
    part_badge,
    path_of,
    why_no_change,
)
from interlace.web.mapping_templates import templates
from interlace.web.mapping_trial import trial_part
from interlace.web.notice import Notice, said, tell
from interlace.web.pages.mappings import checked_part, run_buttons
from interlace.web.request import AnyRequest, TheAccounts
from interlace.web.security import PAGE, ask_password_again
from interlace.web.visit import Button, TheVisit, Visit, live

_Answer = Response[str] | Redirect
_DO, _CHECK = "do", "check"


@get("/mappings/{name:str}", opt=PAGE)
async def mapping_page(visit: TheVisit, name: FromPath[str]) -> Response[str]:
    """The card of a mapping."""
    return await _card(visit, name, EnteredForm())


@post("/mappings/{name:str}", opt=PAGE)
async def change_mapping(
    request: AnyRequest, visit: TheVisit, accounts: TheAccounts, name: FromPath[str]
) -> _Answer:
    """Keep the settings; what is wrong is shown at its field."""
    pairs = await entered_pairs(request)
    if (_DO, _CHECK) in pairs:
        checked = await ask_entered(visit, CHECK_CHANGE, [pair for pair in pairs if pair[0] != _DO])
        return await _card(visit, name, EnteredForm(pairs=pairs), checked.problems)
    try:
        changed = await ask_entered(visit, mappings.CHANGE, pairs)
    except Refused as refused:
        if refused.kind is RefusalKind.SIGN_IN_AGAIN:
            return await ask_password_again(request, accounts, pairs)
        return await _card(visit, name, EnteredForm(pairs=pairs, refused=refused))
    await tell(request, accounts, Notice(title=said(visit.words, changed.message)))
    return Redirect(visit.to(path_of(name)), status_code=303)


@get("/mappings/{name:str}/reset", opt=PAGE)
async def reset_page(visit: TheVisit, name: FromPath[str]) -> Response[str]:
    """What a reset takes back."""
    words = visit.words
    held = await visit.ask(mappings.SHOW, OneMapping(connection=visit.connection.name, mapping=name))
    found = held.header.name
    return visit.page(
        Page(
            heading=words.t("Use Default of {mapping}", mapping=found),
            crumbs=[Crumb(caption=found, address=visit.to(path_of(found)))],
            is_narrow=True,
            content=[
                p[words.t("This is taken back; couplings and records stay as they are:")],
                change_list(words, held.changes),
                div(".buttons")[
                    visit.action(
                        mappings.RESET,
                        {"mapping": found},
                        Button(is_primary=True, return_to=visit.to(path_of(found))),
                    ),
                    action_link(words.t("Cancel"), visit.to(path_of(found))),
                ],
            ]
            if held.changes
            else empty_state(
                words.t("Nothing was changed"),
                words.t("Everything in {mapping} is the default.", mapping=found),
            ),
        )
    )


PAGES = (mapping_page, change_mapping, reset_page)


async def _card(
    visit: Visit, name: str, entered: EnteredForm, problems: Mapping[str, str] | None = None
) -> Response[str]:
    words, connection = visit.words, visit.connection.name
    held = await visit.ask(mappings.SHOW, OneMapping(connection=connection, mapping=name))
    header = held.header
    above: list[Node] = []
    if visit.query("check"):
        asked = CheckMappings(connection=connection, mapping=header.name)
        above.append(checked_part(visit, await visit.ask(mappings.CHECK, asked)))
    key = visit.query("try").strip()[:400]
    tried = None
    if key:
        tried = await visit.ask(mappings.TRY, TryRecord(connection=connection, mapping=header.name, key=key))
    return visit.page(
        Page(
            heading=header.name,
            subtitle=header.caption,
            status=[
                part_badge(words, header),
                " ",
                own_badge(words, header),
                " ",
                badge(words.t("Changed"), Tone.WARN) if header.changed else None,
            ],
            crumbs=[Crumb(caption=words.t("Integration Table Mappings"), address=visit.to("/mappings"))],
            notices=entered.notices(visit),
            content=[
                _actions(visit, held),
                card(
                    [
                        above,
                        trial_part(visit, header, key, tried),
                        *_tabs(visit, held, entered, problems or {}),
                    ],
                    [
                        live("standing", standing(visit, held)),
                        watermarks(visit, held),
                        related(visit, held),
                    ],
                    captions=words.captions,
                ),
            ],
        ),
        status=entered.status,
    )


def _actions(visit: Visit, held: MappingShown) -> Element | None:
    words, header = visit.words, held.header
    path = path_of(header.name)
    return action_bar(
        [] if header.by_documents else run_buttons(visit, header),
        [
            action_link(words.t("Fields"), visit.to(path_of(header.name, "fields"))),
            action_link(words.t("Match-Based Coupling"), visit.to(path_of(header.name, "matching")))
            if not (header.by_documents or header.choice_column)
            else None,
            action_link(words.t("Check"), visit.to(path, {"check": "1"})),
            action_link(words.t("Use Default"), visit.to(path_of(header.name, "reset")))
            if held.changes
            else None,
            _delete_couplings(visit, header),
            action_link(words.t(REMOVE_MAPPING.caption), visit.to(path_of(header.name, "delete")))
            if header.is_own and not why_no_change(visit)
            else None,
        ],
        [
            action_link(
                words.t("Records"),
                visit.to(f"/records/{segment(header.name)}"),
                tooltip=words.t("The records of the mapping on both sides, and with what each is coupled."),
            )
            if not header.by_documents
            else None,
            visit.seen(
                "/couplings",
                action_link(words.t("Couplings"), visit.to("/couplings", {"filters.mapping": header.name})),
            ),
            visit.seen(
                "/jobs",
                action_link(
                    words.t("Job Log"), visit.to("/jobs", {"filters.mapping": header.name}), keys=LOG
                ),
            ),
        ],
        captions=words.captions,
    )


def _delete_couplings(visit: Visit, header: MappingListed) -> Element | None:
    words = visit.words
    if header.by_documents:
        return None
    confirm = words.n(
        "{count} coupling is deleted, and the records of the CRM forget their partners; records stay on both sides. "
        "The next run couples or creates them anew by the settings of the mapping. Delete it?",
        "{count} couplings are deleted, and the records of the CRM forget their partners; records stay on both sides. "
        "The next run couples or creates them anew by the settings of the mapping. Delete them?",
        header.coupled,
    )
    why_not = words.t("It is at work") if header.is_running else ""
    return visit.action(
        record_changes.UNCOUPLE_ALL,
        {"mapping": header.name, "count": str(header.coupled)},
        Button(confirm=confirm, why_not=why_not if header.coupled else words.t("There are no couplings")),
    )


def _tabs(visit: Visit, held: MappingShown, entered: EnteredForm, problems: Mapping[str, str]) -> list[Node]:
    words, header = visit.words, held.header
    general = facts(
        [
            Fact(caption=words.t("Table"), value=header.erp_table),
            Fact(caption=words.t("Integration Table"), value=integration_table(header)),
        ]
    )
    return [
        fast_tab(words.t("General"), [general, _form(visit, held, entered, problems)]),
        fast_tab(
            words.t("Filters"),
            [_filter(visit, held, "erp"), _filter(visit, held, "crm")],
            promoted=_promoted_filters(visit, held),
        ),
        fast_tab(words.t("Matching"), _matching(visit, held)),
        fast_tab(words.t("Configuration Templates"), templates(visit, held), is_open=False),
        fast_tab(words.t("Dependencies"), _dependencies(visit, held), is_open=False),
        fast_tab(words.t("What was changed"), change_list(words, held.changes)) if held.changes else None,
    ]


def _form(visit: Visit, held: MappingShown, entered: EnteredForm, problems: Mapping[str, str]) -> Element:
    words, header = visit.words, held.header
    why_not = why_no_change(visit)
    before = {
        "direction": header.direction,
        "synch_only_coupled_records": "yes" if header.synch_only_coupled_records else "no",
        "update_conflict_resolution": header.update_conflict_resolution,
        "deletion_conflict_resolution": header.deletion_conflict_resolution,
        "takes_part": "yes" if header.takes_part else "no",
    }
    if entered.pairs:
        before |= {name: value for name, value in entered.pairs if name in before}
    shown = EnteredForm(refused=entered.refused, before=before)
    update = [each.value for each in UpdateConflictResolution if not each.makes_one_of_both]
    fields = [
        (
            shown.field(words, "direction", words.t("Direction")),
            [Choice(value=each, caption=direction(words, each)) for each in held.directions],
        ),
        (
            shown.field(
                words,
                "synch_only_coupled_records",
                words.t("Synch. Only Coupled Records"),
                hint=words.t("No: a record without a partner gets one created by the next run."),
            ),
            [Choice(value=each.value, caption=words.t(each.caption)) for each in YES_OR_NO],
        ),
        (
            shown.field(
                words,
                "update_conflict_resolution",
                words.t("Update-Conflict Resolution"),
                hint=words.t("What happens when both sides changed the same field. None: a person decides."),
            ),
            choices_of(words, update),
        ),
        (
            shown.field(
                words,
                "deletion_conflict_resolution",
                words.t("Deletion-Conflict Resolution"),
                hint=words.t("What happens when a coupled record was deleted. None: a person decides."),
            ),
            choices_of(words, [each.value for each in DeletionConflictResolution]),
        ),
        (
            shown.field(words, "takes_part", words.t("Takes part in this connection")),
            [Choice(value=each.value, caption=words.t(each.caption)) for each in YES_OR_NO],
        ),
    ]
    checks = {"data-kept": "1", "data-checks": _DO}
    return form(".settings", checks, method="post", action=visit.to(path_of(header.name)))[
        hidden([("connection", visit.connection.name), ("mapping", header.name), ("seen", held.seen)]),
        [
            select_field(
                replace(field, error=field.error or said(words, problems.get(field.name, ""))), choices
            )
            for field, choices in fields
        ],
        div(".buttons")[
            p(".quiet-text")[why_not] if why_not else form_button(words.t("Save"), is_primary=True)
        ],
    ]


def _promoted_filters(visit: Visit, held: MappingShown) -> Node:
    count = len(held.header.table_filter) + len(held.header.integration_table_filter)
    return visit.words.n("{count} condition", "{count} conditions", count) if count else visit.words.t("None")


def _filter(visit: Visit, held: MappingShown, side: str) -> Element:
    words, header = visit.words, held.header
    is_erp = side == "erp"
    given = held.default_table_filter if is_erp else held.default_integration_table_filter
    own = held.own_table_filter if is_erp else held.own_integration_table_filter
    shown = [
        code[" ".join(part for part in (each.field, each.comparison, each.value) if part)] for each in own
    ]
    entries = [
        Fact(
            caption=words.t("Table Filter of the mapping")
            if is_erp
            else words.t("Integration Table Filter of the mapping"),
            value=lines([*given]) or words.t("Every record takes part"),
        ),
        Fact(caption=words.t("Added conditions"), value=[div[each] for each in shown] or words.t("None")),
    ]
    may = not why_no_change(visit) and not header.by_documents
    path = path_of(header.name, "filter")
    return div(".of-side")[
        facts(entries),
        div(".buttons")[action_link(words.t("Change Filter"), visit.to(path, {"side": side}))]
        if may
        else None,
    ]


def _matching(visit: Visit, held: MappingShown) -> Node:
    words = visit.words
    if not held.match_rules:
        return p[
            words.t(
                "Existing records are not coupled by themselves; people couple them, or new ones are created."
            )
        ]
    return [
        p[
            words.t(
                "A record without a partner is coupled with the one record of the other side that holds the same:"
            )
        ],
        lines(list(held.match_rules)),
    ]


def _dependencies(visit: Visit, held: MappingShown) -> Element:
    words = visit.words

    def linked(names: tuple[str, ...]) -> Node:
        return [div[a(href=visit.to(path_of(each)))[each]] for each in names] or words.t("None")

    return facts(
        [
            Fact(caption=words.t("Runs after"), value=linked(held.depends_on)),
            Fact(caption=words.t("Needed by"), value=linked(held.needed_by)),
        ]
    )
