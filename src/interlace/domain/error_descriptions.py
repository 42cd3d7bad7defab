"""What each error code means to people: the one place from which the lists, the pages and the reference take it."""

from dataclasses import dataclass

from interlace.domain.error_codes import ErrorClass, ErrorCode, WakeUp

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
        caption="a reference is not coupled",
        error_class=ErrorClass.DEPENDENCY,
        happened="The record refers to another record (a salesperson, a currency, a customer, a unit), and that one "
        "has no partner on the other side yet. Nothing was written.",
        why="The record referred to failed itself, is left out by a filter, or was made after its own mapping last "
        "ran.",
        next_step="Couple the record that is named, or correct it if it failed itself: `interlace errors causes` "
        "tells how many records wait for it. They follow by themselves in the next run.",
        wakes=_WAITING,
        remedy="interlace couplings add MAPPING ERP_KEY CRM_KEY",
    ),
    ErrorCode.REFERENCE_CLEARED: ErrorDescription(
        caption="a reference was left blank",
        error_class=ErrorClass.DEPENDENCY,
        happened="The record is synchronized, but one or more references are blank on the other side, because the "
        "records they point at are not coupled.",
        why="The field row allows it (*Clear Value on Failed Sync*), so that two mappings that refer to each other "
        "don't wait for ever.",
        next_step="Nothing, if the other record is still to come: each reference is filled in by the next run after "
        "its record is coupled. Otherwise as for IL-101.",
        wakes=_WAITING,
        remedy="interlace couplings add MAPPING ERP_KEY CRM_KEY",
    ),
    ErrorCode.UPDATE_CONFLICT: ErrorDescription(
        caption="both sides changed the same field",
        error_class=ErrorClass.CONFLICT,
        happened="Since they last agreed, the ERP and the CRM changed the same field of one pair of records, to "
        "different values. Nothing was written on either side.",
        why="Two people, or a person and a program, edited the same fact.",
        next_step="`interlace conflicts show KEY` shows both values, what was agreed on last, and who changed them "
        "when; `interlace conflicts resolve KEY` says which one is right. Or correct one side so that both hold the "
        "same value, or choose for all such cases with the mapping's or the field's policy.",
        wakes=_PARKED,
        remedy="interlace conflicts list MAPPING",
    ),
    ErrorCode.PARTNER_DELETED: ErrorDescription(
        caption="the partner was deleted",
        error_class=ErrorClass.CONFLICT,
        happened="One record of a coupled pair was deleted, the other is still there.",
        why="Someone deleted it, or our user lost the right to see it.",
        next_step="`interlace conflicts resolve KEY` restores the record, deletes the other one too, or ends the pair. "
        "The mapping's `deletion_conflict_resolution` (`Restore Records`, `Remove Coupling` or `Delete Records`) "
        "decides all such cases.",
        wakes=_PARKED,
        remedy="interlace conflicts list MAPPING",
    ),
    ErrorCode.MATCH_AMBIGUOUS: ErrorDescription(
        caption="several records match",
        error_class=ErrorClass.CONFLICT,
        happened="An uncoupled record was to be coupled by a value that both sides share, and several records hold "
        "that value.",
        why="There are duplicates, or the value is no good mark.",
        next_step="Couple the right one by hand, or correct the duplicates.",
        wakes=_MATCHED,
        remedy="interlace couplings add MAPPING ERP_KEY CRM_KEY",
    ),
    ErrorCode.MATCH_ALREADY_COUPLED: ErrorDescription(
        caption="the match is coupled with another record",
        error_class=ErrorClass.CONFLICT,
        happened="The record of the other side that matches is coupled already, with another record.",
        why="Two records of one side stand for the same thing, or an earlier coupling is wrong.",
        next_step="If the earlier coupling is wrong, remove it: the record is matched again by itself. Otherwise "
        "correct the value that both records share.",
        wakes=_MATCHED,
        remedy="interlace couplings remove MAPPING KEY",
    ),
    ErrorCode.DELETED_AND_CHANGED: ErrorDescription(
        caption="deleted on one side, changed on the other",
        error_class=ErrorClass.CONFLICT,
        happened="One record of a coupled pair was deleted, and the other one was changed since both last agreed. "
        "Nothing was deleted or written.",
        why="One person gave the record up while another one was still working with it.",
        next_step="`interlace conflicts show KEY` shows what was changed since; `interlace conflicts resolve KEY` "
        "restores the deleted record, deletes the other one too, or keeps what is left as a record of its own.",
        wakes=_PARKED,
        remedy="interlace conflicts list MAPPING",
    ),
    ErrorCode.MARK_AMBIGUOUS: ErrorDescription(
        caption="several records carry the mark of one create",
        error_class=ErrorClass.CONFLICT,
        happened="A record was created in a service that numbers its records itself, and more than one record there "
        "carries the mark that was sent with it.",
        why="Someone copied the record with its mark, or another program repeated our request.",
        next_step="Delete the copies, or clear their mark, so that one record is left; it is then coupled by itself. "
        "Or couple the right one by hand.",
        wakes=_MATCHED,
        remedy="interlace couplings add MAPPING ERP_KEY CRM_KEY",
    ),
    ErrorCode.REAPPEARED: ErrorDescription(
        caption="a deleted record is there again",
        error_class=ErrorClass.CONFLICT,
        happened="A record that was deleted earlier is there again, since its service was restored from a backup. It "
        "was neither coupled nor carried over.",
        why="The backup is older than the deletion.",
        next_step="Delete the record again if the deletion was right. If the record is to live, couple it by hand, or "
        "let a run create its partner with `interlace errors retry`.",
        wakes=(WakeUp.RECORD_CHANGED, WakeUp.PERSON),
        remedy="interlace errors retry KEY --mapping MAPPING",
    ),
    ErrorCode.HELD_AFTER_UNDO: ErrorDescription(
        caption="held since a change was undone",
        error_class=ErrorClass.CONFLICT,
        happened="A person undid what Interlace had written. The pair is left alone, so that the same change is not "
        "made again.",
        why="The cause of the undone change is still there: a value of the other side, or a setting.",
        next_step="Correct the cause, then let the pair take part again with `interlace errors retry`. A change of the "
        "record releases it, too.",
        wakes=(WakeUp.RECORD_CHANGED, WakeUp.PERSON),
        remedy="interlace errors retry KEY --mapping MAPPING",
    ),
    ErrorCode.REJECTED_BY_SERVICE: ErrorDescription(
        caption="the service refused the record",
        error_class=ErrorClass.DATA,
        happened="The ERP or the CRM refused to create or change the record, for good. The message holds the "
        "service's own words and code.",
        why="A value is too long, out of range or missing, a rule of the service forbids it, or a duplicate key "
        "stands in the way.",
        next_step="Correct the field that the message names, on the side where the record comes from. The changed "
        "record is tried again by itself.",
        wakes=_PARKED,
    ),
    ErrorCode.VALUE_NOT_TRANSFERABLE: ErrorDescription(
        caption="a value can't be carried over",
        error_class=ErrorClass.DATA,
        happened="A transformation rule could not turn a value into one for the other side. Nothing was written.",
        why="The value doesn't have the form that the rule expects, such as text where a number should be.",
        next_step="Correct the value, or look at the field row with `interlace mappings show MAPPING`. Both are "
        "noticed by themselves.",
        wakes=_PARKED,
        remedy="interlace mappings show MAPPING",
    ),
    ErrorCode.PRIVILEGE_MISSING: ErrorDescription(
        caption="a right is missing",
        error_class=ErrorClass.PERMISSION,
        happened="The service let us sign in, but not write this record.",
        why="The ERP user or the CRM's application user lacks the right for the table, or for this record.",
        next_step="Give the user the right that the message names. Each run tries one of the records; as soon as it "
        "goes through, all the others with the same trouble follow in the next run.",
        wakes=_GRANTED,
        remedy="interlace errors retry --cause CAUSE",
    ),
    ErrorCode.CHANGED_MEANWHILE: ErrorDescription(
        caption="the record kept changing",
        error_class=ErrorClass.TRANSIENT,
        happened="Each time the record was to be written it had been changed meanwhile. Nothing was overwritten.",
        why="Someone, or some program, is working on it right now.",
        next_step="Nothing: the next run decides anew. If it stays, look for the program that keeps writing the "
        "record.",
        wakes=_NEXT_RUN,
    ),
    ErrorCode.OUTCOME_UNKNOWN: ErrorDescription(
        caption="nobody knows whether a write arrived",
        error_class=ErrorClass.TRANSIENT,
        happened="A write was sent, and no complete answer came: it may have happened, or may still happen.",
        why="A time-out, a broken connection, or a crash at that moment.",
        next_step="Nothing: before anything else is sent, the next run looks at both records. No record is made "
        "twice.",
        wakes=_NEXT_RUN,
    ),
    ErrorCode.SERVICE_UNAVAILABLE: ErrorDescription(
        caption="the service is not available",
        error_class=ErrorClass.TRANSIENT,
        happened="The service refused the write for now. Nothing was written.",
        why="It is busy, the record is locked, or a limit of requests is reached.",
        next_step="Nothing: the next run tries again. If it stays, `interlace doctor` tells whether both ends can be "
        "reached.",
        wakes=_NEXT_RUN,
        remedy="interlace doctor",
    ),
    ErrorCode.CREATE_WAITS: ErrorDescription(
        caption="a create waits until it is safe",
        error_class=ErrorClass.TRANSIENT,
        happened="An earlier request may still create the record, so it is not created now: it could be there twice.",
        why="The answer to that request was lost, or Interlace's own memory was restored from a backup, and the "
        "service may still carry out what it was sent. Or the record was made from one of the CRM, as its number or "
        "mark tells, and that one could not be coupled with it yet.",
        next_step="Nothing: once the service's time for such requests is over, a run looks for the record, and "
        "creates it only if it isn't there. A CRM record that is on the error list itself has to go through first.",
        wakes=_NEXT_RUN,
    ),
    ErrorCode.PLAN_MOVED: ErrorDescription(
        caption="the plan is out of date",
        error_class=ErrorClass.TRANSIENT,
        happened="A planned action was not carried out: the records, or their coupling, are not any more what they "
        "were when it was planned. Nothing was written.",
        why="Someone changed one of the records, or another run was faster.",
        next_step="Make a new plan and look at it, or let the next run carry the record over by itself.",
        wakes=_NEXT_RUN,
    ),
    ErrorCode.DEFECT: ErrorDescription(
        caption="Interlace itself failed on the record",
        error_class=ErrorClass.DEFECT,
        happened="Interlace made a mistake while it carried this record over. Nothing was written for it; the other "
        "records went on.",
        why="A case nobody thought of, in Interlace or in a transformation rule. The message names the kind of "
        "mistake and the place in the program; the log holds the rest.",
        next_step="Report it with the message and the log's lines; both sides' records stay as they are. A new "
        "version of Interlace, or a change of the record, lets it through.",
        wakes=_PARKED,
        remedy="interlace errors retry KEY --mapping MAPPING",
    ),
}

_BY_ITSELF = frozenset({WakeUp.NEXT_RUN, WakeUp.TIME, WakeUp.DAILY})


def awaits_person(code: ErrorCode) -> bool:
    """Tell whether no run may take the record up again by itself as long as it stays as it is."""
    return not _BY_ITSELF.intersection(ERROR_DESCRIPTIONS[code].wakes)
