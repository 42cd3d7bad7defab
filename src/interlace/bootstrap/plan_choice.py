"""Which actions of a kept plan are carried out: before it is applied, a person leaves some out or takes them in."""

from collections.abc import Iterator
from contextlib import contextmanager

import msgspec

from interlace.bootstrap.kept_files import take_work
from interlace.bootstrap.kept_plans import KeptPlan, KeptPlans, PlanState
from interlace.bootstrap.plan_file import numbered_stages
from interlace.bootstrap.shown_plan import WHY_NOT
from interlace.domain.plan import LEFT_ALONE, PlannedAction
from interlace.locale.translatable import translatable
from interlace.management.plans import ChosenActions
from interlace.management.refusal import RefusalKind, Refused


def leave_out(kept: KeptPlans, plan: KeptPlan, chosen: ChosenActions) -> KeptPlan:
    """Leave the chosen actions out of a plan that waits to be applied; gives the plan. Raises Refused."""
    return _choose(kept, plan, chosen, is_out=True)


def take_in(kept: KeptPlans, plan: KeptPlan, chosen: ChosenActions) -> KeptPlan:
    """Take actions in again that were left out; gives the plan. Raises Refused."""
    return _choose(kept, plan, chosen, is_out=False)


def told(plan: KeptPlan) -> str:
    """Say how much of a plan is left out."""
    out, all_ = (sum(sum(held.values()) for held in each.values()) for each in (plan.left_out, plan.counts))
    return translatable("Left out of the plan now: {count} of {total} records.", count=out, total=all_)


@contextmanager
def ready_plan(kept: KeptPlans, plan_id: str, refusal: str) -> Iterator[KeptPlan]:
    """Hold a plan that waits to be applied, so that nobody applies or changes it meanwhile; raises Refused."""
    # Whoever applies the plan holds the same right: what is written is what was chosen before.
    lock = take_work(kept.place(plan_id), "interlace")
    if lock is None:
        raise Refused(RefusalKind.CHANGED_MEANWHILE, translatable("Somebody works on this plan already"))
    try:
        held = kept.read_as_written(plan_id)
        if held is None or held.state is not PlanState.READY:
            raise Refused(
                RefusalKind.CHANGED_MEANWHILE, refusal, why=WHY_NOT[held.state] if held is not None else ""
            )
        yield held
    finally:
        lock.release()


def _choose(kept: KeptPlans, plan: KeptPlan, chosen: ChosenActions, *, is_out: bool) -> KeptPlan:
    if not (chosen.records or chosen.mapping or chosen.kind):
        raise Refused(
            RefusalKind.INVALID,
            translatable("No record is chosen"),
            next_step=translatable("Tick the records, or choose a mapping or a kind."),
        )
    with ready_plan(kept, plan.id, translatable("What the plan leaves out can't be changed now")) as held:
        return _kept_choice(kept, held, chosen, is_out=is_out)


def _kept_choice(kept: KeptPlans, held: KeptPlan, chosen: ChosenActions, *, is_out: bool) -> KeptPlan:
    before, out, found = kept.left_out(held.id), set[int](), 0
    counts: dict[str, dict[str, int]] = {}
    for number, action in _written(kept, held.id):
        is_chosen = _is_chosen(chosen, number, action)
        found += is_chosen
        if is_out if is_chosen else number in before:
            out.add(number)
            of_mapping = counts.setdefault(action.mapping, {})
            of_mapping[action.kind.value] = of_mapping.get(action.kind.value, 0) + 1
    if not found:
        raise Refused(
            RefusalKind.INVALID,
            translatable("The plan writes none of these records"),
            why=translatable("What is skipped, in conflict or fails is not written in any case."),
            next_step=translatable("Choose records that the plan creates, changes, deletes or couples."),
        )
    changed = msgspec.structs.replace(held, left_out=counts)
    kept.leave_out(changed, out)
    return changed


def _written(kept: KeptPlans, plan_id: str) -> Iterator[tuple[int, PlannedAction]]:
    for _, actions in numbered_stages(kept.plan_file(plan_id)):
        yield from (each for each in actions if each[1].kind not in LEFT_ALONE)


def _is_chosen(chosen: ChosenActions, number: int, action: PlannedAction) -> bool:
    if chosen.records:
        return number in chosen.records
    return chosen.mapping in {"", action.mapping} and chosen.kind in {"", action.kind.value}
