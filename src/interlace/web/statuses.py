"""The words and tones of statuses, directions, recommendations and settings: the same on every page."""

from interlace.domain.full_synch_review import InitialSynchRecommendation
from interlace.domain.integration_field_mapping import Direction
from interlace.management.jobs import BROKEN_OFF
from interlace.management.translatable import translatable
from interlace.ui.badge import Tone
from interlace.ui.words import Words

_STATUSES = {
    "Ready": (translatable("Ready"), Tone.NEUTRAL),
    "In Process": (translatable("In Process"), Tone.BUSY),
    "Error": (translatable("Error"), Tone.BAD),
    "On Hold": (translatable("On Hold"), Tone.NEUTRAL),
    "Finished": (translatable("Finished"), Tone.GOOD),
    "Success": (translatable("Success"), Tone.GOOD),
    BROKEN_OFF: (BROKEN_OFF, Tone.BAD),
}
_DIRECTIONS = {
    Direction.BIDIRECTIONAL: translatable("Bidirectional"),
    Direction.TO_INTEGRATION_TABLE: translatable("To Integration Table"),
    Direction.FROM_INTEGRATION_TABLE: translatable("From Integration Table"),
}
_RECOMMENDATIONS = {
    InitialSynchRecommendation.FULL_SYNCHRONIZATION.value: translatable("Full Synchronization"),
    InitialSynchRecommendation.COUPLE_RECORDS.value: translatable("Couple Records"),
    InitialSynchRecommendation.NO_RECORDS.value: translatable("No Records Found"),
}

ANSWER_CAPTIONS = {
    "basic": translatable("User and web service access key"),
    "ntlm": translatable("Windows account (NTLM)"),
    "client-secret": translatable("Application with a client secret (Microsoft Entra ID)"),
    "certificate": translatable("Application with a certificate (Microsoft Entra ID)"),
    "device-code": translatable("A person signs in with a code (Microsoft Entra ID)"),
    "token-address": translatable("Application with a secret at a token address"),
    # Products are called the same in every language.
    "bc": "Business Central",
    "nav2018": "Dynamics NAV 2018",
    "nav2017": "Dynamics NAV 2017",
    "person": translatable("Person: the CRM user of the salesperson"),
    "team": translatable("Team: one team owns everything"),
    "item": translatable("An item"),
    "resource": translatable("A resource"),
    "": translatable("Nothing"),
}
"""What the answers of the set-up mean that are one of a few words."""


def status_text(words: Words, status: str) -> str:
    """Return a status of a job queue entry, of a pass or of a job in the reader's language."""
    return words.t(_STATUSES[status][0])


def status_tone(status: str) -> Tone:
    """Return the tone of a status."""
    return _STATUSES[status][1]


def direction_text(words: Words, direction: Direction) -> str:
    """Return a direction as users know it."""
    return words.t(_DIRECTIONS[direction])


def recommendation_text(words: Words, recommendation: str) -> str:
    """Return what is recommended for a mapping's first synchronization."""
    return words.t(_RECOMMENDATIONS[recommendation])
