"""What each error code means to people: the one place from which the lists, the pages and the reference take it."""

from dataclasses import dataclass

from interlace.domain.error_codes import ErrorClass, ErrorCode, WakeUp
from interlace.locale.translatable import translatable

_PARKED = (
    WakeUp.RECORD_CHANGED,
    WakeUp.PARTNER_CHANGED,
    WakeUp.SETTINGS_CHANGED,
    WakeUp.PERSON,
    WakeUp.TIME,
)
_MATCHED = (
    WakeUp.RECORD_CHANGED,
    WakeUp.COUPLING_REMOVED,
    WakeUp.SETTINGS_CHANGED,
    WakeUp.PERSON,
    WakeUp.TIME,
)
_WAITING = (
    WakeUp.AWAITED_COUPLED,
    WakeUp.RECORD_CHANGED,
    WakeUp.SETTINGS_CHANGED,
    WakeUp.PERSON,
    WakeUp.DAILY,
)
_GRANTED = (
    WakeUp.RIGHT_GRANTED,
    WakeUp.RECORD_CHANGED,
    WakeUp.SETTINGS_CHANGED,
    WakeUp.PERSON,
    WakeUp.DAILY,
)
_NEXT_RUN = (WakeUp.NEXT_RUN,)


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorDescription:
    """One error code in words."""

    caption: str
    error_class: ErrorClass
    happened: str
    why: str
    next_step: str
    wakes: tuple[WakeUp, ...]
    """What makes a record with this error take part again, by itself or by hand."""
    remedy: str = ""
    """The command that helps, MAPPING, KEY, ERP_KEY and CRM_KEY to be filled in; blank: none is needed."""


ERROR_DESCRIPTIONS: dict[ErrorCode, ErrorDescription] = {
    ErrorCode.REFERENCE_NOT_COUPLED: ErrorDescription(
        caption=translatable("a reference is not coupled"),
        error_class=ErrorClass.DEPENDENCY,
        happened=translatable(
            "The record refers to another record (a salesperson, a currency, a customer, a unit), and that one "
            "has no partner on the other side yet. Nothing was written."
        ),
        why=translatable(
            "The record referred to failed itself, is left out by a filter, or was made after its own mapping last "
            "ran."
        ),
        next_step=translatable(
            "Couple the record that is named, or correct it if it failed itself: `interlace errors causes` "
            "tells how many records wait for it. They follow by themselves in the next run."
        ),
        wakes=_WAITING,
        remedy="interlace couplings add MAPPING ERP_KEY CRM_KEY",
    ),
    ErrorCode.REFERENCE_CLEARED: ErrorDescription(
        caption=translatable("a reference was left blank"),
        error_class=ErrorClass.DEPENDENCY,
        happened=translatable(
            "The record is synchronized, but one or more references are blank on the other side, because the "
            "records they point at are not coupled."
        ),
        why=translatable(
            "The field row allows it (*Clear Value on Failed Sync*), so that two mappings that refer to each other "
            "don't wait for ever."
        ),
        next_step=translatable(
            "Nothing, if the other record is still to come: each reference is filled in by the next run after "
            "its record is coupled. Otherwise as for IL-101."
        ),
        wakes=_WAITING,
        remedy="interlace couplings add MAPPING ERP_KEY CRM_KEY",
    ),
    ErrorCode.UPDATE_CONFLICT: ErrorDescription(
        caption=translatable("both sides changed the same field"),
        error_class=ErrorClass.CONFLICT,
        happened=translatable(
            "Since they last agreed, the ERP and the CRM changed the same field of one pair of records, to "
            "different values. Nothing was written on either side."
        ),
        why=translatable("Two people, or a person and a program, edited the same fact."),
        next_step=translatable(
            "`interlace conflicts show KEY` shows both values, what was agreed on last, and who changed them "
            "when; `interlace conflicts resolve KEY` says which one is right. Or correct one side so that both hold "
            "the same value, or choose for all such cases with the mapping's or the field's policy."
        ),
        wakes=_PARKED,
        remedy="interlace conflicts list MAPPING",
    ),
    ErrorCode.PARTNER_DELETED: ErrorDescription(
        caption=translatable("the partner was deleted"),
        error_class=ErrorClass.CONFLICT,
        happened=translatable("One record of a coupled pair was deleted, the other is still there."),
        why=translatable("Someone deleted it, or our user lost the right to see it."),
        next_step=translatable(
            "`interlace conflicts resolve KEY` restores the record, deletes the other one too, or ends the pair. "
            "The mapping's `deletion_conflict_resolution` (`Restore Records`, `Remove Coupling` or `Delete Records`) "
            "decides all such cases."
        ),
        wakes=_PARKED,
        remedy="interlace conflicts list MAPPING",
    ),
    ErrorCode.MATCH_AMBIGUOUS: ErrorDescription(
        caption=translatable("several records match"),
        error_class=ErrorClass.CONFLICT,
        happened=translatable(
            "An uncoupled record was to be coupled by a value that both sides share, and several records hold "
            "that value."
        ),
        why=translatable("There are duplicates, or the value is no good mark."),
        next_step=translatable("Couple the right one by hand, or correct the duplicates."),
        wakes=_MATCHED,
        remedy="interlace couplings add MAPPING ERP_KEY CRM_KEY",
    ),
    ErrorCode.MATCH_ALREADY_COUPLED: ErrorDescription(
        caption=translatable("the match is coupled with another record"),
        error_class=ErrorClass.CONFLICT,
        happened=translatable(
            "The record of the other side that matches is coupled already, with another record."
        ),
        why=translatable(
            "Two records of one side stand for the same thing, or an earlier coupling is wrong."
        ),
        next_step=translatable(
            "If the earlier coupling is wrong, remove it: the record is matched again by itself. Otherwise "
            "correct the value that both records share."
        ),
        wakes=_MATCHED,
        remedy="interlace couplings remove MAPPING KEY",
    ),
    ErrorCode.DELETED_AND_CHANGED: ErrorDescription(
        caption=translatable("deleted on one side, changed on the other"),
        error_class=ErrorClass.CONFLICT,
        happened=translatable(
            "One record of a coupled pair was deleted, and the other one was changed since both last agreed. "
            "Nothing was deleted or written."
        ),
        why=translatable("One person gave the record up while another one was still working with it."),
        next_step=translatable(
            "`interlace conflicts show KEY` shows what was changed since; `interlace conflicts resolve KEY` "
            "restores the deleted record, deletes the other one too, or keeps what is left as a record of its own."
        ),
        wakes=_PARKED,
        remedy="interlace conflicts list MAPPING",
    ),
    ErrorCode.MARK_AMBIGUOUS: ErrorDescription(
        caption=translatable("several records carry the mark of one create"),
        error_class=ErrorClass.CONFLICT,
        happened=translatable(
            "A record was created in a service that numbers its records itself, and more than one record there "
            "carries the mark that was sent with it."
        ),
        why=translatable("Someone copied the record with its mark, or another program repeated our request."),
        next_step=translatable(
            "Delete the copies, or clear their mark, so that one record is left; it is then coupled by itself. "
            "Or couple the right one by hand."
        ),
        wakes=_MATCHED,
        remedy="interlace couplings add MAPPING ERP_KEY CRM_KEY",
    ),
    ErrorCode.REAPPEARED: ErrorDescription(
        caption=translatable("a deleted record is there again"),
        error_class=ErrorClass.CONFLICT,
        happened=translatable(
            "A record that was deleted earlier is there again, since its service was restored from a backup. It "
            "was neither coupled nor carried over."
        ),
        why=translatable("The backup is older than the deletion."),
        next_step=translatable(
            "Delete the record again if the deletion was right. If the record is to live, couple it by hand, or "
            "let a run create its partner with `interlace errors retry`."
        ),
        wakes=(WakeUp.RECORD_CHANGED, WakeUp.PERSON),
        remedy="interlace errors retry KEY --mapping MAPPING",
    ),
    ErrorCode.HELD_AFTER_UNDO: ErrorDescription(
        caption=translatable("held since a change was undone"),
        error_class=ErrorClass.CONFLICT,
        happened=translatable(
            "A person undid what Interlace had written. The pair is left alone, so that the same change is not "
            "made again."
        ),
        why=translatable(
            "The cause of the undone change is still there: a value of the other side, or a setting."
        ),
        next_step=translatable(
            "Correct the cause, then let the pair take part again with `interlace errors retry`. A change of the "
            "record releases it, too."
        ),
        wakes=(WakeUp.RECORD_CHANGED, WakeUp.PERSON),
        remedy="interlace errors retry KEY --mapping MAPPING",
    ),
    ErrorCode.REJECTED_BY_SERVICE: ErrorDescription(
        caption=translatable("the service refused the record"),
        error_class=ErrorClass.DATA,
        happened=translatable(
            "The ERP or the CRM refused to create or change the record, for good. The message holds the "
            "service's own words and code."
        ),
        why=translatable(
            "A value is too long, out of range or missing, a rule of the service forbids it, or a duplicate key "
            "stands in the way."
        ),
        next_step=translatable(
            "Correct the field that the message names, on the side where the record comes from. The changed "
            "record is tried again by itself."
        ),
        wakes=_PARKED,
    ),
    ErrorCode.VALUE_NOT_TRANSFERABLE: ErrorDescription(
        caption=translatable("a value can't be carried over"),
        error_class=ErrorClass.DATA,
        happened=translatable(
            "A transformation rule could not turn a value into one for the other side. Nothing was written."
        ),
        why=translatable(
            "The value doesn't have the form that the rule expects, such as text where a number should be."
        ),
        next_step=translatable(
            "Correct the value, or look at the field row with `interlace mappings show MAPPING`. Both are "
            "noticed by themselves."
        ),
        wakes=_PARKED,
        remedy="interlace mappings show MAPPING",
    ),
    ErrorCode.PRIVILEGE_MISSING: ErrorDescription(
        caption=translatable("a right is missing"),
        error_class=ErrorClass.PERMISSION,
        happened=translatable("The service let us sign in, but not write this record."),
        why=translatable(
            "The ERP user or the CRM's application user lacks the right for the table, or for this record."
        ),
        next_step=translatable(
            "Give the user the right that the message names. Each run tries one of the records; as soon as it "
            "goes through, all the others with the same trouble follow in the next run."
        ),
        wakes=_GRANTED,
        remedy="interlace errors retry --cause CAUSE",
    ),
    ErrorCode.CHANGED_MEANWHILE: ErrorDescription(
        caption=translatable("the record kept changing"),
        error_class=ErrorClass.TRANSIENT,
        happened=translatable(
            "Each time the record was to be written it had been changed meanwhile. Nothing was overwritten."
        ),
        why=translatable("Someone, or some program, is working on it right now."),
        next_step=translatable(
            "Nothing: the next run decides anew. If it stays, look for the program that keeps writing the "
            "record."
        ),
        wakes=_NEXT_RUN,
    ),
    ErrorCode.OUTCOME_UNKNOWN: ErrorDescription(
        caption=translatable("nobody knows whether a write arrived"),
        error_class=ErrorClass.TRANSIENT,
        happened=translatable(
            "A write was sent, and no complete answer came: it may have happened, or may still happen."
        ),
        why=translatable("A time-out, a broken connection, or a crash at that moment."),
        next_step=translatable(
            "Nothing: before anything else is sent, the next run looks at both records. No record is made "
            "twice."
        ),
        wakes=_NEXT_RUN,
    ),
    ErrorCode.SERVICE_UNAVAILABLE: ErrorDescription(
        caption=translatable("the service is not available"),
        error_class=ErrorClass.TRANSIENT,
        happened=translatable("The service refused the write for now. Nothing was written."),
        why=translatable("It is busy, the record is locked, or a limit of requests is reached."),
        next_step=translatable(
            "Nothing: the next run tries again. If it stays, `interlace doctor` tells whether both ends can be "
            "reached."
        ),
        wakes=_NEXT_RUN,
        remedy="interlace doctor",
    ),
    ErrorCode.CREATE_WAITS: ErrorDescription(
        caption=translatable("a create waits until it is safe"),
        error_class=ErrorClass.TRANSIENT,
        happened=translatable(
            "An earlier request may still create the record, so it is not created now: it could be there twice."
        ),
        why=translatable(
            "The answer to that request was lost, or Interlace's own memory was restored from a backup, and the "
            "service may still carry out what it was sent. Or the record was made from one of the CRM, as its number "
            "or mark tells, and that one could not be coupled with it yet."
        ),
        next_step=translatable(
            "Nothing: once the service's time for such requests is over, a run looks for the record, and "
            "creates it only if it isn't there. A CRM record that is on the error list itself has to go through first."
        ),
        wakes=_NEXT_RUN,
    ),
    ErrorCode.PLAN_MOVED: ErrorDescription(
        caption=translatable("the plan is out of date"),
        error_class=ErrorClass.TRANSIENT,
        happened=translatable(
            "A planned action was not carried out: the records, or their coupling, are not any more what they "
            "were when it was planned. Nothing was written."
        ),
        why=translatable("Someone changed one of the records, or another run was faster."),
        next_step=translatable(
            "Make a new plan and look at it, or let the next run carry the record over by itself."
        ),
        wakes=_NEXT_RUN,
    ),
    ErrorCode.DEFECT: ErrorDescription(
        caption=translatable("Interlace itself failed on the record"),
        error_class=ErrorClass.DEFECT,
        happened=translatable(
            "Interlace made a mistake while it carried this record over. Nothing was written for it; the other "
            "records went on."
        ),
        why=translatable(
            "A case nobody thought of, in Interlace or in a transformation rule. The message names the kind of "
            "mistake and the place in the program; the log holds the rest."
        ),
        next_step=translatable(
            "Report it with the message and the log's lines; both sides' records stay as they are. A new "
            "version of Interlace, or a change of the record, lets it through."
        ),
        wakes=_PARKED,
        remedy="interlace errors retry KEY --mapping MAPPING",
    ),
}

_BY_ITSELF = frozenset({WakeUp.NEXT_RUN, WakeUp.TIME, WakeUp.DAILY})


def awaits_person(code: ErrorCode) -> bool:
    """Tell whether no run may take the record up again by itself as long as it stays as it is."""
    return not _BY_ITSELF.intersection(ERROR_DESCRIPTIONS[code].wakes)
