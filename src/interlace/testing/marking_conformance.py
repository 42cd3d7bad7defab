"""The part of the suite about marker rows, and about creates under keys that the service chooses."""

from uuid import NAMESPACE_OID, uuid5

from interlace.engine.ports import Outcome
from interlace.testing.conformance_subject import ConformanceSubject


def marker_name(purpose: str) -> str:
    """Return a marker's name as the engine makes it."""
    return str(uuid5(NAMESPACE_OID, purpose))


class MarkerConformance:
    """What a service's marker rows must do."""

    async def test_marker_is_created_and_advanced(self, subject: ConformanceSubject) -> None:
        """A marker row starts missing with value 0, is created without a tag and advanced under its tag."""
        service, name = subject.service, marker_name("advanced")
        missing = await service.read_marker(name)
        assert missing is not None
        assert (missing.value, missing.tag) == (0, None)
        assert await service.advance_marker(name, 1, None) is Outcome.DONE
        first = await service.read_marker(name)
        assert first is not None
        assert first.value == 1
        assert first.tag is not None
        assert await service.advance_marker(name, 41, first.tag) is Outcome.DONE
        second = await service.read_marker(name)
        assert second is not None
        assert second.value == 41
        assert second.tag != first.tag

    async def test_marker_is_not_advanced_twice_from_one_reading(self, subject: ConformanceSubject) -> None:
        """A marker row that moved meanwhile is not set: neither under an old tag nor by a second create."""
        service, name = subject.service, marker_name("contended")
        await service.advance_marker(name, 1, None)
        read = await service.read_marker(name)
        assert read is not None
        assert await service.advance_marker(name, 7, None) is Outcome.EXISTS
        assert await service.advance_marker(name, 2, read.tag) is Outcome.DONE
        assert await service.advance_marker(name, 3, read.tag) is Outcome.STALE
        now = await service.read_marker(name)
        assert now is not None
        assert now.value == 2

    async def test_markers_of_mappings_are_apart(self, subject: ConformanceSubject) -> None:
        """Each name has a row of its own."""
        service, one, other = subject.service, marker_name("one"), marker_name("other")
        await service.advance_marker(one, 5, None)
        read = await service.read_marker(other)
        assert read is not None
        assert (read.value, read.tag) == (0, None)


class MarkedCreateConformance:
    """What a service must do that chooses the keys of new records itself; derive, and give a fixture `subject`."""

    async def test_marked_create_tells_its_key_and_is_found_by_its_mark(
        self, subject: ConformanceSubject
    ) -> None:
        """A create under a mark gives the key that the service chose, and the mark finds the record."""
        service, mark = subject.service, subject.new_key()
        capabilities = await service.capabilities(subject.view)
        assert not capabilities.insert_with_key
        assert capabilities.mark_field is not None
        assert await service.find_records(subject.view, capabilities.mark_field, (mark,)) == []
        [result] = await service.write(subject.view, (subject.marked_creation(mark),))
        assert result.outcome is Outcome.DONE, result
        assert result.key != mark
        [found] = await service.find_records(subject.view, capabilities.mark_field, (mark,))
        assert found.key == result.key
        assert result.tag in (None, found.tag)
        assert await subject.value(result.key, subject.text_field) == "Marked"

    async def test_two_creates_under_one_mark_are_both_found(self, subject: ConformanceSubject) -> None:
        """A mark refuses nothing: whoever sends it twice finds two records and must ask a person."""
        service, mark = subject.service, subject.new_key()
        for _ in range(2):
            [result] = await service.write(subject.view, (subject.marked_creation(mark),))
            assert result.outcome is Outcome.DONE, result
        field_name = (await service.capabilities(subject.view)).mark_field
        assert field_name is not None
        assert len(await service.find_records(subject.view, field_name, (mark,))) == 2
