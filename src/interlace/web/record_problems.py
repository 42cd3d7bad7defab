"""What a record's card tells above itself: the errors that hold the record, and which of the pair is gone."""

from __future__ import annotations

from htpy import Element, Node, p

from interlace.domain.integration_field_mapping import Direction
from interlace.management import causes
from interlace.management.records import RecordProblem, RecordShown
from interlace.ui.actions import action_link
from interlace.ui.notices import Kind, notice
from interlace.ui.words import Words
from interlace.web.ambiguous import way_to_coupling
from interlace.web.copied_details import ToldError, copied_details
from interlace.web.notice import said
from interlace.web.record_parts import side_name
from interlace.web.request_links import requests_link
from interlace.web.visit import Visit


def record_notices(visit: Visit, held: RecordShown) -> list[Element]:
    """Return a notice for each error, and for each of the two records that is gone."""
    words = visit.words
    gone = [face for face in (held.erp, held.crm) if face.key and not face.is_there]
    return [
        *[_problem(visit, held, each) for each in held.problems],
        *[
            notice(
                words.t("The record is not in the {side} any more", side=side_name(words, face.side)),
                kind=Kind.WARNING,
                body=words.t("The mapping's answer to deletions, or a person, decides what becomes of it."),
            )
            for face in gone
        ],
    ]


def _problem(visit: Visit, held: RecordShown, problem: RecordProblem) -> Element:
    words = visit.words
    face = held.erp if problem.direction == Direction.TO_INTEGRATION_TABLE.value else held.crm
    actions: list[Node] = []
    if held.conflict_id:
        actions.append(
            action_link(words.t("Decide"), visit.to(f"/conflicts/{held.conflict_id}"), is_primary=True)
        )
    actions.append(way_to_coupling(visit, held.mapping, face.key, face.side, problem.code))
    actions.append(visit.action(causes.RETRY, {"mapping": held.mapping, "keys": face.key}))
    actions.append(requests_link(visit, problem.correlation_id))
    texts = [said(words, problem.message), said(words, problem.why), said(words, problem.next_step)]
    told = words.n(
        "Seen once, at {time}.",
        "Seen {count} times, at last at {time}.",
        problem.times,
        time=words.datetime(problem.at),
    )
    # The descriptions are written to stand within a line; here one begins it.
    title = said(words, problem.title)
    return notice(
        words.t("{error} ({code})", error=title[:1].upper() + title[1:], code=problem.code),
        kind=Kind.WARNING if problem.is_skipped else Kind.ERROR,
        body=[
            [p[text] for text in texts if text],
            p(".quiet-text")[told],
            copied_details(words, _details(words, held.mapping, face.key, problem)),
        ],
        actions=actions,
    )


def _details(words: Words, mapping: str, key: str, problem: RecordProblem) -> ToldError:
    return ToldError(
        what=said(words, problem.message),
        code=problem.code,
        mapping=mapping,
        direction=problem.direction,
        record=key,
        job=problem.job_id,
        correlation_id=problem.correlation_id,
        at=problem.at,
    )
