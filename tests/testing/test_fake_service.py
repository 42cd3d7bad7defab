"""The fake's own controls: other users, scripted answers, lost and late writes."""

from dataclasses import replace

import pytest

from interlace.domain.side import Side
from interlace.engine.ports import Deletion, Outcome, Precondition, TableView, Write, WriteResult
from interlace.engine.service import ServiceUnavailable
from interlace.testing.fake_service import DEFAULT_CAPABILITIES, FakeService, ScriptedAnswer

VIEW = TableView(side=Side.CRM, table="account", fields=("name", "city"))
CHOICES = TableView(side=Side.CRM, table="account", fields=("value", "label"), choice_column="terms")


def creation(key: str = "K1", name: str = "New") -> Write:
    """Return a create."""
    return Write(key=key, precondition=Precondition.ABSENT, values={"name": name})


async def write(service: FakeService, one: Write) -> WriteResult:
    """Carry out one write."""
    [result] = await service.write(VIEW, (one,))
    return result


async def test_other_users_change_and_delete() -> None:
    """What a test does as another user is read, told by the feed, and moves the tag."""
    service = FakeService()
    service.put_all("account", [("K1", {"name": "A"}), ("K2", {"name": "B"})])
    start = await service.read_changes(VIEW, None)
    [before] = await service.read_keys(VIEW, ("K1",))
    service.touch("account", "K1")
    service.remove("account", "K2")
    [after] = await service.read_keys(VIEW, ("K1",))
    assert before is not None
    assert after is not None
    assert before.values() == after.values()
    assert before.tag != after.tag
    changes = await service.read_changes(VIEW, start.cursor)
    assert (changes.keys, changes.deleted) == (("K1",), ("K2",))
    assert service.keys("account") == ["K1"]
    assert service.get("account", "K2") is None


@pytest.mark.parametrize("takes_effect", [False, True])
async def test_scripted_unknown_happens_or_not(*, takes_effect: bool) -> None:
    """A lost answer may hide an effect or none; the next write of the record is answered truly."""
    service = FakeService()
    service.script("account", "K1", ScriptedAnswer(outcome=Outcome.UNKNOWN, takes_effect=takes_effect))
    lost = await write(service, creation())
    assert lost.outcome is Outcome.UNKNOWN
    assert lost.error is not None
    assert (service.get("account", "K1") is not None) is takes_effect
    again = await write(service, creation())
    assert again.outcome is (Outcome.EXISTS if takes_effect else Outcome.DONE)


async def test_late_write_lands_only_if_its_precondition_holds() -> None:
    """A write that arrives long after its answer was lost takes effect once, and never over another one."""
    service = FakeService()
    late = ScriptedAnswer(outcome=Outcome.UNKNOWN, lands_later=True)
    service.script("account", "K1", late)
    service.script("account", "K2", late)
    await write(service, creation("K1", "late"))
    await write(service, creation("K2", "late"))
    assert (await write(service, creation("K1", "first"))).outcome is Outcome.DONE
    assert service.land_late_writes() == 1
    assert service.get("account", "K1") == {"name": "first"}
    assert service.get("account", "K2") == {"name": "late"}
    assert service.land_late_writes() == 0


async def test_scripted_deletion_is_refused_without_effect() -> None:
    """A scripted refusal of a deletion keeps the record."""
    service = FakeService()
    service.put("account", "K1", {"name": "A"})
    service.script("account", "K1", ScriptedAnswer(outcome=Outcome.REJECTED))
    [refused] = await service.delete(VIEW, (Deletion(key="K1"),))
    assert refused.outcome is Outcome.REJECTED
    [done] = await service.delete(VIEW, (Deletion(key="K1"),))
    assert done.outcome is Outcome.DONE
    assert len(service.writes) == 2


async def test_failing_read_fails_once() -> None:
    """A planned failure meets the next read only."""
    service = FakeService()
    service.fail_next_read(ServiceUnavailable("busy"))
    with pytest.raises(ServiceUnavailable):
        await service.read_page(VIEW, None)
    assert list((await service.read_page(VIEW, None)).records) == []
    assert service.reads == 2


async def test_forgotten_past_asks_for_a_comparison() -> None:
    """After the cursors expired the feed gives a new one and can't tell what changed."""
    service = FakeService()
    start = await service.read_changes(VIEW, None)
    service.put("account", "K1", {"name": "A"})
    service.expire_cursors()
    changes = await service.read_changes(VIEW, start.cursor)
    assert not changes.complete
    assert (await service.read_changes(VIEW, changes.cursor)).complete


async def test_table_may_lack_a_capability() -> None:
    """A table without stamps, or without reported deletions, says so and behaves so."""
    service = FakeService(replace(DEFAULT_CAPABILITIES, reports_deletes=False))
    service.put("account", "K1", {"name": "A"})
    start = await service.read_changes(VIEW, None)
    service.remove("account", "K1")
    assert (await service.read_changes(VIEW, start.cursor)).deleted == ()
    service.declare("account", reports_changes=False)
    assert (await service.read_changes(VIEW, start.cursor)).cursor is None


async def test_choices_are_a_table_of_their_own() -> None:
    """The choices of a column do not mix with the records of its table."""
    service = FakeService()
    service.put("account.terms", "1", {"value": 1, "label": "Net 30"})
    page = await service.read_page(CHOICES, None)
    assert [record.values() for record in page.records] == [(1, "Net 30")]
    assert list((await service.read_page(VIEW, None)).records) == []
