"""Seeded bugs in how writes are sent: keys, preconditions, repeats, batches, and what an answer is taken for."""
# ruff: noqa: E501 - the engine's text is quoted as it stands

from interlace.testing.mutants.biases import BUSY, LATE_EFFECTS, MARKED, NEW_KEYS, SLOW_SEARCHES
from interlace.testing.mutants.mutant import Change, Mutant
from interlace.testing.simulator.profile import CRASHES, FAULTS, LOST_ANSWERS

_APPLY, _BATCH = "interlace.engine.apply", "interlace.engine.batch"
_RESULTS, _SETUP = "interlace.engine.take_results", "interlace.engine.run_setup"

MUTANTS_OF_WRITES = (
    Mutant(
        name="create under a key of each run's own",
        broken="A create that was never confirmed is tried again under another key.",
        origin="5.3 no. 1 (B1)",
        changes=(
            Change(
                module=_SETUP,
                original="return crm_key_of(namespace, ErpKey(source_key))",
                replacement="return crm_key_of(namespace, ErpKey(source_key + self.run_id))",
            ),
            Change(
                module="interlace.engine.synch_mapping",
                original="self.run.store.open_intents(self.run.mapping.name)",
                replacement="[]",
            ),
            Change(
                module="interlace.engine.find_partners",
                original="if work.is_first or setup.run.mapping.choice_column is not None:",
                replacement="if True:",
            ),
        ),
        oracles=("I1",),
        profile=FAULTS,
    ),
    Mutant(
        name="create with a new key at each repeat",
        broken="A create whose answer was lost is repeated under a new key.",
        origin="5.3 no. 1 (B1)",
        changes=(
            Change(
                module=_APPLY,
                original="answers = await _ask(setup, [requests[place] for place in places], Alongside(call=None))",
                replacement="answers = await _ask(setup, [replace(requests[place], key=requests[place].key + 'x') "
                "for place in places], Alongside(call=None))",
            ),
        ),
        oracles=("I1", "I10"),
        profile=LOST_ANSWERS,
    ),
    Mutant(
        name="marked create repeated at once",
        broken="A create under a key of the service's choosing is repeated when its answer is lost.",
        origin="5.3 no. 2",
        changes=(
            Change(
                module=_APPLY,
                original="(result.outcome is Outcome.UNKNOWN and not written.intents[place].marked)",
                replacement="result.outcome is Outcome.UNKNOWN",
            ),
        ),
        oracles=("I1",),
        profile=LOST_ANSWERS,
    ),
    Mutant(
        name="written before it is announced",
        broken="Intents are stored only after the answers have come.",
        origin="5.3 no. 5",
        changes=(
            Change(module=_APPLY, original="    setup.run.store.announce(written.intents)\n", replacement=""),
            Change(
                module=_APPLY,
                original="    await _repeat(setup,",
                replacement="    setup.run.store.announce(written.intents)\n    await _repeat(setup,",
            ),
        ),
        oracles=("I10",),
        profile=FAULTS,
    ),
    Mutant(
        name="update without a version",
        broken="Updates go without If-Match.",
        origin="5.3 no. 7 (B10)",
        changes=(
            Change(
                module=_APPLY,
                original="values=values, tag=each.partner.tag",
                replacement="values=values, tag=None",
            ),
        ),
        oracles=("I2",),
        profile=BUSY,
    ),
    Mutant(
        name="refused update forced",
        broken="An update that was refused because its record had changed is sent again without its version.",
        origin="5.3 no. 8",
        changes=(
            Change(
                module=_APPLY,
                original="if result.outcome is Outcome.RETRY_LATER\n",
                replacement="if result.outcome in {Outcome.RETRY_LATER, Outcome.STALE}\n",
            ),
            Change(
                module=_APPLY,
                original="answers = await _ask(setup, [requests[place] for place in places], Alongside(call=None))",
                replacement="answers = await _ask(setup, [replace(requests[place], tag=None) for place in places], "
                "Alongside(call=None))",
            ),
        ),
        oracles=("I2", "I4"),
        profile=BUSY,
    ),
    Mutant(
        name="deletion without a version",
        broken="Deletions go without If-Match: an edit between observation and deletion is lost.",
        origin="5.3 no. 15",
        changes=(
            Change(
                module=_APPLY,
                original="return Deletion(key=each.partner.key, tag=each.partner.tag)",
                replacement="return Deletion(key=each.partner.key, tag=None)",
            ),
        ),
        oracles=("I4",),
        profile=BUSY,
        seeds=1500,
        needs_volume=True,
    ),
    Mutant(
        name="newer body under the key of an open create",
        broken="A create whose end is not known is sent again with what its source holds by now.",
        origin="5.4 no. 20, I13",
        changes=(
            Change(
                module=_APPLY,
                original="earlier = next((it for it in each.announced if it.creates and it.entry and it.agreed), None)",
                replacement="earlier = None",
            ),
        ),
        oracles=("I13",),
        profile=MARKED,
    ),
    Mutant(
        name="new key for a restored record",
        broken="A record that is created again gets a new key, so a delayed first create may live beside it.",
        origin="5.4 no. 2",
        changes=(
            Change(
                module=_APPLY,
                original="key = each.partner_key if isinstance(each.action, Restore) and each.partner_key else chosen",
                replacement="key = chosen + each.key if isinstance(each.action, Restore) else chosen",
            ),
        ),
        oracles=("I1", "I12"),
        profile=NEW_KEYS,
    ),
    Mutant(
        name="lost answer taken for a refusal",
        broken="A request without an answer is taken for one that had no effect.",
        origin="3.4.1",
        changes=(
            Change(
                module=_RESULTS,
                original="                _leave_open(work, intent, batch)\n                fail(",
                replacement="                batch.finished.append(intent)\n                fail(",
            ),
        ),
        oracles=("I1", "journal"),
        profile=LOST_ANSWERS,
    ),
    Mutant(
        name="lost answer taken for success",
        broken="A request without an answer is taken for one that took effect.",
        origin="3.4.1",
        changes=(
            Change(
                module=_RESULTS,
                original="        each, was_lost = it.each, place in written.doubted\n",
                replacement="        each, was_lost = it.each, place in written.doubted\n"
                "        if result.outcome is Outcome.UNKNOWN:\n"
                "            result = replace(result, outcome=Outcome.DONE)\n",
            ),
        ),
        oracles=("I6", "journal true"),
        profile=LOST_ANSWERS,
    ),
    Mutant(
        name="refusal after a lost answer ends the write",
        broken="A repeat that is refused closes the intent, though the first delivery may have taken effect.",
        origin="3.4.1",
        changes=(Change(module=_RESULTS, original="    if was_lost:\n", replacement="    if False:\n"),),
        oracles=("I1", "journal complete"),
        profile=MARKED,
        seeds=1500,
    ),
    Mutant(
        name="own write not recognized in what refused it",
        broken="A repeat that meets our own first delivery is taken for a refusal by somebody else's write.",
        origin="FINDINGS E2",
        changes=(
            Change(
                module=_RESULTS,
                original="                if was_lost or each.sent_again:\n",
                replacement="                if False:\n",
            ),
            Change(
                module=_RESULTS,
                original="each.refused = intent if is_write else None",
                replacement="each.refused = None",
            ),
        ),
        oracles=("journal", "I2", "I6"),
        profile=LOST_ANSWERS,
    ),
    Mutant(
        name="answers of a batch in another order",
        broken="The answers to a batch are bound to its requests in the order of their keys, not of the requests.",
        origin="3.4.5 batches",
        changes=(
            Change(
                module=_APPLY,
                original="results.update(zip(places, answers, strict=True))",
                replacement="results.update(zip(places, sorted(answers, key=lambda it: it.outcome.value), strict=True))",
            ),
        ),
        oracles=("I1", "I2", "I3", "I4", "I6", "journal", "engine"),
        profile=FAULTS,
        seeds=1000,
    ),
    Mutant(
        name="half a batch of reads taken for the whole",
        broken="Records that an answer left out are taken for deleted.",
        origin="5.3 no. 14",
        changes=(
            Change(
                module="interlace.engine.observe",
                original="    partners: list[Record | None] = await ReadKeys(view=setup.destination, keys=keys)\n"
                "    for each, partner in zip(coupled, partners, strict=True):",
                replacement="    partners = [*await ReadKeys(view=setup.destination, keys=keys[:1]), *[None] * len(keys[1:])]\n"
                "    for each, partner in zip(coupled, partners, strict=True):",
            ),
        ),
        oracles=("I4", "I5", "I6", "I7"),
        profile=BUSY,
    ),
    Mutant(
        name="announcement takes the place of an unremembered create",
        broken="A record's next write is announced before what its create did is remembered; a crash loses both.",
        origin="FINDINGS S11",
        changes=(
            Change(
                module=_BATCH,
                original="    if planned and batch.finished:\n        await _remember_settled(work, batch)\n",
                replacement="",
            ),
            Change(
                module=_BATCH,
                original="    _take_settled(work, settled, batch, at_once=bool(planned))\n",
                replacement="    _take_settled(work, settled, batch, at_once=False)\n",
            ),
        ),
        oracles=("I1", "I2", "I6", "journal"),
        profile=CRASHES,
        seeds=2000,
        needs_volume=True,
    ),
    Mutant(
        name="deletion in the middle of an opening",
        broken="A record that was created again and deleted in one batch is taken for one that is still to be filled.",
        origin="FINDINGS S15",
        changes=(
            Change(
                module=_RESULTS,
                original="opens = each.opening and not isinstance(each.action, Delete)",
                replacement="opens = each.opening or isinstance(each.action, Delete)",
            ),
        ),
        oracles=("engine",),
        profile=LATE_EFFECTS,
    ),
    Mutant(
        name="old observation written",
        broken="A write may rest on an observation of any age: a backup may have been restored since.",
        origin="5.4 no. 21",
        changes=(
            Change(
                module=_BATCH,
                original="_OBSERVATION_LIFE_SECONDS = 30.0",
                replacement="_OBSERVATION_LIFE_SECONDS = 1e9",
            ),
        ),
        oracles=("plan deadline", "I2", "I4", "I1"),
        profile=SLOW_SEARCHES,
        seeds=1000,
    ),
)
