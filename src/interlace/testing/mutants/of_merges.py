"""Seeded bugs in merges, conflicts, references, the journal, and after restored backups."""
# ruff: noqa: E501 - the engine's text is quoted as it stands

from interlace.testing.mutants.biases import BUSY, OWN_RESTORED, RESTORED, SLOWLY_RESTORED
from interlace.testing.mutants.mutant import Change, Mutant
from interlace.testing.simulator.profile import CALM, FAULTS

_MERGE, _ROWS = "interlace.domain.field_merge", "interlace.domain.row_merge"
_DECISION, _MARKERS = "interlace.domain.decision", "interlace.engine.markers"
_REMEMBER, _BATCH = "interlace.engine.remember", "interlace.engine.batch"
_TAKE, _RESULTS = "interlace.engine.take_records", "interlace.engine.take_results"

MUTANTS_OF_MERGES = (
    Mutant(
        name="loser of a conflict not kept",
        broken="What a write overwrites though it is news is in no journal.",
        origin="5.3 no. 16 (B6)",
        changes=(
            Change(
                module=_MERGE,
                original="            if _is_lost(row):\n",
                replacement="            if False:\n",
            ),
        ),
        oracles=("I2",),
        profile=CALM,
    ),
    Mutant(
        name="both changed taken for one",
        broken="Where both sides changed a field the source's value is a clean change.",
        origin="3.7",
        changes=(
            Change(
                module=_ROWS,
                original="        case (Moved.NEWS, Moved.NOT | Moved.BACK) | (Moved.NOT, Moved.BACK):\n",
                replacement="        case (Moved.NEWS, _) | (Moved.NOT, Moved.BACK):\n",
            ),
            Change(
                module=_MERGE,
                original="    return row.destination not in UNMOVED or row.source in {Moved.BACK, Moved.SUSPECT}\n",
                replacement="    return not row.each.two_way\n",
            ),
        ),
        oracles=("I2",),
        profile=CALM,
    ),
    Mutant(
        name="unknown base taken for agreement",
        broken="A row of which nobody knows what was agreed counts as changed by the source alone.",
        origin="3.7, base is NULL",
        changes=(
            Change(
                module=_ROWS,
                original="        source=Moved.UNKNOWN,\n        destination=Moved.UNKNOWN,\n",
                replacement="        source=Moved.NEWS,\n        destination=Moved.NOT,\n",
            ),
        ),
        oracles=("I2",),
        profile=OWN_RESTORED,
        seeds=1000,
    ),
    Mutant(
        name="passes settle a conflict in two ways",
        broken="The policy that names a side is asked as if every pass went to the CRM: values change places for ever.",
        origin="docs/decisions/0013",
        changes=(
            Change(
                module=_ROWS,
                original="    return Verdict.WRITE if winner is plan.source_side else Verdict.LEFT\n",
                replacement="    return Verdict.WRITE if winner is Side.ERP else Verdict.LEFT\n",
            ),
        ),
        oracles=("I6", "I7", "I9"),
        profile=CALM,
    ),
    Mutant(
        name="one value of two taken for agreed on both sides",
        broken="A value made of both sides' is remembered as agreed before the source has it.",
        origin="docs/decisions/0013",
        changes=(
            Change(
                module=_MERGE,
                original="then = row.destination_now if row.of_both else row.desired",
                replacement="then = row.desired",
            ),
            Change(
                module=_ROWS,
                original="        row.verdict = Verdict.LEFT\n        return\n",
                replacement="        row.verdict = Verdict.AGREED\n        return\n",
            ),
        ),
        oracles=("I6",),
        profile=BUSY,
        seeds=1000,
    ),
    Mutant(
        name="conflict not listed",
        broken="A pair that awaits a person is left out without a word.",
        origin="I8",
        changes=(
            Change(
                module=_DECISION,
                original="            return Fail(code=ErrorCode.UPDATE_CONFLICT)\n",
                replacement="            return IgnoreUnchanged()\n",
            ),
        ),
        oracles=("I6",),
        profile=CALM,
    ),
    Mutant(
        name="one-way field not set back",
        broken="A change of a field that only the other side may write stays.",
        origin="docs/decisions/0012",
        changes=(
            Change(
                module=_TAKE,
                original="        if not setups or not setups[0].plan.restores:\n",
                replacement="        if True:\n",
            ),
        ),
        oracles=("I6",),
        profile=CALM,
    ),
    Mutant(
        name="cleared reference remembered as carried over",
        broken="A reference that is blank until its record is coupled counts as carried over, and stays blank.",
        origin="3.8",
        changes=(
            Change(
                module=_ROWS,
                original="        desired = row.source_now = None\n",
                replacement="        desired = None\n",
            ),
            Change(
                module=_REMEMBER,
                original="    if each.pending and not isinstance",
                replacement="    if False and not isinstance",
            ),
        ),
        oracles=("I6",),
        profile=CALM,
    ),
    Mutant(
        name="reference translated for the wrong record",
        broken="A reference is translated through the partner of another record.",
        origin="3.8",
        changes=(
            Change(
                module="interlace.engine.references",
                original="        partner = self._partners[reference.mapping].get(key)\n",
                replacement="        partner = next(iter(self._partners[reference.mapping].values()), None)\n",
            ),
        ),
        oracles=("I3", "I6"),
        profile=CALM,
    ),
    Mutant(
        name="write without an entry",
        broken="What we wrote is not journalled.",
        origin="DESIGN 9",
        changes=(
            Change(
                module=_RESULTS,
                original="    batch.journal.append(_entry_with_key(it.entry, result.key))\n",
                replacement="",
            ),
        ),
        oracles=("journal complete",),
        profile=CALM,
    ),
    Mutant(
        name="entry for a refused write",
        broken="A write that was refused is journalled as if it had taken effect.",
        origin="DESIGN 9",
        changes=(
            Change(
                module=_RESULTS,
                original="                    # Something on the way may",
                replacement="                    batch.journal.append(it.entry)\n                    # Something on the way may",
            ),
        ),
        oracles=("journal true",),
        profile=BUSY,
    ),
    Mutant(
        name="entry under our mark in place of the key",
        broken="Where the service chooses the key the journal names our mark.",
        origin="DESIGN 9",
        changes=(
            Change(
                module=_RESULTS,
                original="    return entry if entry.key == key else replace(entry, key=key)\n",
                replacement="    return entry\n",
            ),
        ),
        oracles=("journal",),
        profile=FAULTS,
    ),
    Mutant(
        name="restored service not noticed",
        broken="Nobody looks whether a service went back in time: its old values are carried over as edits.",
        origin="5.3 no. 19, 5.4 no. 10",
        changes=(
            Change(
                module=_MARKERS,
                original="            elif row.value < known.acknowledged:\n",
                replacement="            elif False:\n",
            ),
        ),
        oracles=("I2", "I4"),
        profile=RESTORED,
        seeds=800,
    ),
    Mutant(
        name="restored service looked for at the start only",
        broken="A service that goes back in time during a run is noticed by the next one.",
        origin="5.3 no. 20, 5.4 no. 11",
        changes=(
            Change(
                module=_MARKERS,
                original="        judgement = await self.judge()\n        if not judgement.is_normal:\n            raise WentBack(judgement)\n",
                replacement="        pass\n",
            ),
        ),
        oracles=("I1", "I2", "I4", "I6"),
        profile=SLOWLY_RESTORED,
        needs_volume=True,
    ),
    Mutant(
        name="our restored memory not noticed",
        broken="Nobody looks whether our own memory went back in time.",
        origin="3.6",
        changes=(
            Change(
                module=_MARKERS,
                original="            elif row.value > known.sent:\n                memory_restored = True\n",
                replacement="",
            ),
        ),
        oracles=("I1", "I2", "I13", "journal"),
        profile=OWN_RESTORED,
        seeds=2000,
    ),
    Mutant(
        name="marker advanced without being stored first",
        broken="The marker row is advanced before our memory says so: a crash looks like a restore of our memory.",
        origin="3.6",
        changes=(
            Change(
                module=_MARKERS,
                original="            self.run.store.store_marker_state(self._mapping, side, sent)\n",
                replacement="",
            ),
        ),
        oracles=("markers",),
        profile=FAULTS,
    ),
    Mutant(
        name="idle run advances the marker",
        broken="A run that agreed on nothing writes the marker rows.",
        origin="I7",
        changes=(
            Change(
                module=_MARKERS,
                original="        if not self.agreed_anything:\n            return\n",
                replacement="",
            ),
        ),
        oracles=("I7",),
        profile=CALM,
    ),
    Mutant(
        name="old value of a restored side taken for an edit",
        broken="After a restore a value that both sides had agreed on earlier spreads as an edit.",
        origin="5.4 no. 8, I15",
        changes=(
            Change(module=_ROWS, original="    if side not in doubts.sides:\n", replacement="    if True:\n"),
        ),
        oracles=("I2",),
        profile=RESTORED,
        seeds=800,
    ),
    Mutant(
        name="unseen value of a restored side merged cleanly",
        broken="What a user entered on a restored side, not knowing the newer value, is a plain edit.",
        origin="5.4 no. 9",
        changes=(
            Change(
                module=_ROWS,
                original="Moved.BACK if doubts.was_agreed(side, row_id, now) else Moved.SUSPECT",
                replacement="Moved.BACK if doubts.was_agreed(side, row_id, now) else Moved.NEWS",
            ),
        ),
        oracles=("I2",),
        profile=RESTORED,
        seeds=800,
    ),
    Mutant(
        name="doubt dropped while news is left",
        broken="A pair's doubt ends with the first pass, though the other one has not carried its part yet.",
        origin="5.4 no. 12",
        changes=(
            Change(
                module=_REMEMBER,
                original="    if doubtful and (each.partner is None or not _has_news_for_opposite(setup, each)):\n",
                replacement="    if doubtful:\n",
            ),
        ),
        oracles=("I2", "I6"),
        profile=RESTORED,
        seeds=800,
    ),
    Mutant(
        name="missing record of a restored side taken for deleted",
        broken="A record that a restore took away is deleted on the other side, too.",
        origin="5.4 no. 14",
        changes=(
            Change(
                module=_DECISION, original="    if pair.source_doubtful:\n", replacement="    if False:\n"
            ),
            Change(
                module=_DECISION,
                original="    if pair.destination_doubtful:\n",
                replacement="    if False:\n",
            ),
        ),
        oracles=("I4", "I6", "I9"),
        profile=RESTORED,
        seeds=800,
    ),
    Mutant(
        name="cursors kept after a restore",
        broken="After a restore the feed is asked from a place that it has not reached again.",
        origin="3.6",
        changes=(
            Change(
                module="interlace.testing.simulator.model_store",
                original="        held.cursors.clear()\n",
                replacement="",
            ),
            Change(
                module="interlace.engine.synch_mapping",
                original="        repairing = await self._judge(released=released)\n        if self.stopped:\n            return False\n        scans: list[Side] = []\n",
                replacement="        await self._judge(released=released)\n        repairing = []\n        if self.stopped:\n            return False\n        scans: list[Side] = []\n",
            ),
        ),
        oracles=("I2", "I4", "I6", "I8"),
        profile=RESTORED,
        seeds=800,
    ),
)
HARMLESS_OF_MERGES = (
    Mutant(
        name="pair buried without asking for a restore",
        broken="A pair is ended because both records are gone, without asking whether a service went back in time.",
        origin="5.4 no. 11",
        changes=(
            Change(
                module=_BATCH,
                original="        # A record that a restored backup took away must not end its pair.\n"
                "        await work.markers.check()\n",
                replacement="        pass\n",
            ),
        ),
        oracles=("I1", "I4", "I6", "I8"),
        profile=SLOWLY_RESTORED,
        harmless="A pair both of whose records are gone holds nothing that could be lost; its key is the same again.",
    ),
)
