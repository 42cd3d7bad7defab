"""Carries out what is asked about verification."""

import msgspec

from interlace.bootstrap.desk.carry_out import connection_of, off_loop
from interlace.bootstrap.kept_verdicts import KeptJudgement, KeptVerdict
from interlace.bootstrap.serving import Server
from interlace.locale.kept_text import from_kept
from interlace.management import verification
from interlace.management.caller import Caller
from interlace.management.desk import Works
from interlace.management.refusal import NextStep, RefusalKind, Refused
from interlace.management.translatable import translatable
from interlace.management.verification import (
    MappingCounts,
    MappingVerdictShown,
    OneVerdict,
    ShowVerification,
    StartVerification,
    StopVerification,
    Verification,
    VerificationBegun,
)
from interlace.verify.verify_report import RecordState


def add_verification(works: Works, server: Server) -> None:
    """Let these operations be carried out."""
    application, verifying = server.application, server.verification

    async def show(caller: Caller, asked: ShowVerification) -> Verification:
        """Read the last verdict."""
        held = await connection_of(application, caller, asked)
        judgement = await off_loop(verifying.kept.judgement, held.id)
        return shown_verification(judgement, await off_loop(verifying.kept.verdict, held.id))

    async def mapping(caller: Caller, asked: OneVerdict) -> MappingVerdictShown:
        """Read what was found for a mapping."""
        held = await connection_of(application, caller, asked)
        verdict = await off_loop(verifying.kept.verdict, held.id)
        for each in verdict.mappings if verdict is not None else ():
            if each.mapping == asked.mapping:
                # Its findings are listed apart.
                return msgspec.convert(each, MappingVerdictShown, from_attributes=True)
        raise Refused(
            RefusalKind.NOT_FOUND,
            translatable("There is no verdict on this mapping"),
            next_step=translatable("Verify both sides; mappings that take no part are not judged."),
            steps=(NextStep(caption=translatable("Verification"), page="/verification"),),
        )

    async def start(caller: Caller, asked: StartVerification) -> VerificationBegun:
        """Begin."""
        held = await connection_of(application, caller, asked)
        await off_loop(verifying.start, held, person=caller.name)
        return VerificationBegun(
            message=translatable("Both sides are being compared in the background."), page="/verification"
        )

    async def stop(caller: Caller, asked: StopVerification) -> VerificationBegun:
        """Ask who judges to stop."""
        held = await connection_of(application, caller, asked)
        judgement = await off_loop(verifying.kept.judgement, held.id)
        if judgement is None or not judgement.is_running:
            raise Refused(RefusalKind.CHANGED_MEANWHILE, translatable("No verification is running"))
        await off_loop(verifying.kept.ask_to_stop, held.id)
        return VerificationBegun(
            message=translatable("The verification stops; the last verdict stays."), page="/verification"
        )

    works.add(verification.SHOW, show)
    works.add(verification.MAPPING, mapping)
    works.add(verification.START, start)
    works.add(verification.STOP, stop)


def shown_verification(judgement: KeptJudgement | None, verdict: KeptVerdict | None) -> Verification:
    """Return what is known of a connection's verification."""
    shown = Verification()
    if verdict is not None:
        shown = Verification(
            judged_at=verdict.judged_at,
            judged_by=verdict.judged_by,
            green=verdict.green,
            mappings=tuple(map(counts_of, verdict.mappings)),
        )
    if judgement is None:
        return shown
    told = msgspec.structs.replace(judgement, problem=tuple(map(from_kept, judgement.problem)))
    return msgspec.structs.replace(shown, **msgspec.structs.asdict(told))


def counts_of(verdict: MappingVerdictShown) -> MappingCounts:
    """Return how many records of a mapping are what."""

    def both(state: RecordState) -> int:
        """Count on both sides."""
        return verdict.erp.states.get(state.value, 0) + verdict.crm.states.get(state.value, 0)

    return MappingCounts(
        mapping=verdict.mapping,
        green=verdict.green,
        erp_total=verdict.erp.total,
        crm_total=verdict.crm.total,
        equal=verdict.erp.states.get(RecordState.EQUAL.value, 0),
        different=verdict.erp.states.get(RecordState.DRIFTED.value, 0),
        missing=both(RecordState.MISSING),
        double=both(RecordState.DUPLICATE),
        explained=both(RecordState.FAILED),
        left_out=both(RecordState.EXCLUDED),
    )
