"""What runs do by themselves with conflicts of a mapping, as a chip that leads to where it is changed."""

from __future__ import annotations

from htpy import Element, a, span

from interlace.management.conflicts import ConflictField, ConflictShown
from interlace.ui.words import Words
from interlace.web.addresses import segment
from interlace.web.notice import said
from interlace.web.visit import Visit

_BY_A_PERSON = "None"


def policy_chip(visit: Visit, held: ConflictShown) -> Element:
    """Tell the mapping's policy."""
    words = visit.words
    card = visit.to(f"/mappings/{segment(held.mapping)}")
    tooltip = words.t("What a run does by itself with such a conflict. Opens where it is changed.")
    return a(".chip", href=f"{card}#field-{held.kind}_conflict_resolution", title=tooltip)[
        _text(words, held.policy)
    ]


def field_policy(words: Words, held: ConflictShown, each: ConflictField) -> Element | None:
    """Tell the policy of a field that has one of its own."""
    if each.policy in {"", held.policy}:
        return None
    return span(".chip", title=words.t("This field has a policy of its own; the next run follows it."))[
        _text(words, each.policy)
    ]


def _text(words: Words, policy: str) -> str:
    if policy == _BY_A_PERSON:
        return words.t("Policy: a person decides")
    return words.t("Policy: {policy}", policy=said(words, policy))
