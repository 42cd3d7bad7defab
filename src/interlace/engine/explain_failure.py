"""Words for what the engine itself finds wrong with a record: what happened, to which record, what to do next."""

from dataclasses import replace

from interlace.domain.errors import ErrorCode, RecordError
from interlace.engine.candidate import Candidate
from interlace.engine.run_setup import PassSetup


def failure_of(setup: PassSetup, each: Candidate, code: ErrorCode) -> RecordError:
    """Describe a failure that the decision or a write's outcome named by its code."""
    what = f"{setup.source.table} {record_name(setup, each)}"
    partner = f"{setup.destination.table} {each.partner_key}"
    return RecordError(code=code, message=_message(code, what, partner, each))


def of_record(setup: PassSetup, each: Candidate, error: RecordError) -> RecordError:
    """Put the record that an error is about in front of its text."""
    return replace(error, message=f"{setup.source.table} {record_name(setup, each)}: {error.message}")


def record_name(setup: PassSetup, each: Candidate) -> str:
    """Name a record for people: its key, and its caption where the mapping has one."""
    key = each.key.replace("\x1f", ", ")
    caption = setup.run.mapping.erp_caption
    if caption and setup.to_crm and each.values is not None:
        text = each.values[setup.source.fields.index(caption)]
        return f"{key} ({text})" if text else key
    return key


def _message(code: ErrorCode, what: str, partner: str, each: Candidate) -> str:
    fields = ", ".join(sorted(each.merge.conflicting)) if each.merge is not None else ""
    match code:
        case ErrorCode.UPDATE_CONFLICT:
            return (
                f"{what} and {partner} were both changed since they last agreed, in the same field: {fields}. "
                "Choose which value is right: correct one side so that both hold the same, "
                "or set the mapping's Update-Conflict Resolution."
            )
        case ErrorCode.PARTNER_DELETED:
            gone, left = (what, partner) if each.record is None else (partner, what)
            return (
                f"{gone} was deleted, {left} is still there. Delete the coupling, restore the deleted record, "
                "or set the mapping's Deletion-Conflict Resolution."
            )
        case ErrorCode.MATCH_AMBIGUOUS:
            return (
                f"{what} matches several records of {partner.split(maxsplit=1)[0]}. "
                "Couple it by hand with the right one, or correct the duplicates."
            )
        case ErrorCode.MATCH_ALREADY_COUPLED:
            return (
                f"{what} matches {partner}, which is coupled with another record. "
                "Delete that coupling if it is wrong, or correct the value that both share."
            )
        case ErrorCode.CHANGED_MEANWHILE:
            return (
                f"{what} or {partner} kept changing while it was synchronized. "
                "Nothing was written; the next run takes it up again."
            )
        case ErrorCode.OUTCOME_UNKNOWN:
            return (
                f"{partner} was sent for {what}, but the service gave no answer. "
                "The next run looks at both records before anything is sent again."
            )
        case ErrorCode.SERVICE_UNAVAILABLE:
            return f"{partner} refused {what} for now. Nothing was written; the next run tries again."
        case _:
            return f"{what} could not be synchronized with {partner} ({code.value})."
