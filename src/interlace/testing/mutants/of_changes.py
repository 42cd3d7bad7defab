"""Seeded bugs in how changes are noticed: feeds, cursors, whole scans, echoes, deletions, brakes and workers."""
# ruff: noqa: E501 - the engine's text is quoted as it stands

from interlace.testing.mutants.biases import BUSY, DYING_FEEDS_ONLY, EMPTIED, FEEDS_ONLY, TWO_WORKERS
from interlace.testing.mutants.mutant import Change, Mutant
from interlace.testing.simulator.profile import CALM, EVERYTHING, FAULTS

_STEPS, _TAKE = "interlace.engine.synch_mapping", "interlace.engine.take_records"
_DECISION, _REMEMBER = "interlace.domain.decision", "interlace.engine.remember"
_BATCH, _RECOGNIZE = "interlace.engine.batch", "interlace.engine.recognize"
_BRAKES, _MEMORY = "interlace.engine.brakes", "interlace.testing.simulator.memory"

MUTANTS_OF_CHANGES = (
    Mutant(
        name="version taken from a later read",
        broken="After our write the source counts as read when it was read again, with an edit made meanwhile.",
        origin="5.3 no. 9 (B4)",
        changes=(
            Change(
                module=_BATCH,
                original="    again = take_results(",
                replacement="    for it in planned:\n"
                "        read = await ReadKeys(view=setup.source, keys=(it.each.key,))\n"
                "        it.each.record = read[0] or it.each.record\n"
                "    again = take_results(",
            ),
        ),
        oracles=("I6",),
        profile=BUSY,
    ),
    Mutant(
        name="echo told by who wrote last",
        broken="A record that we wrote last is taken for our own echo, whatever it holds by now.",
        origin="5.3 no. 10 (B3)",
        changes=(
            Change(
                module=_RECOGNIZE,
                original="(key, record) for key, record in items if record is None or known.get(key) != record.digest",
                replacement="(key, record) for key, record in items\n"
                "            if record is None or known.get(key, b'') not in (None, record.digest)",
            ),
        ),
        oracles=("I6",),
        profile=CALM,
    ),
    Mutant(
        name="cursors taken at the end of a run",
        broken="What changes while a run is under way falls between two readings of the feed.",
        origin="5.3 no. 11 (B2)",
        changes=(
            Change(
                module=_STEPS,
                original="            self.run.store.store_cursor(self.run.mapping.name, Side(name), cursor)\n",
                replacement="            now = await ReadChanges(view=self.run.view(Side(name)), cursor=cursor)\n"
                "            self.run.store.store_cursor(self.run.mapping.name, Side(name), now.cursor)\n",
            ),
        ),
        oracles=("I6", "I8"),
        profile=FEEDS_ONLY,
    ),
    Mutant(
        name="cursors stored before the work",
        broken="The feeds' cursors are durable before what they named was taken through.",
        origin="5.3 no. 12, I14",
        changes=(
            Change(
                module=_STEPS,
                original="            cursors[side.value] = changes.cursor\n",
                replacement="            cursors[side.value] = changes.cursor\n"
                "            self.run.store.store_cursor(self.run.mapping.name, side, changes.cursor)\n",
            ),
        ),
        oracles=("I6", "I8", "I9"),
        profile=DYING_FEEDS_ONLY,
    ),
    Mutant(
        name="expired cursor taken for a quiet feed",
        broken="A feed that can't tell what changed since is gone on with from now.",
        origin="5.3 no. 13",
        changes=(
            Change(
                module=_STEPS,
                original="if self.run.compare_all or old is None or not changes.complete or sought:",
                replacement="if self.run.compare_all or old is None or sought:",
            ),
        ),
        oracles=("I6", "I8", "I9"),
        profile=FEEDS_ONLY,
    ),
    Mutant(
        name="failed records not taken up again",
        broken="What failed for a passing reason waits for the next change of its record.",
        origin="5.3 no. 21 (B5)",
        changes=(
            Change(
                module=_TAKE,
                original="await self.take_by_key(each, due)",
                replacement="pass",
            ),
        ),
        oracles=("I6", "I7", "I8", "I9"),
        profile=FEEDS_ONLY,
    ),
    Mutant(
        name="deletions in the feed left out",
        broken="What a feed tells to be deleted is not looked at.",
        origin="B7",
        changes=(
            Change(
                module=_STEPS,
                original="*changes.keys, *changes.deleted",
                replacement="*changes.keys",
            ),
        ),
        oracles=("I6",),
        profile=FEEDS_ONLY,
    ),
    Mutant(
        name="missing records of a scan left out",
        broken="A whole comparison does not look for coupled records that it did not meet.",
        origin="3.5 sweep",
        changes=(
            Change(
                module=_TAKE,
                original="        if coupled_seen >= self.run.store.count_couplings(name):\n",
                replacement="        if True:\n",
            ),
        ),
        oracles=("I6",),
        profile=CALM,
    ),
    Mutant(
        name="page of a scan written over a newer value",
        broken="Records that the opposite pass has just written are compared as the page held them before.",
        origin="5.3 no. 18, FINDINGS S9",
        changes=(
            Change(
                module=_TAKE,
                original="items_left = await self._read_again(side, items_left, set(to_restore.values()))",
                replacement="pass",
            ),
        ),
        oracles=("I2", "I6"),
        profile=EVERYTHING,
    ),
    Mutant(
        name="own digest noted while the opposite pass owes a restore",
        broken="A record counts as untouched though a field of it is still to be set back by the opposite pass.",
        origin="FINDINGS S1",
        changes=(
            Change(
                module=_REMEMBER,
                original="if each.sent_again or setup.to_restore(each.values, each.agreed):",
                replacement="if each.sent_again:",
            ),
            Change(
                module=_TAKE,
                original="        to_restore = self._to_restore(side, seen.open)\n",
                replacement="        to_restore = self._to_restore(side, seen.open) if self.page_counted() else {}\n",
            ),
        ),
        oracles=("I6",),
        profile=FAULTS,
    ),
    Mutant(
        name="partner noted as read though it holds news",
        broken="The partner's digest is noted though the opposite pass has not carried its changes yet.",
        origin="5.4 no. 7",
        changes=(
            Change(
                module=_REMEMBER,
                original="    if _has_news_for_opposite(setup, each):\n        return _known(",
                replacement="    if False:\n        return _known(",
            ),
        ),
        oracles=("I6",),
        profile=FAULTS,
    ),
    Mutant(
        name="deletion carried over an edit",
        broken="A record is deleted though it was edited after both sides last agreed.",
        origin="5.3 no. 15",
        changes=(
            Change(
                module=_DECISION,
                original="            return Fail(code=ErrorCode.DELETED_AND_CHANGED) if pair.survivor_changed else Delete()",
                replacement="            return Delete()",
            ),
        ),
        oracles=("I4",),
        profile=CALM,
    ),
    Mutant(
        name="edit of a survivor overlooked",
        broken="What the surviving record of a deleted pair holds is compared in its first field only.",
        origin="5.3 no. 15",
        changes=(
            Change(
                module="interlace.domain.field_merge",
                original="        if moved(canonical(record[place]), known, side, row_id, doubts) not in UNMOVED:\n"
                "            return True\n",
                replacement="        return moved(canonical(record[place]), known, side, row_id, doubts) not in UNMOVED\n",
            ),
        ),
        oracles=("I4",),
        profile=CALM,
    ),
    Mutant(
        name="record of a deleted pair created again",
        broken="A partner that a user deleted is created again where the policy deletes.",
        origin="I5",
        changes=(
            Change(
                module=_DECISION,
                original="        case DeletionConflictResolution.DELETE:\n            return _deletion_left(policy, pair)\n",
                replacement="        case DeletionConflictResolution.DELETE:\n            return Restore()\n",
            ),
        ),
        oracles=("I5",),
        profile=CALM,
    ),
    Mutant(
        name="deletion left without an error or a deed",
        broken="A pair whose deletion only one side's pass may settle is left to a pass that there is not.",
        origin="I8",
        changes=(
            Change(
                module=_DECISION,
                original="    if policy.two_way:\n        return Skip(",
                replacement="    if True:\n        return Skip(",
            ),
        ),
        oracles=("I6",),
        profile=CALM,
    ),
    Mutant(
        name="two workers at one mapping",
        broken="A lease that is held is given to a second worker, and its fence is not looked at.",
        origin="5.3 no. 17",
        changes=(
            Change(
                module=_MEMORY,
                original="        if until is not None and until > now and held_by != holder:\n            return None\n",
                replacement="",
            ),
            Change(
                module="interlace.testing.simulator.model_store",
                original="if fence is not None and self._memory.leases[mapping][1] != fence:",
                replacement="if False:",
            ),
        ),
        oracles=("I1", "I2", "I4", "I12", "journal", "engine"),
        profile=TWO_WORKERS,
    ),
    Mutant(
        name="worker goes on without its lease",
        broken="A worker whose lease ran out under it stores what it decided all the same.",
        origin="5.3 no. 18, 5.4 no. 4",
        changes=(
            Change(
                module="interlace.testing.simulator.model_store",
                original="if fence is not None and self._memory.leases[mapping][1] != fence:",
                replacement="if False:",
            ),
        ),
        oracles=("I1", "I2", "I4", "I12", "journal", "engine"),
        profile=TWO_WORKERS,
        seeds=2000,
        needs_volume=True,
    ),
    Mutant(
        name="halt of an earlier run not looked at",
        broken="A run goes on though an earlier one was halted and nobody has released it.",
        origin="3.7.4",
        changes=(
            Change(
                module=_STEPS,
                original="if halt is not None and halt.released_by is None:",
                replacement="if False:",
            ),
        ),
        oracles=("halt",),
        profile=CALM,
    ),
    Mutant(
        name="released halt never forgotten",
        broken="A person's release lets every later run through, not one.",
        origin="DESIGN 5",
        changes=(
            Change(
                module=_STEPS,
                original="        self.run.store.end_halt(self.run.mapping.name)\n",
                replacement="",
            ),
        ),
        oracles=("I6", "I7"),
        profile=CALM,
    ),
    Mutant(
        name="brake counts what is told already",
        broken="Deletions on the error list count as news at every whole scan: the mapping is halted for ever.",
        origin="FINDINGS S5",
        changes=(
            Change(
                module=_BRAKES,
                original="    return sorted(pairs.keys() - told)\n",
                replacement="    return sorted(pairs.keys())\n",
            ),
        ),
        oracles=("I6", "I7"),
        profile=CALM,
    ),
    Mutant(
        name="no brake",
        broken="A table that was emptied empties the other side's table, too.",
        origin="3.7.4",
        changes=(
            Change(
                module=_BRAKES,
                original="    if coupled < 2:\n        return None\n",
                replacement="    if True:\n        return None\n",
            ),
        ),
        oracles=("brake",),
        profile=EMPTIED,
    ),
    Mutant(
        name="brake after the first write",
        broken="What the feeds name is counted when the first of it was written already.",
        origin="3.7.4",
        changes=(
            Change(
                module=_STEPS,
                original="            halt = await tripped(",
                replacement="            await self._take_intents()\n"
                "            for side in scans:\n"
                "                await self._taker.find_deleted(side, 0)\n"
                "            halt = await tripped(",
            ),
        ),
        oracles=("brake",),
        profile=EMPTIED,
    ),
    Mutant(
        name="run taken up again counts its page twice",
        broken="A page that is taken again after a crash is counted again.",
        origin="DESIGN, counters",
        changes=(
            Change(
                module=_TAKE,
                original="        if self.page_counted():\n            batch.counters = Counters()\n"
                "        elif batch.failure is None:\n",
                replacement="        batch.counters.inserted += batch.counters.inserted\n"
                "        if batch.failure is None:\n",
            ),
        ),
        oracles=("counters",),
        profile=CALM,
    ),
    Mutant(
        name="restored record not counted",
        broken="A record that is created again for its deleted partner is in no counter.",
        origin="DESIGN, counters",
        changes=(
            Change(
                module=_REMEMBER,
                original="        case Insert() | Restore():\n            counters.inserted += 1\n",
                replacement="        case Restore():\n            pass\n"
                "        case Insert():\n            counters.inserted += 1\n",
            ),
        ),
        oracles=("counters",),
        profile=CALM,
    ),
)
HARMLESS_OF_CHANGES = (
    Mutant(
        name="incarnation of a record not looked at",
        broken="A record that was deleted and entered again under its number is taken for the old one.",
        origin="5.3 no. 24",
        changes=(),
        harmless="The engine knows no incarnation: agreed values and the doubt about a restored side say the same.",
    ),
    Mutant(
        name="echo told by who wrote last, with whole scans",
        broken="A feed leaves out what we wrote last.",
        origin="5.3 no. 23",
        changes=(),
        harmless="The next whole comparison finds it: it costs time, not truth. Without one it is found, see above.",
    ),
)
