"""Carries out what is asked about kept plans."""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from interlace.bootstrap import plan_choice, plan_decision
from interlace.bootstrap.application import Connection
from interlace.bootstrap.approval_rules import RulesInForce
from interlace.bootstrap.desk.carry_out import connection_of, off_loop
from interlace.bootstrap.desk.list_page import filters_of
from interlace.bootstrap.kept_plans import KeptPlan, PlanState
from interlace.bootstrap.plan_rows import (
    ActionLook,
    ActionsFound,
    ActionsWanted,
    FoundAction,
    page_of_actions,
)
from interlace.bootstrap.serving import Server
from interlace.bootstrap.shown_plan import shown_plan
from interlace.bootstrap.undoing import UndoSubject
from interlace.domain.filter_nodes import Filter, folded, holds
from interlace.domain.keys import MappingName, key_text
from interlace.management import plans
from interlace.management.caller import Caller
from interlace.management.desk import Works
from interlace.management.listing import (
    COUNT_MAX,
    Cursor,
    ListAsked,
    cursor_from_text,
    cursor_to_text,
    wrong_cursor,
)
from interlace.management.plans import (
    ACTION_COLUMNS,
    ActionRow,
    ActionsListed,
    ChosenActions,
    DecideOnPlan,
    MakePlan,
    OnePlan,
    PlanBegun,
    PlannedField,
    PlanShown,
    PlanUndoing,
    WritePlanned,
)
from interlace.management.refusal import NextStep, RefusalKind, Refused
from interlace.management.translatable import translatable

_ORDER = "number"


def add_plans(works: Works, server: Server) -> None:
    """Let these operations be carried out."""
    work = _PlansDesk(server)
    works.add(plans.SHOW, work.show)
    works.add(plans.ACTIONS, work.actions)
    works.add(plans.MAKE, work.make)
    works.add(plans.UNDO, work.undo)
    works.add(plans.APPLY, work.apply)
    works.add(plans.LEAVE_OUT, work.leave_out)
    works.add(plans.TAKE_IN, work.take_in)
    works.add(plans.APPROVE, work.approve)
    works.add(plans.REJECT, work.reject)
    works.add(plans.STOP, work.stop)
    works.add(plans.REMOVE, work.remove)


class _PlansDesk:
    """Plans on the connections of a server."""

    def __init__(self, server: Server) -> None:
        self._application = server.application
        self._plans = server.plans

    async def show(self, caller: Caller, asked: OnePlan) -> PlanShown:
        held, plan = await self._plan(caller, asked)
        return await off_loop(self._shown, held, plan)

    def _shown(self, held: Connection, plan: KeptPlan) -> PlanShown:
        return shown_plan(RulesInForce(application=self._application, connection=held), plan)

    async def actions(self, caller: Caller, asked: ListAsked) -> ActionsListed:
        held = await connection_of(self._application, caller, asked)
        filters = filters_of(caller, asked.filters, ACTION_COLUMNS)
        plan_id = asked.filters.get("plan_id", "").strip("'")
        if plan_id:
            plan = await off_loop(self._kept, held, plan_id)
        elif newest := await off_loop(self._plans.kept.listed, held.id):
            plan = newest[0]
        else:
            return ActionsListed(count=0 if asked.counted else None)
        return await off_loop(self._listed, plan, asked, filters)

    async def make(self, caller: Caller, asked: MakePlan) -> PlanBegun:
        held = await connection_of(self._application, caller, asked)
        names = [each for each in asked.mappings if each]
        plan = await off_loop(self._plans.make, held, names, full=asked.full, person=caller.name)
        return _begun(plan, translatable("The plan is made in the background; nothing is written."))

    async def undo(self, caller: Caller, asked: PlanUndoing) -> PlanBegun:
        held = await connection_of(self._application, caller, asked)
        mapping: MappingName | None = None
        if asked.mapping:
            [mapping] = await off_loop(self._application.known_mappings, held, [asked.mapping])
        subject = UndoSubject(text=asked.subject, field=asked.field or None, mapping=mapping)
        plan = await off_loop(self._plans.make_undo, held, subject, person=caller.name)
        return _begun(plan, translatable("The undo is planned in the background; nothing is written."))

    async def apply(self, caller: Caller, asked: OnePlan) -> PlanBegun:
        held, plan = await self._plan(caller, asked)
        why_not = (await off_loop(self._shown, held, plan)).why_not
        if why_not:
            raise Refused(
                RefusalKind.CHANGED_MEANWHILE,
                translatable("The plan can't be applied"),
                why=why_not,
                steps=(NextStep(caption=translatable("Plans"), page="/plans"),),
            )
        begun = await off_loop(self._plans.apply, held, plan, person=caller.name)
        return _begun(begun, translatable("The plan is applied in the background."))

    async def leave_out(self, caller: Caller, asked: ChosenActions) -> PlanBegun:
        _, plan = await self._plan(caller, asked)
        return _chosen(await off_loop(plan_choice.leave_out, self._plans.kept, plan, asked))

    async def take_in(self, caller: Caller, asked: ChosenActions) -> PlanBegun:
        _, plan = await self._plan(caller, asked)
        return _chosen(await off_loop(plan_choice.take_in, self._plans.kept, plan, asked))

    async def approve(self, caller: Caller, asked: DecideOnPlan) -> PlanBegun:
        return await self._decide(caller, asked, is_approved=True)

    async def reject(self, caller: Caller, asked: DecideOnPlan) -> PlanBegun:
        return await self._decide(caller, asked, is_approved=False)

    async def _decide(self, caller: Caller, asked: DecideOnPlan, *, is_approved: bool) -> PlanBegun:
        held, plan = await self._plan(caller, asked)
        decided = await off_loop(
            plan_decision.decide,
            self._application,
            held,
            plan,
            asked,
            by=caller.name,
            is_approved=is_approved,
        )
        return PlanBegun(plan_id=plan.id, message=plan_decision.told(decided))

    async def stop(self, caller: Caller, asked: OnePlan) -> PlanBegun:
        _, plan = await self._plan(caller, asked)
        if not plan.state.is_under_way:
            raise Refused(RefusalKind.CHANGED_MEANWHILE, translatable("Nobody works on this plan"))
        await off_loop(self._plans.kept.ask_to_stop, plan.id)
        if plan.state is PlanState.PLANNING:
            return _begun(plan, translatable("The making of the plan stops."))
        return _begun(plan, translatable("Applying stops before the next mapping; what was written stays."))

    async def remove(self, caller: Caller, asked: OnePlan) -> PlanBegun:
        _, plan = await self._plan(caller, asked)
        if plan.state.is_under_way:
            raise Refused(
                RefusalKind.NOT_READY,
                translatable("The plan is being worked on"),
                next_step=translatable("Stop it, or wait for its end."),
            )
        await off_loop(self._plans.kept.remove, plan.id)
        return PlanBegun(plan_id=plan.id, message=translatable("The plan is forgotten."), page="/plans")

    async def _plan(self, caller: Caller, asked: OnePlan) -> tuple[Connection, KeptPlan]:
        held = await connection_of(self._application, caller, asked)
        return held, await off_loop(self._kept, held, asked.plan_id)

    def _kept(self, held: Connection, plan_id: str) -> KeptPlan:
        plan = self._plans.kept.read(plan_id)
        if plan is None or plan.connection != held.id:
            raise Refused(
                RefusalKind.NOT_FOUND,
                translatable("There is no such plan"),
                next_step=translatable(
                    "The list of plans shows those that are kept; the oldest are forgotten."
                ),
                steps=(NextStep(caption=translatable("Plans"), page="/plans"),),
            )
        return plan

    def _listed(self, plan: KeptPlan, asked: ListAsked, filters: Mapping[str, Filter]) -> ActionsListed:
        cursor = _cursor(asked)
        wanted = ActionsWanted(
            passes=_passes(filters, asked.search),
            limit=asked.limit,
            after=(0, 0) if cursor is None or cursor.backwards else _place(cursor),
            before=_place(cursor)[0] if cursor is not None and cursor.backwards else 0,
            count_max=COUNT_MAX if asked.counted else 0,
        )
        kept = self._plans.kept
        try:
            found = page_of_actions(kept.plan_file(plan.id), kept.ends(plan.id), wanted)
        except msgspec.DecodeError as problem:
            raise wrong_cursor() from problem
        return _page(plan, asked, found)


def _begun(plan: KeptPlan, message: str) -> PlanBegun:
    return PlanBegun(plan_id=plan.id, message=message, page=f"/plans/{plan.id}")


def _chosen(plan: KeptPlan) -> PlanBegun:
    # Who leaves rows out stays where they are listed.
    return PlanBegun(plan_id=plan.id, message=plan_choice.told(plan))


def _cursor(asked: ListAsked) -> Cursor | None:
    if asked.sort not in {"", _ORDER}:
        raise Refused(
            RefusalKind.INVALID,
            translatable("The list can't be sorted so"),
            why=translatable("It can be sorted by {columns}.", columns=_ORDER),
            fields={"sort": translatable("This column can't be sorted by.")},
        )
    return cursor_from_text(asked.cursor) if asked.cursor else None


def _place(cursor: Cursor) -> tuple[int, int]:
    match cursor.values:
        case (int(number), int(place)) if number >= 0 and place >= 0:
            return number, place
        case _:
            raise wrong_cursor()


def _passes(filters: Mapping[str, Filter], search: str) -> Callable[[ActionLook], bool]:
    words = folded(search).split()
    wanted = {name: node for name, node in filters.items() if name != "plan_id"}

    def passes(look: ActionLook) -> bool:
        """Tell whether an action passes every filter, and holds every word."""
        if not all(holds(node, _value(look, name)) for name, node in wanted.items()):
            return False
        text = (
            folded(f"{look.mapping} {key_text(look.source_key)} {look.partner_key} {look.reason}")
            if words
            else ""
        )
        return all(word in text for word in words)

    return passes


def _value(look: ActionLook, name: str) -> str:
    return key_text(look.source_key) if name == "source_key" else str(getattr(look, name))


def _page(plan: KeptPlan, asked: ListAsked, found: ActionsFound) -> ActionsListed:
    rows = tuple(_row(plan, each) for each in found.actions)
    behind = before = ""
    if rows and found.has_more:
        last = found.actions[-1]
        behind = cursor_to_text(Cursor(sort=_ORDER, values=(last.look.number, last.end)))
    if rows and found.has_earlier:
        values = (rows[0].number, 0)
        before = cursor_to_text(Cursor(sort=_ORDER, values=values, backwards=True))
    return ActionsListed(
        rows=rows,
        next_cursor=behind,
        previous_cursor=before,
        count=min(found.count, COUNT_MAX) if asked.counted else None,
        has_more_than_counted=found.count > COUNT_MAX,
    )


def _row(plan: KeptPlan, found: FoundAction) -> ActionRow:
    look, line = found.look, found.line
    writes = tuple(map(_write, line["writes"]))
    return ActionRow(
        plan_id=plan.id,
        number=look.number,
        mapping=look.mapping,
        direction=look.direction,
        kind=look.kind,
        source_key=key_text(look.source_key),
        record_key=look.source_key,
        partner_key=key_text(look.partner_key),
        changes="; ".join(
            f"{write.side.upper()} {each.name}: {each.before or '–'} → {each.after or '–'}"
            for write in writes
            for each in write.fields
        ),
        writes=writes,
        reason=look.reason,
        code=line["code"],
        ending=look.ending,
    )


def _write(held: Mapping[str, Any]) -> WritePlanned:
    before = held["before"] or {}
    after = held["after"]
    return WritePlanned(
        side=held["side"],
        table=held["table"],
        key=key_text(held["key"]),
        operation=held["operation"],
        fields=tuple(
            PlannedField(name=name, before=_text(before.get(name)), after=_text(after.get(name)))
            for name in {**before, **after}
        ),
    )


def _text(value: object) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    return None if value is None or value == "" else str(value)
