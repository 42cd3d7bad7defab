"""The suite that every service passes: the fake, both sandboxes, a live service.

A test module derives a class from ServiceConformance and gives it a fixture `subject`; the rest is inherited.
The subject names what differs: keys, a text field, a number field. Each check works on records of its own.
"""

from dataclasses import replace
from decimal import Decimal

from interlace.domain.values import Value, same_value
from interlace.engine.ports import Deletion, Outcome, Precondition, Write
from interlace.testing.conformance_subject import ConformanceSubject
from interlace.testing.marking_conformance import MarkerConformance

__all__ = ["ConformanceSubject", "ServiceConformance"]

TRICKY_TEXTS = (
    "Müller & Söhne GmbH, Köln",
    "ООО «Ромашка» Москва",
    "O'Brien's \"Quoted\" 100% + 5/7 <b>#?",
    "back\\slash {brace} [bracket] ; semicolon",
)
EXACT_NUMBER = Decimal("1234567890.12")


class ServiceConformance(MarkerConformance):
    """What every service must do; derive, and give a fixture `subject`."""

    async def test_created_record_is_read_by_key(self, subject: ConformanceSubject) -> None:
        """A created record is found under the key that we chose, with the values that we wrote."""
        key = await subject.create(**{subject.text_field: "Alpha"})
        assert (await subject.read(key)).key == key
        assert await subject.value(key, subject.text_field) == "Alpha"

    async def test_keys_come_in_the_order_asked_with_gaps(self, subject: ConformanceSubject) -> None:
        """Reading by key answers in the order of the keys, with None for those that are not there."""
        first = await subject.create(**{subject.text_field: "First"})
        second = await subject.create(**{subject.text_field: "Second"})
        missing = subject.new_key()
        records = await subject.service.read_keys(subject.view, (second, missing, first))
        assert [record.key if record else None for record in records] == [second, None, first]

    async def test_no_keys_give_no_records(self, subject: ConformanceSubject) -> None:
        """Reading or writing nothing is allowed and does nothing."""
        assert await subject.service.read_keys(subject.view, ()) == []
        assert await subject.service.write(subject.view, ()) == []
        assert await subject.service.delete(subject.view, ()) == []

    async def test_listing_holds_each_record_once(self, subject: ConformanceSubject) -> None:
        """Pages together hold every record exactly once, over several pages."""
        page_size = (await subject.service.capabilities(subject.view)).read_page_size
        assert page_size <= 50, "give the suite a service with small pages"
        keys = [subject.new_key() for _ in range(page_size * 2 + 1)]
        writes = tuple(subject.creation(key, **{subject.text_field: f"No. {key}"[:50]}) for key in keys)
        results = await subject.service.write(subject.view, writes)
        assert {result.outcome for result in results} == {Outcome.DONE}
        assert set(keys) <= (await subject.listing()).keys()

    async def test_page_and_key_reading_agree(self, subject: ConformanceSubject) -> None:
        """A record has the same key, tag, digest and values whichever way it is read."""
        key = await subject.create(**{subject.text_field: "Same"})
        listed = (await subject.listing())[key]
        read = await subject.read(key)
        assert (listed.tag, listed.digest) == (read.tag, read.digest)
        assert listed.values() == read.values()

    async def test_create_of_existing_key_changes_nothing(self, subject: ConformanceSubject) -> None:
        """A create under a taken key is answered EXISTS and leaves the record as it is."""
        key = await subject.create(**{subject.text_field: "Kept"})
        write = subject.creation(key, **{subject.text_field: "Lost"})
        [result] = await subject.service.write(subject.view, (write,))
        assert result.outcome is Outcome.EXISTS
        assert await subject.value(key, subject.text_field) == "Kept"

    async def test_one_existing_key_does_not_stop_the_others(self, subject: ConformanceSubject) -> None:
        """In one call, each create succeeds or fails for itself."""
        taken = await subject.create(**{subject.text_field: "Taken"})
        keys = [subject.new_key(), taken, subject.new_key()]
        writes = tuple(subject.creation(key, **{subject.text_field: "New"}) for key in keys)
        results = await subject.service.write(subject.view, writes)
        assert [result.outcome for result in results] == [Outcome.DONE, Outcome.EXISTS, Outcome.DONE]
        assert [result.key for result in results] == keys
        assert await subject.value(keys[2], subject.text_field) == "New"

    async def test_update_with_current_tag_takes_effect(self, subject: ConformanceSubject) -> None:
        """An update under the tag just read changes the fields it names, and the tag and digest with them."""
        key = await subject.create(**{subject.text_field: "Old"})
        before = await subject.read(key)
        result = await subject.update(key, before.tag, **{subject.text_field: "New"})
        assert result.outcome is Outcome.DONE
        after = await subject.read(key)
        assert await subject.value(key, subject.text_field) == "New"
        assert after.tag != before.tag
        assert after.digest != before.digest
        assert result.tag in (None, after.tag)

    async def test_update_with_old_tag_is_stale(self, subject: ConformanceSubject) -> None:
        """An update under an old tag is answered STALE and changes nothing."""
        key = await subject.create(**{subject.text_field: "One"})
        old = (await subject.read(key)).tag
        await subject.update(key, old, **{subject.text_field: "Two"})
        result = await subject.update(key, old, **{subject.text_field: "Three"})
        assert result.outcome is Outcome.STALE
        assert await subject.value(key, subject.text_field) == "Two"

    async def test_update_of_missing_record_is_gone(self, subject: ConformanceSubject) -> None:
        """An update of a record that is not there is answered GONE and creates nothing."""
        tag = (await subject.read(await subject.create(**{subject.text_field: "Other"}))).tag
        key = subject.new_key()
        result = await subject.update(key, tag, **{subject.text_field: "Ghost"})
        assert result.outcome is Outcome.GONE
        assert await subject.service.read_keys(subject.view, (key,)) == [None]

    async def test_mixed_call_gives_each_write_its_result(self, subject: ConformanceSubject) -> None:
        """Creates, good, stale and lost updates of one call are answered in their order."""
        good, stale = [await subject.create(**{subject.text_field: "Start"}) for _ in range(2)]
        old = (await subject.read(stale)).tag
        await subject.update(stale, old, **{subject.text_field: "Moved"})
        changed: dict[str, Value] = {subject.text_field: "Changed"}
        unchanged = Precondition.UNCHANGED
        missing, new = subject.new_key(), subject.new_key()
        writes = (
            Write(key=stale, precondition=unchanged, values=changed, tag=old),
            subject.creation(new, **changed),
            Write(key=missing, precondition=unchanged, values=changed, tag=old),
            Write(key=good, precondition=unchanged, values=changed, tag=(await subject.read(good)).tag),
        )
        results = await subject.service.write(subject.view, writes)
        wanted = [Outcome.STALE, Outcome.DONE, Outcome.GONE, Outcome.DONE]
        assert [result.outcome for result in results] == wanted
        assert [result.key for result in results] == [stale, new, missing, good]
        assert await subject.value(good, subject.text_field) == "Changed"

    async def test_refused_record_fails_alone(self, subject: ConformanceSubject) -> None:
        """A record with a bad value is REJECTED with a text for people; its neighbours are created."""
        if subject.refused is None:
            return
        bad, good = subject.new_key(), subject.new_key()
        writes = (
            subject.creation(bad, **{subject.text_field: "Bad", **subject.refused}),
            subject.creation(good, **{subject.text_field: "Good"}),
        )
        refused, done = await subject.service.write(subject.view, writes)
        assert (refused.outcome, done.outcome) == (Outcome.REJECTED, Outcome.DONE)
        assert refused.error is not None
        assert len(refused.error.message) > 30
        assert await subject.service.read_keys(subject.view, (bad,)) == [None]

    async def test_deleted_record_is_gone(self, subject: ConformanceSubject) -> None:
        """A deletion under the current tag removes the record; a second one is answered GONE."""
        key = await subject.create(**{subject.text_field: "Short-lived"})
        deletion = Deletion(key=key, tag=(await subject.read(key)).tag)
        [first] = await subject.service.delete(subject.view, (deletion,))
        [second] = await subject.service.delete(subject.view, (deletion,))
        assert (first.outcome, second.outcome) == (Outcome.DONE, Outcome.GONE)
        assert await subject.service.read_keys(subject.view, (key,)) == [None]

    async def test_stale_deletion_keeps_the_record(self, subject: ConformanceSubject) -> None:
        """A deletion under an old tag is answered STALE and deletes nothing."""
        key = await subject.create(**{subject.text_field: "One"})
        old = (await subject.read(key)).tag
        await subject.update(key, old, **{subject.text_field: "Two"})
        [result] = await subject.service.delete(subject.view, (Deletion(key=key, tag=old),))
        assert result.outcome is Outcome.STALE
        assert await subject.value(key, subject.text_field) == "Two"

    async def test_texts_travel_exactly(self, subject: ConformanceSubject) -> None:
        """Umlauts, Cyrillic, quotes, ampersands and percent signs come back as they were written."""
        for text in TRICKY_TEXTS:
            key = await subject.create(**{subject.text_field: text})
            assert await subject.value(key, subject.text_field) == text

    async def test_tricky_keys_are_found(self, subject: ConformanceSubject) -> None:
        """Keys with quotes, ampersands and other reserved characters are created, read and updated."""
        for key in subject.tricky_keys:
            creation = subject.creation(key, **{subject.text_field: "Old"})
            [created] = await subject.service.write(subject.view, (creation,))
            assert created.outcome is Outcome.DONE, created
            updated = await subject.update(key, (await subject.read(key)).tag, **{subject.text_field: "New"})
            assert updated.outcome is Outcome.DONE, updated
            assert await subject.value(key, subject.text_field) == "New"

    async def test_numbers_travel_exactly(self, subject: ConformanceSubject) -> None:
        """An amount comes back as the Decimal that was written, digit by digit."""
        if subject.number_field is None:
            return
        rich: dict[str, Value] = {subject.text_field: "Rich", subject.number_field: EXACT_NUMBER}
        key = await subject.create(**rich)
        value = await subject.value(key, subject.number_field)
        assert isinstance(value, Decimal)
        assert value == EXACT_NUMBER

    async def test_blank_text_reads_as_blank(self, subject: ConformanceSubject) -> None:
        """Clearing a text leaves nothing, however the service spells that."""
        blankable = [
            name for name in subject.view.fields if name not in (subject.text_field, subject.number_field)
        ]
        if not blankable:
            return
        filled: dict[str, Value] = {subject.text_field: "Here", blankable[0]: "X"}
        key = await subject.create(**filled)
        result = await subject.update(key, (await subject.read(key)).tag, **{blankable[0]: None})
        assert result.outcome is Outcome.DONE, result
        assert same_value(await subject.value(key, blankable[0]), None)

    async def test_found_without_regard_to_case(self, subject: ConformanceSubject) -> None:
        """Finding by a text compares without case and gives every record that holds one of the values."""
        first = await subject.create(**{subject.text_field: "Findme O'Hara & Co"})
        second = await subject.create(**{subject.text_field: "Findme too"})
        await subject.create(**{subject.text_field: "Findme never"})
        values = ("FINDME o'hara & co", "findme TOO", "findme nobody")
        found = await subject.service.find_records(subject.view, subject.text_field, values)
        assert {record.key for record in found} == {first, second}

    async def test_feed_tells_every_change_since_the_cursor(self, subject: ConformanceSubject) -> None:
        """Whatever is created, changed or deleted after a cursor was given is told by the next reading."""
        capabilities = await subject.service.capabilities(subject.view)
        if not capabilities.reports_changes:
            changes = await subject.service.read_changes(subject.view, None)
            assert not changes.complete
            return
        changed, deleted = [await subject.create(**{subject.text_field: "Before"}) for _ in range(2)]
        start = await subject.service.read_changes(subject.view, None)
        assert start.cursor is not None
        assert not start.complete
        created = await subject.create(**{subject.text_field: "After"})
        await subject.update(changed, (await subject.read(changed)).tag, **{subject.text_field: "Changed"})
        [gone] = await subject.service.delete(subject.view, (Deletion(key=deleted),))
        assert gone.outcome is Outcome.DONE
        changes = await subject.service.read_changes(subject.view, start.cursor)
        assert changes.complete
        assert {created, changed} <= set(changes.keys)
        assert not capabilities.reports_deletes or deleted in changes.deleted

    async def test_feed_goes_on_between_readings(self, subject: ConformanceSubject) -> None:
        """A change between two readings is told by the second; an old cursor tells it again."""
        if not (await subject.service.capabilities(subject.view)).reports_changes:
            return
        key = await subject.create(**{subject.text_field: "One"})
        start = await subject.service.read_changes(subject.view, None)
        await subject.update(key, (await subject.read(key)).tag, **{subject.text_field: "Two"})
        first = await subject.service.read_changes(subject.view, start.cursor)
        await subject.update(key, (await subject.read(key)).tag, **{subject.text_field: "Three"})
        second = await subject.service.read_changes(subject.view, first.cursor)
        again = await subject.service.read_changes(subject.view, start.cursor)
        assert key in first.keys
        assert key in second.keys
        assert key in again.keys
        quiet = await subject.service.read_changes(subject.view, second.cursor)
        assert quiet.complete
        assert key not in quiet.keys

    async def test_key_only_view_reads_keys_and_tags(self, subject: ConformanceSubject) -> None:
        """A view without fields lists every record with its key and tag, and no values."""
        key = await subject.create(**{subject.text_field: "Swept"})
        tag = (await subject.read(key)).tag
        bare = replace(subject, view=replace(subject.view, fields=()))
        for record in ((await bare.listing())[key], await bare.read(key)):
            assert (record.key, record.tag, record.values()) == (key, tag, ())

    async def test_key_only_view_notices_a_change(self, subject: ConformanceSubject) -> None:
        """A changed record has another tag and digest in a view without fields, too."""
        key = await subject.create(**{subject.text_field: "Swept"})
        bare = replace(subject, view=replace(subject.view, fields=()))
        before = await bare.read(key)
        await subject.update(key, before.tag, **{subject.text_field: "Swept again"})
        after = await bare.read(key)
        assert after.tag != before.tag
        assert after.digest != before.digest

    async def test_last_change_is_aware_or_untold(self, subject: ConformanceSubject) -> None:
        """Who changed a record last, and when, is told with a time zone or not at all."""
        key = await subject.create(**{subject.text_field: "Changed"})
        told = await subject.service.read_last_change(subject.view, key)
        assert told.at is None or told.at.tzinfo is not None
        assert told.by is None or told.by
        missing = await subject.service.read_last_change(subject.view, subject.new_key())
        assert (missing.by, missing.at) == (None, None)
