"""What the audit log tells in the words of pages, and how it is searched by them."""

import pytest

from interlace.management.audit import DOOR_EVENTS
from interlace.management.audit_words import PAGES_OF_AREAS, done, meant
from interlace.management.operations import ALL_OPERATIONS
from interlace.ui.words import words_of

ENGLISH = words_of("en_US").t
RUSSIAN = words_of("ru_RU").t


def test_every_operation_is_told_by_its_page_and_its_button() -> None:
    """No technical name stands for one: they are in the details."""
    for each in ALL_OPERATIONS:
        told = done(each.name)
        assert each.caption in told
        assert each.name not in told
    assert {each.name.partition(".")[0] for each in ALL_OPERATIONS} == set(PAGES_OF_AREAS)


@pytest.mark.parametrize(
    ("name", "english", "russian"),
    [
        ("queue.set_minutes", "Job Queue Entries: Save", "Операции очереди работ: Сохранить"),
        ("sign-in.in", "Signed in", "Вход выполнен"),
        ("records.older", "records.older", "records.older"),
    ],
)
def test_it_is_told_in_the_language_of_the_reader(name: str, english: str, russian: str) -> None:
    """What an older version called otherwise keeps its name."""
    assert (ENGLISH(done(name)), RUSSIAN(done(name))) == (english, russian)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("job queue save", ("queue.set_minutes",)),
        ("очереди сохранить", ("queue.set_minutes",)),
        ("MATCH-BASED dry", ("matching.try",)),
        ("queue.set_m", ("queue.set_minutes",)),
        ("nothing of the kind", ()),
        (" ", ()),
    ],
)
def test_words_mean_entries(text: str, names: tuple[str, ...]) -> None:
    """In the reader's language and in English, and by a part of the technical name."""
    assert meant(text, RUSSIAN) == names


@pytest.mark.parametrize("text", ["users", "users.change", "sign-in", next(iter(DOOR_EVENTS))])
def test_a_technical_name_means_nothing_else(text: str) -> None:
    """Programs that ask by it get what they got before, and no entry that has the word in its text."""
    assert meant(text, ENGLISH) == ()
