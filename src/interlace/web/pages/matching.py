"""Match-Based Coupling of a mapping: criteria, a dry run that shows what they would couple, and the run itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from urllib.parse import quote

from htpy import Element, Node, div, form, p
from htpy import input as input_
from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from interlace.management import matching, record_changes
from interlace.management.asked import from_pairs
from interlace.management.matching import MatchingShown, MatchSample, MatchTried, OneMatching, RecordNamed
from interlace.management.refusal import RefusalKind, Refused
from interlace.ui.actions import action_link, form_button
from interlace.ui.badge import Tone, badge
from interlace.ui.card import Fact, card, fact_box, facts, fast_tab
from interlace.ui.fields import Choice, Field, check_box, select_field, suggestion_list, text_field
from interlace.ui.keys import NEW
from interlace.ui.listing import Column, listing
from interlace.ui.notices import Kind, empty_state, notice
from interlace.ui.shell import Crumb, Page, hidden
from interlace.ui.words import Words
from interlace.web.ambiguous import coupling_button
from interlace.web.entered_form import EnteredForm, ask_entered, entered_pairs
from interlace.web.mapping_parts import FieldOfRow, lines, path_of, why_no_change
from interlace.web.notice import Notice, said, tell
from interlace.web.request import AnyRequest, TheAccounts
from interlace.web.security import PAGE, ask_password_again
from interlace.web.visit import Button, TheVisit, Visit, live

_Answer = Response[str] | Redirect
_DO = "do"
_PARTS = ("erp_fields", "crm_fields", "case_sensitive", "priorities")
_ERP_LIST, _CRM_LIST = "fields-of-erp", "fields-of-crm"
_Row = tuple[str, str, str, str]
_BLANK: _Row = ("", "", "", "")


@get("/mappings/{name:str}/matching", opt=PAGE)
async def matching_page(visit: TheVisit, name: FromPath[str]) -> Response[str]:
    """The criteria that are kept, and what came of them."""
    held = await _shown(visit, name)
    return await _page(visit, held, _kept(held), creates=held.create_new)


@post("/mappings/{name:str}/matching", opt=PAGE)
async def change_matching(
    request: AnyRequest, visit: TheVisit, accounts: TheAccounts, name: FromPath[str]
) -> _Answer:
    """Add or remove a criterion, try them, or keep them, by the button that was pressed."""
    pairs = await entered_pairs(request)
    wanted = next((value for part, value in pairs if part == _DO), "save")
    held, rows, creates = await _shown(visit, name), _rows(pairs), ("create_new", "yes") in pairs
    sent = [pair for pair in pairs if pair[0] != _DO]
    if wanted.startswith("remove-") and wanted[7:].isdecimal():
        rows = [row for place, row in enumerate(rows) if place != int(wanted[7:])]
        return await _page(visit, held, rows, creates=creates)
    if wanted == "add":
        return await _page(visit, held, [*rows, _BLANK], creates=creates)
    try:
        if wanted == "try":
            asked = from_pairs(matching.TRY, [pair for pair in sent if pair[0] != "seen"])
            tried = await visit.ask(matching.TRY, asked)
            return await _page(visit, held, rows, creates=creates, tried=tried)
        changed = await ask_entered(visit, matching.CHANGE, sent)
    except Refused as refused:
        if refused.kind is RefusalKind.SIGN_IN_AGAIN:
            return await ask_password_again(request, accounts, pairs)
        return await _page(visit, held, rows, EnteredForm(pairs=pairs, refused=refused), creates=creates)
    await tell(request, accounts, Notice(title=said(visit.words, changed.message)))
    return Redirect(visit.to(path_of(held.mapping, "matching")), status_code=303)


PAGES = (matching_page, change_matching)


async def _shown(visit: Visit, name: str) -> MatchingShown:
    return await visit.ask(matching.SHOW, OneMatching(connection=visit.connection.name, mapping=name))


def _kept(held: MatchingShown) -> list[_Row]:
    return [
        (each.erp_field, each.crm_field, "yes" if each.case_sensitive else "no", str(each.priority))
        for each in held.criteria
    ]


def _rows(pairs: Sequence[tuple[str, str]]) -> list[_Row]:
    """Return the criteria of the form that hold anything."""
    columns = [[value for name, value in pairs if name == part] for part in _PARTS]
    return [
        (erp, crm, case, priority)
        for erp, crm, case, priority in zip(*columns, strict=False)
        if erp.strip() or crm.strip()
    ]


async def _page(
    visit: Visit,
    held: MatchingShown,
    rows: Sequence[_Row],
    entered: EnteredForm | None = None,
    *,
    creates: bool,
    tried: MatchTried | None = None,
) -> Response[str]:
    words, name = visit.words, held.mapping
    entered = entered or EnteredForm()
    return visit.page(
        Page(
            heading=words.t("Match-Based Coupling of {mapping}", mapping=name),
            subtitle=words.t(
                "Couple records of {erp_table} and {crm_table} that exist on both sides already.",
                erp_table=held.erp_table,
                crm_table=held.crm_table,
            ),
            crumbs=[
                Crumb(caption=words.t("Integration Table Mappings"), address=visit.to("/mappings")),
                Crumb(caption=name, address=visit.to(path_of(name))),
            ],
            notices=entered.notices(visit),
            content=card(
                [
                    fast_tab(words.t("Criteria"), _form(visit, held, rows, entered, creates=creates)),
                    None if tried is None else fast_tab(words.t("Dry Run"), _tried(visit, name, tried)),
                    _left_to_people(visit, held),
                    fast_tab(
                        words.t("What a criterion means"), _meaning(words, held), is_open=not held.criteria
                    ),
                ],
                [live("matching-last", _last(visit, held))],
                captions=words.captions,
            ),
        ),
        status=entered.status,
    )


def _form(
    visit: Visit, held: MatchingShown, rows: Sequence[_Row], entered: EnteredForm, *, creates: bool
) -> Node:
    words, name = visit.words, held.mapping
    if not held.is_possible:
        return empty_state(
            words.t("Records of {mapping} are not matched by criteria", mapping=name),
            words.t("Orders are followed document by document, and choices by their labels."),
        )
    why_not = why_no_change(visit)
    shown = rows if rows and rows[-1] == _BLANK else [*rows, *([] if rows else [_BLANK])]
    creating = Field(
        name="create_new", caption=words.t("Create new in the CRM in case of no match"), value="yes"
    )
    return form(
        ".filter-form", {"data-kept": "1"}, method="post", action=visit.to(path_of(name, "matching"))
    )[
        hidden([("connection", visit.connection.name), ("mapping", name), ("seen", held.seen)]),
        # The first button is the one that Enter presses.
        input_(".default-button", type="submit", name=_DO, value="try", tabindex="-1", aria_hidden="true"),
        [_criterion(words, place, row, entered) for place, row in enumerate(shown)],
        suggestion_list(_ERP_LIST, [Choice(value=each, caption=each) for each in held.erp_fields]),
        suggestion_list(_CRM_LIST, [Choice(value=each, caption=each) for each in held.crm_fields]),
        check_box(creating, is_checked=creates, value="yes") if held.may_create else None,
        div(".buttons")[
            form_button(words.t("Dry Run"), name=_DO, value="try", is_primary=not held.criteria),
            None
            if why_not
            else form_button(words.t("Save"), name=_DO, value="save", is_primary=bool(held.criteria)),
            form_button(words.t("Add Criterion"), name=_DO, value="add", keys=NEW),
            action_link(words.t("Cancel"), visit.to(path_of(name))),
        ],
        p(".quiet-text")[why_not] if why_not else None,
    ]


def _criterion(words: Words, place: int, row: _Row, entered: EnteredForm) -> Element:
    number = place + 1
    captions = (
        (words.t("Field"), words.t("Integration Field"), words.t("Letter case"), words.t("Priority"))
        if not place
        else (
            words.t("Field of criterion {number}", number=number),
            words.t("Integration field of criterion {number}", number=number),
            words.t("Letter case of criterion {number}", number=number),
            words.t("Priority of criterion {number}", number=number),
        )
    )
    wrong = {} if entered.refused is None else entered.refused.fields
    erp, crm, case, priority = (
        FieldOfRow(
            name=part,
            caption=caption,
            value=value,
            error=said(words, wrong.get(f"{part}.{place}", "")),
            is_label_hidden=bool(place),
            column=part,
            place=place,
        )
        for part, caption, value in zip(_PARTS, captions, row, strict=True)
    )
    cases = [
        Choice(value="no", caption=words.t("Either case")),
        Choice(value="yes", caption=words.t("Exact")),
    ]
    return div(".condition.criterion")[
        text_field(erp, suggestions=_ERP_LIST, length_max=200, autocomplete="off"),
        text_field(crm, suggestions=_CRM_LIST, length_max=200, autocomplete="off"),
        select_field(case, cases),
        text_field(priority, length_max=2, autocomplete="off"),
        None if row == _BLANK else form_button(words.t("Remove"), name=_DO, value=f"remove-{place}"),
    ]


def _tried(visit: Visit, mapping: str, tried: MatchTried) -> list[Node]:
    """Counts and the first records of each kind."""
    words = visit.words
    if not tried.is_complete:
        return [
            notice(
                words.t("The tables are too large to be compared while you wait"),
                kind=Kind.WARNING,
                body=words.t(
                    "Keep the criteria, then run `interlace couplings match` with --dry-run: it takes its time."
                ),
            )
        ]
    coupled: list[Node] = [words.number(tried.would_couple)]
    if tried.would_couple:
        coupled += [" ", badge(words.t("Match"), Tone.GOOD)]
    doubtful: list[Node] = [words.number(tried.ambiguous)]
    if tried.ambiguous:
        doubtful += [" ", badge(words.t("A person decides"), Tone.WARN)]
    counts = [
        Fact(caption=words.t("Would be coupled"), value=coupled),
        Fact(caption=words.t("Ambiguous"), value=doubtful),
        Fact(caption=words.t("No match"), value=words.number(tried.unmatched)),
        Fact(caption=words.t("Uncoupled in the CRM"), value=words.number(tried.crm_records)),
        Fact(caption=words.t("Coupled already"), value=words.number(tried.coupled_already)),
        Fact(caption=words.t("Left out by the filter"), value=words.number(tried.left_out)),
    ]
    return [
        p(".quiet-text")[words.t("Both tables were read now; nothing was written.")],
        facts(counts),
        _samples(words, words.t("Would be coupled"), tried.pairs, tried.would_couple),
        _samples(
            words,
            words.t("Ambiguous"),
            tried.doubtful,
            tried.ambiguous,
            way=lambda each: coupling_button(visit, mapping, each.erp.record_key, "erp"),
        ),
        _samples(
            words, words.t("No match"), [MatchSample(erp=each) for each in tried.without], tried.unmatched
        ),
    ]


def _samples(
    words: Words,
    caption: str,
    samples: Sequence[MatchSample],
    count: int,
    *,
    way: Callable[[MatchSample], Node] | None = None,
) -> Node:
    if not samples:
        return None
    columns = [
        Column(caption=words.t("ERP record")),
        Column(caption=words.t("CRM record")),
        Column(caption=words.t("Other ERP records alike")),
    ]
    if not any(each.rivals for each in samples):
        columns = columns[: 2 if any(each.crm for each in samples) else 1]
    rows: list[list[Node]] = [
        [
            _named(each.erp),
            [div[_named(one)] for one in each.crm],
            [div[_named(one)] for one in each.rivals],
        ][: len(columns)]
        for each in samples
    ]
    if way is not None:
        columns.append(Column(caption=words.t("Actions"), is_caption_hidden=True))
        rows = [[*row, way(each)] for row, each in zip(rows, samples, strict=True)]
    more = count - len(samples)
    return div(".samples")[
        fast_tab(
            caption,
            [
                listing(columns, rows, caption=caption, empty=""),
                p(".quiet-text")[words.n("{count} more record", "{count} more records", more)]
                if more
                else None,
            ],
            promoted=words.number(count),
        )
    ]


def _named(each: RecordNamed) -> Node:
    return [each.caption or each.key, div(".small")[each.key] if each.caption else None]


def _meaning(words: Words, held: MatchingShown) -> Node:
    texts = [
        words.t(
            "Criteria of one priority hold together; those with a lower number are asked first, blank is 0."
        ),
        words.t("Exactly one record on each side must fit: where several are alike, none is coupled."),
        words.t("A criterion whose ERP field is blank is left out; a record without any value has no match."),
        words.t("Only uncoupled records that the mapping's filters let take part are looked at."),
    ]
    own = (
        [p[words.t("Besides, every run couples by the mapping's own rules:")], lines(list(held.match_rules))]
        if held.match_rules
        else None
    )
    return [lines(texts), own]


def _left_to_people(visit: Visit, held: MatchingShown) -> Node:
    """List the ambiguous records of the last run, each with the way to couple it by hand."""
    last = held.last
    if last is None or not last.doubtful:
        return None
    return _samples(
        visit.words,
        visit.words.t("Ambiguous"),
        last.doubtful,
        len(last.doubtful),
        way=lambda each: coupling_button(visit, held.mapping, each.erp.record_key, "erp"),
    )


def _last(visit: Visit, held: MatchingShown) -> Element:
    """Start the run, and what came of the last one."""
    words, last = visit.words, held.last
    why_not = "" if held.criteria or held.match_rules else words.t("Keep criteria first")
    run = visit.action(
        record_changes.MATCH,
        {"mapping": held.mapping},
        Button(
            caption=words.t("Couple Now"),
            is_primary=bool(held.criteria),
            why_not=why_not,
            confirm=words.t(
                "Couple the records of {mapping} that match by the kept criteria?", mapping=held.mapping
            ),
        ),
    )
    if last is None:
        return fact_box(words.t("Run"), [p[words.t("It has not run yet.")], div(".buttons")[run]])
    told = facts(
        [
            Fact(
                caption=words.t("Status"),
                value=badge(words.t("In Process"), Tone.BUSY)
                if last.is_running
                else badge(words.t("Finished"), Tone.GOOD),
            ),
            Fact(caption=words.t("Began"), value=words.datetime(last.started_at)),
            Fact(
                caption=words.t("Coupled"),
                value=visit.linked(
                    words.number(last.coupled), "/couplings", {"filters.mapping": held.mapping}
                ),
            ),
            Fact(caption=words.t("Ambiguous"), value=words.number(last.ambiguous)),
            Fact(caption=words.t("No match"), value=words.number(last.unmatched)),
        ]
    )
    return fact_box(
        words.t("Last Run"),
        [
            told,
            p(".quiet-text")[said(words, last.message)] if last.message and held.create_new else None,
            p(".quiet-text")[
                words.t("A dry run shows the ambiguous records, each with the way to couple it by hand.")
            ]
            if last.ambiguous and not last.doubtful
            else None,
            div(".buttons")[
                run,
                visit.seen(
                    "/jobs",
                    action_link(
                        words.t("Job"),
                        visit.to(f"/jobs/{quote(last.job_id)}"),
                        tooltip=words.t("Open the job that did it."),
                    ),
                ),
            ],
        ],
    )
