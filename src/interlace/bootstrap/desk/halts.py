"""Carries out what is asked about safety halts."""

from typing import Final

from interlace.bootstrap.application import Connection
from interlace.bootstrap.desk.carry_out import connection_of, off_loop
from interlace.bootstrap.desk.listing_place import ListingPlace
from interlace.bootstrap.desk.short_list import ShortList
from interlace.domain.safety_halt import SafetyHalt
from interlace.management import halts
from interlace.management.caller import Caller
from interlace.management.desk import Works
from interlace.management.halts import HALT_COLUMNS, Halt, HaltReleased, Halts, ListHalts, ReleaseHalt
from interlace.management.noted_changes import note_change
from interlace.management.refusal import RefusalKind, Refused
from interlace.management.translatable import translatable

_LIST: Final[ShortList[Halt, Halts]] = ShortList(
    columns=HALT_COLUMNS, answer=Halts, key_of=lambda each: f"{each.mapping} {each.raised_at.isoformat()}"
)


def add_halts(works: Works, place: ListingPlace) -> None:
    """Let these operations be carried out."""
    application = place.application

    async def list_halts(caller: Caller, asked: ListHalts) -> Halts:
        """Read a page."""
        held = await connection_of(application, caller, asked)
        found = await off_loop(application.state.queries.halts, held.id)
        return _LIST.page(caller, asked, [_halt(each) for each in found])

    async def release(caller: Caller, asked: ReleaseHalt) -> HaltReleased:
        """Let the next run through."""
        held = await connection_of(application, caller, asked)
        await off_loop(_release, held, asked.mapping, caller.name)
        return HaltReleased(
            message=translatable("{mapping} is released: its next run goes through.", mapping=asked.mapping)
        )

    def _release(held: Connection, mapping: str, person: str) -> None:
        name = application.known_mappings(held, [mapping])[0]
        store = application.connection_store(held)
        halt = store.halt(name)
        if halt is None or halt.released_by is not None:
            raise Refused(
                RefusalKind.CHANGED_MEANWHILE,
                translatable("{mapping} is not halted any more", mapping=name),
                next_step=translatable("Its next run goes through."),
            )
        store.release_halt(name, person)
        note_change(f"{name}.released_by", None, person)

    works.add(halts.LIST, list_halts)
    works.add(halts.RELEASE, release)


def _halt(held: SafetyHalt) -> Halt:
    return Halt(
        mapping=held.mapping,
        kind=held.kind.value,
        side=held.side.value,
        count=held.count,
        of=held.of,
        raised_at=held.raised_at,
        message=held.message,
        is_released=held.released_by is not None,
        released_by=held.released_by or "",
    )
