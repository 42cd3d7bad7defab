"""Words for what the engine itself finds wrong with a record: what happened, to which record, what to do next."""

import logging
from dataclasses import replace
from pathlib import PurePath
from traceback import extract_tb

from interlace.domain.errors import ErrorCode, RecordError, WaitsFor
from interlace.domain.side import Side
from interlace.engine.candidate import Candidate
from interlace.engine.run_setup import PassSetup
from interlace.locale.translatable import as_sentence, translatable

_log = logging.getLogger(__name__)
_ITS_PARTNER = translatable("its partner")


def failure_of(setup: PassSetup, each: Candidate, code: ErrorCode) -> RecordError:
    """Describe a failure that the decision or a write's outcome named by its code."""
    what = subject_of(setup, each)
    partner = (
        f"{setup.destination.table} {each.partner_key}" if each.partner_key else as_sentence(_ITS_PARTNER)
    )
    return RecordError(code=code, message=_message(setup, code, what, partner, each), subject=what)


def of_record(setup: PassSetup, each: Candidate, error: RecordError) -> RecordError:
    """Put the record that an error is about in front of its text, unless it stands there already."""
    if error.subject:
        return error
    what = subject_of(setup, each)
    message = translatable("{record}: {message}", record=what, message=as_sentence(error.message))
    return replace(error, message=message, subject=what)


def left_blank(setup: PassSetup, each: Candidate) -> RecordError:
    """Say of a record that went through which of its references stay blank for now."""
    what = subject_of(setup, each)
    awaited = list(dict.fromkeys(each.pending))
    named = ", ".join(f"{waits.key!r} ({waits.mapping})" for waits in awaited)
    if len(awaited) > 1:
        message = translatable(
            "{what} is synchronized, but its references to {named} stay blank until those records are coupled; then "
            "each is filled in by itself.",
            what=what,
            named=named,
        )
    else:
        message = translatable(
            "{what} is synchronized, but its reference to {named} stays blank until that record is coupled; then it "
            "is filled in by itself.",
            what=what,
            named=named,
        )
    return RecordError(
        code=ErrorCode.REFERENCE_CLEARED,
        message=message,
        waits_for=WaitsFor(mapping=awaited[0].mapping, key=awaited[0].key),
        also_waits_for=tuple(awaited[1:]),
        subject=what,
    )


def defect_of(setup: PassSetup, each: Candidate, problem: Exception) -> RecordError:
    """Describe our own mistake by its kind and place; its text may hold anybody's values and stays in the log."""
    frames = extract_tb(problem.__traceback__)
    place = f" in {PurePath(frames[-1].filename).name}, line {frames[-1].lineno}" if frames else ""
    what = subject_of(setup, each)
    _log.error("Interlace failed on %s of %s", what, setup.run.mapping.name, exc_info=problem)
    return RecordError(
        code=ErrorCode.DEFECT,
        message=translatable(
            "{what}: Interlace itself failed ({problem}). Nothing was written for this record, and the others went "
            "on. Report it with what the log says; it is tried again by itself.",
            what=what,
            problem=f"{type(problem).__name__}{place}",
        ),
        subject=what,
    )


def subject_of(setup: PassSetup, each: Candidate) -> str:
    """Name a record for people: its table, its number, and its name where the mapping has one."""
    return f"{setup.source.table} {record_name(setup, each)}"


def record_name(setup: PassSetup, each: Candidate) -> str:
    """Name a record for people: its key, and its caption where the mapping has one."""
    key = each.key.replace("\x1f", ", ")
    caption = _caption_field(setup)
    if caption is not None and each.values is not None and caption in setup.source.fields:
        text = each.values[setup.source.fields.index(caption)]
        return f"{key} ({text})" if text else key
    return key


def _caption_field(setup: PassSetup) -> str | None:
    """Return the field of the source that holds the record's name."""
    mapping = setup.run.mapping
    if setup.source.side is Side.ERP:
        return mapping.erp_caption
    carried = (row.crm_field for row in mapping.fields if row.erp_field == mapping.erp_caption)
    return next(carried, None) if mapping.erp_caption else None


def _message(setup: PassSetup, code: ErrorCode, what: str, partner: str, each: Candidate) -> str:
    theirs = setup.destination.table
    match code:
        case ErrorCode.UPDATE_CONFLICT:
            fields = ", ".join(sorted(each.merge.conflicting)) if each.merge is not None else ""
            return translatable(
                "{what} and {partner} were both changed since they last agreed, in the same field: {fields}. "
                "Choose which value is right with `interlace conflicts`, correct one side so that both hold the same, "
                "or set the mapping's Update-Conflict Resolution.",
                what=what,
                partner=partner,
                fields=fields,
            )
        case ErrorCode.PARTNER_DELETED:
            gone, left = (what, partner) if each.record is None else (partner, what)
            return translatable(
                "{gone} was deleted, {left} is still there. Restore it, delete the other one too, or end the pair "
                "with `interlace conflicts`, or set the mapping's Deletion-Conflict Resolution.",
                gone=gone,
                left=left,
            )
        case ErrorCode.DELETED_AND_CHANGED:
            gone, left = (what, partner) if each.record is None else (partner, what)
            return translatable(
                "{gone} was deleted, but {left} was changed since both last agreed, so it was not deleted too. "
                "Delete it, restore the deleted record, or end the pair with `interlace conflicts`.",
                gone=gone,
                left=left,
            )
        case ErrorCode.MATCH_AMBIGUOUS:
            return translatable(
                "{what} matches several records of {theirs}, or shares its match with another record. "
                "Couple it by hand with the right one, or correct the duplicates.",
                what=what,
                theirs=theirs,
            )
        case ErrorCode.MATCH_ALREADY_COUPLED:
            return translatable(
                "{what} matches {partner}, which is coupled with another record. "
                "Delete that coupling if it is wrong, or correct the value that both share.",
                what=what,
                partner=partner,
            )
        case ErrorCode.MARK_AMBIGUOUS:
            return translatable(
                "Several records of {theirs} carry the mark with which one was created for {what}. "
                "Delete the copies or clear their mark; the record that is left is coupled by itself.",
                theirs=theirs,
                what=what,
            )
        case _:
            return _message_of_passing_trouble(code, what, partner, theirs)


def _message_of_passing_trouble(code: ErrorCode, what: str, partner: str, theirs: str) -> str:
    match code:
        case ErrorCode.REAPPEARED:
            return translatable(
                "{what} was deleted earlier and is there again since its service was restored from a backup. "
                "Delete it again, or let it be carried over with `interlace errors retry`.",
                what=what,
            )
        case ErrorCode.HELD_AFTER_UNDO:
            return translatable(
                "A person undid what was written to {partner} for {what}; the pair is left alone. "
                "Correct the cause, then release it with `interlace errors retry`.",
                what=what,
                partner=partner,
            )
        case ErrorCode.CHANGED_MEANWHILE:
            return translatable(
                "{what} or {partner} kept changing while it was synchronized. "
                "Nothing was written; the next run takes it up again.",
                what=what,
                partner=partner,
            )
        case ErrorCode.OUTCOME_UNKNOWN:
            return translatable(
                "{partner} was sent for {what}, but the service gave no answer. "
                "The next run looks at both records before anything is sent again.",
                partner=partner,
                what=what,
            )
        case ErrorCode.SERVICE_UNAVAILABLE:
            return translatable(
                "{partner} refused {what} for now. Nothing was written; the next run tries again.",
                partner=partner,
                what=what,
            )
        case ErrorCode.CREATE_WAITS:
            return translatable(
                "An earlier request may still create the partner of {what} in {theirs}. Nothing is sent until that "
                "can't happen any more; then a run looks for it first, and creates it if it isn't there.",
                what=what,
                theirs=theirs,
            )
        case ErrorCode.PLAN_MOVED:
            return translatable(
                "{what} or {partner} is not what it was when this was planned. Nothing was written; "
                "make a new plan, or let the next run carry it over.",
                what=what,
                partner=partner,
            )
        case _:
            return translatable(
                "{what} could not be synchronized with {partner} ({code}).",
                what=what,
                partner=partner,
                code=code.value,
            )
