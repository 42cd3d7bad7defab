"""Seeded bugs in what follows a crash or a lost answer: waiting, searching, adopting, and leaving alone."""
# ruff: noqa: E501 - the engine's text is quoted as it stands

from interlace.testing.mutants.biases import (
    DEAD_STAMPS,
    FORGOTTEN_CREATES,
    LATE_EFFECTS,
    MARKED,
    NEW_DRAFTS,
    OWN_RESTORED,
    REPLACED,
    RESTORED_UNDER_WAY,
    SLOW_SEARCHES,
)
from interlace.testing.mutants.mutant import Change, Mutant
from interlace.testing.simulator.profile import LOST_ANSWERS

_ANNOUNCED, _RESULTS = "interlace.engine.announced", "interlace.engine.take_results"
_OBSERVE, _REMEMBER = "interlace.engine.observe", "interlace.engine.remember"
_FIND, _TAKE = "interlace.engine.find_partners", "interlace.engine.take_records"
_PASS = "interlace.engine.synch_pass"

MUTANTS_OF_RECOVERY = (
    Mutant(
        name="no quiesce time",
        broken="A create that was looked for in vain is sent again though an earlier request may still take effect.",
        origin="5.3 no. 3",
        changes=(
            Change(
                module=_ANNOUNCED,
                original="return asked < sent.elapsed + capabilities.max_request_life_seconds * (1 + _MARGIN)",
                replacement="return False",
            ),
        ),
        oracles=("I1", "I13"),
        profile=MARKED,
    ),
    Mutant(
        name="stamped only after the answer",
        broken="A crash between request and answer leaves no stamp, which is read as never sent.",
        origin="5.3 no. 4",
        changes=(
            Change(
                module="interlace.engine.apply",
                original="        sent=sent,\n",
                replacement="        sent=None,\n",
            ),
            Change(
                module=_ANNOUNCED,
                original="    if sent is None or sent.process != process:\n        return True\n",
                replacement="    if sent is None:\n        return False\n"
                "    if sent.process != process:\n        return True\n",
            ),
            Change(
                module=_ANNOUNCED,
                original="if each.sent is None or each.sent.process != process",
                replacement="if each.sent is not None and each.sent.process != process",
            ),
        ),
        oracles=("I1", "I13"),
        profile=MARKED,
    ),
    Mutant(
        name="stamp of a dead process believed",
        broken="The stamp of another process is compared with this one's clock.",
        origin="3.4.3",
        changes=(
            Change(
                module=_ANNOUNCED,
                original="    if sent is None or sent.process != process:\n        return True\n",
                replacement="    if sent is None:\n        return True\n",
            ),
            Change(
                module=_ANNOUNCED,
                original="if each.sent is None or each.sent.process != process",
                replacement="if each.sent is None",
            ),
        ),
        oracles=("I1", "I13"),
        profile=DEAD_STAMPS,
        seeds=800,
        needs_volume=True,
    ),
    Mutant(
        name="search judged by when its answer came",
        broken="What counts is when the search was answered, not when it was asked: it may have looked before that.",
        origin="5.3 no. 22, 5.4 no. 18",
        changes=(
            Change(
                module=_FIND,
                original="    marked = await find_marked(setup, capabilities.mark_field, sorted(wanted))\n",
                replacement="    marked = await find_marked(setup, capabilities.mark_field, sorted(wanted))\n"
                "    from interlace.engine.ports import ElapsedTime\n"
                "    asked = await ElapsedTime()\n",
            ),
        ),
        oracles=("I1", "I13"),
        profile=SLOW_SEARCHES,
        needs_volume=True,
    ),
    Mutant(
        name="no cross reference read",
        broken="After a restore of our own memory nobody reads which ERP record a CRM record names.",
        origin="5.3 no. 6",
        changes=(
            Change(
                module=_FIND,
                original="if work.is_first or setup.run.mapping.choice_column is not None:",
                replacement="if True:",
            ),
        ),
        oracles=("I1",),
        profile=OWN_RESTORED,
    ),
    Mutant(
        name="base made up for an adopted pair",
        broken="What both records of a pair without memory hold now is taken for what they agreed on.",
        origin="5.4 no. 5",
        changes=(
            Change(
                module=_OBSERVE,
                original="    return unknown if each.adopted else None\n",
                replacement="    if not each.adopted or each.partner is None or each.values is None:\n"
                "        return unknown if each.adopted else None\n"
                "    held = [None if place is None else canonical(each.values[place]) for place in setup.plan.sources]\n"
                "    other = [None if place is None else canonical(each.partner.values()[place])\n"
                "             for place in setup.plan.destinations]\n"
                "    return list(zip(held, other)) if setup.to_crm else list(zip(other, held))\n",
            ),
        ),
        oracles=("I6", "I2"),
        profile=OWN_RESTORED,
    ),
    Mutant(
        name="open create of a record outside the filter",
        broken="A create of unknown end is not looked for once its source has left the filter.",
        origin="5.4 no. 1, FINDINGS S2",
        changes=(
            Change(
                module=_OBSERVE,
                original="and (each.source is not Presence.OUT_OF_SCOPE or each.announced or work.rebuilding)",
                replacement="and each.source is not Presence.OUT_OF_SCOPE",
            ),
        ),
        oracles=("I1", "I6", "I8", "journal"),
        profile=MARKED,
        seeds=1500,
    ),
    Mutant(
        name="opposite pass takes a create for a new record",
        broken="A record that an open create may have made is taken for a user's, and gets a second partner.",
        origin="FINDINGS S20",
        changes=(
            Change(
                module=_TAKE,
                original="        return [item for item in items if item[0] not in announced]\n",
                replacement="        return list(items)\n",
            ),
        ),
        oracles=("I1",),
        profile=MARKED,
        seeds=4000,
        needs_volume=True,
    ),
    Mutant(
        name="one open write a record",
        broken="Of several writes of a record without a known end only the last is kept in mind.",
        origin="FINDINGS S17",
        changes=(
            Change(
                module=_PASS,
                original="self.open_intents[intent.source_key] = [*others, intent]",
                replacement="self.open_intents[intent.source_key] = [intent]",
            ),
        ),
        oracles=("I1", "I2", "I6", "I13", "journal"),
        profile=LATE_EFFECTS,
        seeds=2000,
        needs_volume=True,
    ),
    Mutant(
        name="source noted as it is after an older body was sent",
        broken="After a create was sent again, its source counts as untouched though it has moved on.",
        origin="FINDINGS S8",
        changes=(
            Change(
                module=_REMEMBER,
                original="if each.sent_again or setup.to_restore(each.values, each.agreed):",
                replacement="if setup.to_restore(each.values, each.agreed):",
            ),
            Change(
                module=_RESULTS,
                original="if opens or (is_create and (each.deferred or each.sent_again)):",
                replacement="if opens or (is_create and each.deferred):",
            ),
        ),
        oracles=("I6",),
        profile=LOST_ANSWERS,
    ),
    Mutant(
        name="landed write without an entry",
        broken="What recovery finds to have taken effect is not journalled.",
        origin="DESIGN 9",
        changes=(
            Change(
                module=_ANNOUNCED,
                original="    if entry is None:\n        return []\n    if partner is None:\n        return [replace(",
                replacement="    if entry is not None:\n        return []\n    if partner is None:\n        return [replace(",
            ),
        ),
        oracles=("journal complete",),
        profile=LOST_ANSWERS,
    ),
    Mutant(
        name="write out of sight without an entry",
        broken="A write that took effect and was overwritten before anybody looked is not journalled.",
        origin="DESIGN 9",
        changes=(
            Change(
                module=_ANNOUNCED,
                original="        return []\n    return [replace(entry, certain=False)]\n",
                replacement="        return []\n    return []\n",
            ),
        ),
        oracles=("journal complete",),
        profile=LATE_EFFECTS,
        seeds=1000,
    ),
    Mutant(
        name="creates not held after our memory was restored",
        broken="After a restore of our own memory records are created while forgotten creates are under way.",
        origin="5.4 no. 20",
        changes=(
            Change(
                module="interlace.engine.synch_mapping",
                original="            store.announce([self._hold(await ElapsedTime())])\n",
                replacement="",
            ),
        ),
        oracles=("I1", "I13", "I2"),
        profile=FORGOTTEN_CREATES,
        needs_volume=True,
    ),
    Mutant(
        name="intents of before a restore believed",
        broken="What was under way when a backup was restored is taken for what both sides agree on.",
        origin="5.4 no. 12, FINDINGS S16",
        changes=(
            Change(
                module="interlace.engine.synch_mapping",
                original="        if left := less_certain(store.open_intents(name), judgement.restored):\n"
                "            store.announce(left)\n",
                replacement="",
            ),
        ),
        oracles=("I2", "I6", "I4"),
        profile=RESTORED_UNDER_WAY,
        seeds=4000,
        needs_volume=True,
    ),
    Mutant(
        name="old coupling left beside the new one",
        broken="A record that was created again under another key keeps its old coupling, too.",
        origin="FINDINGS S18",
        changes=(
            Change(
                module=_REMEMBER,
                original="        # Created again where the service chooses the key.\n"
                "        batch.removed.append(each.coupling)\n",
                replacement="        pass\n",
            ),
        ),
        oracles=("I12", "I6"),
        profile=LOST_ANSWERS,
    ),
    Mutant(
        name="marked create coupled by the other pass",
        broken="A record whose create has no known end is coupled by its name, and nobody journals the create.",
        origin="profile marked creates, seed 195",
        changes=(
            Change(
                module="interlace.engine.find_partners",
                original="if not marks or not uncoupled:",
                replacement="if marks is not None:",
            ),
            Change(
                module="interlace.engine.batch",
                original="            tell_unnamed(work, each, batch)\n",
                replacement="",
            ),
        ),
        oracles=("journal",),
        profile=MARKED,
    ),
    Mutant(
        name="new record left as it was born",
        broken="A new CRM record whose writer died before it could open it is merged as if it had been opened.",
        origin="soak 22",
        changes=(
            Change(
                module=_OBSERVE,
                original="(each.created or is_unopened(setup.plan, each.values, held, agreed))",
                replacement="each.created",
            ),
        ),
        oracles=("I6", "I9"),
        profile=NEW_DRAFTS,
    ),
    Mutant(
        name="source of a new record noted before the last write",
        broken="A new record's source counts as seen while the record is still to be opened, closed or filled.",
        origin="soak 22",
        changes=(
            Change(
                module=_REMEMBER,
                original="    if each.deferred or each.opening:\n        return known\n",
                replacement="",
            ),
        ),
        oracles=("I6", "I9"),
        profile=NEW_DRAFTS,
        seeds=800,
    ),
    Mutant(
        name="pair stored without what it waits for",
        broken="A pair is stored in the middle of its batch as done, and not that a reference of it was left blank.",
        origin="profile drafts, seed 959",
        changes=(
            Change(module="interlace.engine.batch", original="        errors=waiting,\n", replacement=""),
        ),
        oracles=("I6",),
        profile=NEW_DRAFTS,
    ),
)
HARMLESS_OF_RECOVERY = (
    Mutant(
        name="another record taken for the one written",
        broken="An update is taken for landed because the partner of today holds its values.",
        origin="FINDINGS S6",
        changes=(
            Change(
                module=_ANNOUNCED,
                original="if each.partner.key != intent.key or is_deletion(intent):",
                replacement="if is_deletion(intent):",
            ),
        ),
        oracles=("journal", "I2", "I6"),
        profile=REPLACED,
        harmless="Redundant since a write is closed when its record gets another partner (400 schedules biased for it).",
    ),
)
