"""Every text is translated, completely and in the product's terms. After a change of texts: `make texts`."""

import re

import pytest
from babel.messages.catalog import Catalog, Message
from tools.texts import (
    VARIANTS,
    Gathered,
    Text,
    catalogue_path,
    gather,
    gather_from,
    read_catalogue,
    updated,
    written,
)

from interlace.locale.catalogues import PLURAL_FORMS, catalogue
from interlace.locale.glossary import glossary, old_names
from interlace.locale.languages import LANGUAGES, TRANSLATED

_PLACE = re.compile(r"\{(\w+)\}")
_COMMAND = re.compile(r"`[^`]+`")
_TYPED = re.compile(r"`[^`]+`|\{\w+\}|\b[A-Z]{3,}\b")
_SIGNS_ONLY = re.compile(r"(?:\{\w+\}|[\W\d_])+")
_LONGEST_CAPTION = 3
"""In words; what is longer and ends with a full stop is a sentence, and not the abbreviation of one word."""
_ALL = (*TRANSLATED, *VARIANTS)


@pytest.fixture(scope="module")
def gathered() -> Gathered:
    """The program's texts."""
    return gather()


def _forms(message: Message) -> tuple[str, ...]:
    if isinstance(message.string, str):
        return (message.string,)
    return tuple(message.string or ())


def _ids(message: Message) -> tuple[str, ...]:
    return (message.id,) if isinstance(message.id, str) else tuple(message.id)


def _messages(language: str) -> list[Message]:
    """Return what is translated; what is not is one test's matter only."""
    return [message for message in read_catalogue(language) if message.id and any(_forms(message))]


def test_every_text_can_be_translated(gathered: Gathered) -> None:
    """No text is put together from pieces."""
    assert not gathered.findings, "\n".join(map(str, gathered.findings))


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_text_has_a_translation(language: str, gathered: Gathered) -> None:
    """A missing string fails here, with its file."""
    held = catalogue(language)
    missing = [
        f"{min(paths)}: {text.singular}"
        for text, paths in sorted(gathered.texts.items())
        if (text.context, text.singular) not in held
    ]
    assert not missing, "\n".join(missing)


@pytest.mark.parametrize("language", _ALL)
def test_the_catalogue_is_as_the_tool_writes_it(language: str, gathered: Gathered) -> None:
    """No text is left over, and nothing depends on who wrote it when (`make texts`)."""
    catalog = updated(language, gathered.texts, read_catalogue(language))
    assert catalogue_path(language).read_bytes() == written(catalog, language)


@pytest.mark.parametrize("language", _ALL)
def test_values_have_the_same_places(language: str) -> None:
    """A translation shows each value that the text shows; only a counted form may leave its count out."""
    for message in _messages(language):
        wanted = {place for text in _ids(message) for place in _PLACE.findall(text)}
        for form in _forms(message):
            places = set(_PLACE.findall(form))
            assert places == wanted or (message.pluralizable and places == wanted - {"count"}), (
                message.id,
                form,
            )
            assert "{" not in _PLACE.sub("", form), form


@pytest.mark.parametrize("language", _ALL)
def test_plural_forms_are_complete(language: str) -> None:
    """Each counted text has all the forms of its language."""
    forms = PLURAL_FORMS[language.split("_", maxsplit=1)[0]]
    for message in _messages(language):
        assert len(_forms(message)) == (len(forms) if message.pluralizable else 1), message.id


@pytest.mark.parametrize("language", _ALL)
def test_no_text_is_a_piece(language: str) -> None:
    """A translation begins and ends where its text does; a sentence keeps its full stop, a caption gets none."""
    for message in _messages(language):
        is_long = len(_ids(message)[0].split()) > _LONGEST_CAPTION
        for form in _forms(message):
            assert form == form.strip(), form
            assert not is_long or form[-1] in "?." or not _ids(message)[0].endswith("."), form
            assert not is_long or not form.endswith(".") or _ids(message)[0].endswith("."), form


@pytest.mark.parametrize("language", TRANSLATED)
def test_commands_stay_as_they_are_typed(language: str) -> None:
    """What stands between backticks is the same in every language."""
    for message in _messages(language):
        for form in _forms(message):
            assert sorted(_COMMAND.findall(form)) == sorted(_COMMAND.findall(_ids(message)[0])), form


@pytest.mark.parametrize("language", TRANSLATED)
def test_terms_are_those_of_the_glossary(language: str) -> None:
    """One word for one thing, in whatever form."""
    wrong = [
        f"{term.languages[language].term}: {_ids(message)[0]} -> {form}"
        for message in _messages(language)
        for term in glossary()
        if term.is_in(_TYPED.sub("", _ids(message)[0]))
        for form in _forms(message)
        if not any(stem.lower() in form.lower() for stem in term.languages[language].stems)
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    ("language", "mistake"), [("es_MX", "proyecto"), ("fi_FI", "projekti"), ("nb_NO", "jobben kø")]
)
def test_mistakes_of_the_product_are_not_copied(language: str, mistake: str) -> None:
    """A job is no project."""
    assert not [
        form for message in _messages(language) for form in _forms(message) if mistake in form.lower()
    ]


def test_letters_belong_to_the_language() -> None:
    """No Latin letter hides in a Russian word, no Cyrillic one elsewhere."""
    mixed = re.compile(r"[A-Za-z][а-яёА-ЯЁ]|[а-яёА-ЯЁ][A-Za-z]")
    assert not [form for m in _messages("ru_RU") for form in _forms(m) if mixed.search(_PLACE.sub("", form))]
    for language in ("es_MX", "nb_NO", "fi_FI"):
        assert not [form for m in _messages(language) for form in _forms(m) if re.search("[а-яё]", form)]


@pytest.mark.parametrize("language", TRANSLATED)
def test_hardly_any_text_is_left_in_english(language: str) -> None:
    """Equal texts are names and signs, not forgotten ones."""
    equal = [
        message.id
        for message in _messages(language)
        if _forms(message)[0] == _ids(message)[0] and not _SIGNS_ONLY.fullmatch(_ids(message)[0])
    ]
    assert len(equal) < 40, equal


@pytest.mark.parametrize("language", [each.name for each in LANGUAGES])
def test_old_names_lead_to_the_page(language: str) -> None:
    """Users find a page by what the built-in connector called it, in English and in their own language."""
    assert "CRM Full Synch. Review" in old_names("Full Synch. Review", language)
    own = {
        "nb_NO": "Status for jobben køen",
        "fi_FI": "Työjonon tapahtuman tila",
        "es_MX": "Estado mov. cola proyecto",
    }
    assert own.get(language, "Synch. Job Queue Entries") in old_names("Job Queue Entries", language)
    assert old_names("No such page", language) == ()


def test_texts_are_gathered_from_every_kind_of_call() -> None:
    """Whole literals, both branches of a choice, counted texts and texts with a context."""
    gathered = Gathered()
    gather_from(
        'words.t("One")\nwords.t("Two" if x else "Three")\nwords.n("{count} a", "{count} b", 3)\n'
        'words.c("state", "Open")\ntranslatable("Long " "text")\nwords.t(caption)\nother("No")\n',
        "module.py",
        gathered,
    )
    assert set(gathered.texts) == {
        Text("One"),
        Text("Two"),
        Text("Three"),
        Text("{count} a", plural="{count} b"),
        Text("Open", context="state"),
        Text("Long text"),
    }
    assert not gathered.findings


@pytest.mark.parametrize(
    "call",
    [
        'words.t(f"Delete {name}")',
        'words.t("Delete " + name)',
        'words.t("Delete %s" % name)',
        'words.t("is ")',
    ],
)
def test_a_text_of_pieces_is_refused(call: str) -> None:
    """Nothing could be translated, or not in the right order."""
    gathered = Gathered()
    gather_from(call, "module.py", gathered)
    assert len(gathered.findings) == 1


def test_translations_are_kept_and_unused_ones_dropped() -> None:
    """A new text is added without a translation; one that became a counted text starts anew."""
    held = Catalog(locale="fi_FI")
    held.add("Kept", "Pidetty")
    held.add("Gone", "Poissa")
    held.add("{count} row", "{count} rivi")
    texts = {
        Text("Kept"): {"a.py"},
        Text("New"): {"b.py"},
        Text("{count} row", plural="{count} rows"): {"a.py"},
    }
    catalog = updated("fi_FI", texts, held)
    assert {_ids(message)[0]: _forms(message) for message in catalog if message.id} == {
        "Kept": ("Pidetty",),
        "New": (),
        "{count} row": ("", ""),
    }
    assert "Pidetty" in written(catalog, "fi_FI").decode()
