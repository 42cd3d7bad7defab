"""The profiles under which seeded bugs are hunted: plain values, biased towards what a bug needs to show itself."""

from dataclasses import replace

from interlace.testing.simulator.profile import CALM, CRASHES, DRAFTS, FAULTS, LOST_ANSWERS, RESTORES

FEEDS_ONLY = replace(FAULTS, name="feeds only", sweeps=0.0, markers=1.0)
"""Nothing is compared as a whole in the end: what the feeds' cursors skip stays skipped."""
DYING_FEEDS_ONLY = replace(CRASHES, name="feeds only, crashes", sweeps=0.0)
TWO_WORKERS = replace(FAULTS, name="two workers", second_worker=1.0, clock_steps=0.02)
"""Two workers whose clocks step: leases run out under one of them."""
BUSY = replace(CALM, name="busy users", users=0.25)
"""Nothing fails, but users are everywhere at once."""
EMPTIED = replace(CALM, name="emptied tables", wipes=0.2, steps=300, second_worker=0.0, sweeps=1.0)
"""Users empty whole tables, and nothing fails."""
MARKED = replace(
    LOST_ANSWERS,
    name="marked creates",
    steps=400,
    whole_company=0.0,
    markers=1.0,
    crashes=0.004,
    store_crashes=0.004,
    backups=0.0,
    landing=0.004,
    slow_answers=0.3,
    sweeps=1.0,
)
"""The ERP chooses the keys, and what is sent takes effect late."""
SLOW_SEARCHES = replace(
    MARKED,
    name="slow searches",
    slow_answers=1.0,
    slow_calls=("FindRecords",),
    landing=0.0,
    landing_asleep=0.15,
    users=0.08,
    second_worker=0.0,
    crashes=0.0,
    store_crashes=0.0,
    read_faults=0.0,
)
"""What a search finds is told long after it was asked; what is under way takes effect while it is waited for."""
DEAD_STAMPS = replace(
    MARKED,
    name="dead stamps",
    landing=0.0,
    landing_asleep=0.1,
    crashes=0.03,
    store_crashes=0.0,
    second_worker=0.0,
    slow_answers=0.0,
    clock_ages=1000.0,
)
"""Processes die while creates are under way, and their successors' clocks stand elsewhere."""
REPLACED = replace(MARKED, name="replaced records", users=0.2, wipes=0.05)
"""Records that we wrote are deleted, and created again under another key."""
LATE_EFFECTS = replace(MARKED, name="late effects", server_keys=0.0, users=0.15, landing=0.01)
"""The same with keys of ours, and users who edit and delete what was written."""
NEW_KEYS = replace(
    LATE_EFFECTS,
    name="new keys",
    steps=300,
    users=0.4,
    wipes=0.0,
    landing=0.0,
    landing_asleep=0.1,
    crashes=0.0,
    store_crashes=0.0,
    slow_answers=0.0,
    second_worker=0.0,
)
"""What was created is deleted and created again while a first request is under way."""
NEW_DRAFTS = replace(
    DRAFTS, name="new drafts", second_worker=1.0, whole_company=0.0, users=0.2, steps=350, wipes=0.0
)
"""Many customers are new, and hardly a process lives to open one."""
RESTORED = replace(
    RESTORES,
    name="restored services",
    steps=600,
    backups=0.015,
    whole_company=0.0,
    slow_answers=0.0,
    second_worker=0.0,
    crashes=0.0,
    store_crashes=0.0,
    write_faults=0.0,
    read_faults=0.0,
    expiries=0.0,
    refusals=0.0,
    clock_steps=0.0,
    own_restores=False,
)
"""Time enough that the engine has agreed on something before a service goes back in time; nothing else fails."""
SLOWLY_RESTORED = replace(
    RESTORED,
    name="restored services, slow answers",
    slow_answers=1.0,
    slow_calls=("ReadPage",),
    write_faults=0.3,
    landing=0.003,
    backups=0.04,
)
"""A service goes back in time while a run waits for a page of the other one."""
RESTORED_UNDER_WAY = replace(
    RESTORED, name="restored services, lost answers", write_faults=0.35, landing=0.01, crashes=0.01
)
OWN_RESTORED = replace(
    MARKED, name="our own memory restored", backups=0.03, restores=False, own_restores=True, write_faults=0.2
)
"""Our own memory goes back in time while creates of unknown end are under way."""
FORGOTTEN_CREATES = replace(OWN_RESTORED, name="forgotten creates", landing=0.0, landing_asleep=0.1)
"""The same, and they take effect while everybody waits."""
