"""The page of languages and terms, written from what the program offers."""

from interlace.locale.glossary import glossary
from interlace.locale.languages import LANGUAGES, TRANSLATED

_OPENING = """# Languages

The web client, the commands and the texts of errors speak these languages:

| language | setting |
|---|---|
{languages}

In the web client each user has a language of their own (*My Account*); before somebody has signed in, the browser says
which. A command takes `--language`, else the environment variable `INTERLACE_LANGUAGE`, else the terminal's `LC_ALL`,
`LC_MESSAGES` or `LANG`: `interlace --language nb-NO errors`. A language that isn't offered is English.

Never translated: what commands, options, settings, mappings and fields are called, JSON, and words that the ERP or the
CRM said. Messages are kept with their record, order, job, plan or safety halt together with what they are made of, and
said in the language of whoever reads them. What an older version kept is English, and so are the notes that the CRM is
given. A plan file holds its reasons in English, for programs, and behind them (`said`) what they are made of. Numbers,
dates and times follow the language, and in the web client the user's time zone.

## Terms

The product's own translations call a job a project here and there. Ours don't; *Tell Me* finds a page by the old
names, too.

| English | {names} |
|---|{lines}|
{terms}

## To change a translation, or add a language

Texts stand in the source, in English. `make texts` gathers them into one catalogue a language
(`src/interlace/locale/LANGUAGE/LC_MESSAGES/interlace.po`), keeps what is translated, and names what is not; tests fail
until every text has a translation in every language, with the same values in it, all plural forms, and the terms above
(`src/interlace/locale/glossary.toml`). A new language is an entry in `locale/languages.py`, its plural forms in
`locale/catalogues.py`, its terms and its catalogue.

This page is written from the program itself (`python -m tools.reference_pages`).
"""


def languages_page() -> str:
    """Return the page."""
    captions = {each.name: each.caption for each in LANGUAGES}
    terms = (
        f"| {term.english[0]} | " + " | ".join(term.languages[name].term for name in TRANSLATED) + " |"
        for term in glossary()
    )
    return _OPENING.format(
        languages="\n".join(f"| {each.caption} | `{each.tag}` |" for each in LANGUAGES),
        names=" | ".join(captions[name] for name in TRANSLATED),
        lines="|".join("---" for _ in TRANSLATED),
        terms="\n".join(terms),
    )
