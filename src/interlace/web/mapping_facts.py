"""FactBoxes beside the card of a mapping: how it stands, its watermarks, its field rows."""

from __future__ import annotations

from htpy import Element, Node, a, details, pre, summary

from interlace.management.mapping_answers import MappingShown
from interlace.ui.card import Fact, fact_box, facts
from interlace.ui.notices import Kind, notice
from interlace.web.addresses import segment
from interlace.web.mapping_parts import path_of
from interlace.web.visit import Visit

_POSITION_LENGTH = 80


def standing(visit: Visit, held: MappingShown) -> Element:
    """How the mapping stands: couplings, errors, when it was synchronized last."""
    words, header = visit.words, held.header
    at = header.last_synchronized_at
    errors = header.failed + header.skipped
    return fact_box(
        words.t("Status"),
        facts(
            [
                Fact(
                    caption=words.t("Couplings"),
                    value=visit.linked(
                        words.number(header.coupled), "/couplings", {"filters.mapping": header.name}
                    ),
                ),
                Fact(
                    caption=words.t("Errors"),
                    value=visit.linked(words.number(errors), "/errors", {"mapping": header.name}),
                ),
                Fact(
                    caption=words.t("Synchronized last"), value=words.datetime(at) if at else words.t("Never")
                ),
            ]
        ),
    )


def watermarks(visit: Visit, held: MappingShown) -> Node:
    """From where each side is read next."""
    words = visit.words
    captions = {"erp": words.t("ERP changes are read from"), "crm": words.t("CRM changes are read from")}
    shown: list[Node] = []
    for each in held.watermarks:
        entries = [
            Fact(
                caption=captions[each.side],
                value=visit.linked(words.datetime(each.read_at), f"/jobs/{segment(each.job_id)}")
                if each.read_at is not None
                else words.t("Every record is read"),
            )
        ]
        shown.append(facts(entries))
        if each.position:
            short = each.position[:_POSITION_LENGTH]
            shown.append(
                details(".copied")[
                    summary[words.t("Position")], pre[short + ("…" if short != each.position else "")]
                ]
            )
    return fact_box(words.t("Watermarks"), shown) if shown else None


def related(visit: Visit, held: MappingShown) -> Element:
    """Its field rows, and what leaving its filter means."""
    words, header = visit.words, held.header
    path = path_of(header.name, "fields")
    content: list[Node] = [
        facts(
            [Fact(caption=words.t("Field rows"), value=a(href=visit.to(path))[words.number(header.fields)])]
        )
    ]
    if held.leaving_filter_deletes:
        content.append(
            notice(
                words.t(
                    "A coupled record that leaves the filter counts as deleted: its partner is deleted too."
                ),
                kind=Kind.WARNING,
            )
        )
    return fact_box(words.t("Fields"), content)
