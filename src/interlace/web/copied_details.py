"""What is copied from a page to whoever helps: which error, of which record, in which job, by which ids it is found."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import metadata

from htpy import Element

from interlace.domain.keys import key_text
from interlace.locale.correlation import correlation_of
from interlace.management.errors import ErrorRow
from interlace.management.refusal import Refused
from interlace.ui.notices import copied
from interlace.ui.words import Words
from interlace.web.notice import said
from interlace.web.request import AnyRequest, request_id


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldError:
    """An error or a refusal with all that is known of it; blank parts are left out."""

    what: str
    why: str = ""
    code: str = ""
    mapping: str = ""
    direction: str = ""
    record: str = ""
    job: str = ""
    correlation_id: str = ""
    """The service's, as its answer told it."""
    reference: str = ""
    """Of the request for the page, as the log names it."""
    address: str = ""
    at: datetime | None = None


def told_text(words: Words, told: ToldError) -> str:
    """Return the details as lines; ids and times as logs have them, whatever the reader's language."""
    at = told.at.astimezone(UTC).isoformat(timespec="seconds") if told.at is not None else ""
    version = metadata.version("interlace")
    lines = (
        (told.what, told.what),
        (told.why, told.why),
        (told.code, words.t("Code: {code}", code=told.code)),
        (told.record, words.t("Record: {record}", record=key_text(told.record))),
        (told.mapping, words.t("Mapping: {mapping}", mapping=told.mapping)),
        (told.direction, words.t("Direction: {direction}", direction=told.direction)),
        (told.job, words.t("Job: {job}", job=told.job)),
        (told.correlation_id, words.t("Correlation id of the service: {id}", id=told.correlation_id)),
        (told.reference, words.t("Reference: {reference}", reference=told.reference)),
        (told.address, words.t("Address: {address}", address=told.address)),
        (at, words.t("Time: {time}", time=at)),
        (version, words.t("Version of Interlace: {version}", version=version)),
    )
    return "\n".join(line for part, line in lines if part)


def copied_details(words: Words, told: ToldError) -> Element:
    """Return the details, folded, with the button that copies them."""
    return copied(told_text(words, told), captions=words.captions)


def of_refusal(words: Words, refused: Refused, request: AnyRequest) -> ToldError:
    """Return what a refusal tells; its reference stands in the log, too."""
    return ToldError(
        what=said(words, refused.title),
        why=said(words, refused.why),
        code=refused.code or refused.kind.value,
        correlation_id=correlation_of(refused.why),
        reference=request_id(request),
        address=request.url.path,
        at=datetime.now(UTC),
    )


def of_error(words: Words, each: ErrorRow) -> ToldError:
    """Return what an entry of the error list tells."""
    return ToldError(
        what=said(words, each.message),
        code=each.code,
        mapping=each.mapping,
        direction=each.direction,
        record=each.record_key,
        job=each.job_id,
        correlation_id=each.correlation_id,
        at=datetime.fromisoformat(each.at),
    )
