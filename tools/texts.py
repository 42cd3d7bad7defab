"""Gather every text for people from the program into the catalogues of translations, and keep what is translated.

Run it after a change of texts: `make texts`. It names each text that no catalogue could translate.
"""

import ast
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path

import typer
from babel.messages.catalog import Catalog, Message
from babel.messages.plurals import get_plural
from babel.messages.pofile import read_po, write_po

from interlace.cli.help_texts import help_texts
from interlace.cli.program import program
from interlace.locale.catalogues import FILE
from interlace.locale.languages import TRANSLATED
from tools.findings import ROOT, Finding, report

SOURCE = ROOT / "src" / "interlace"
LOCALE = SOURCE / "locale"
VARIANTS = ("en_NZ",)
"""Languages that hold only what they say differently."""

_TEXTS_OF = {
    "t": (0, 1),
    "pattern": (0, 1),
    "c": (0, 2),
    "n": (0, 2),
    "translatable": (0, 1),
    "_kind": (1, 3),
    "see": (0, 1),
    "expect": (0, 1),
    "_step": (1, 2),
}
"""The functions that take texts, with the first of these arguments and the one after them.

`_kind` is what declares the problems of orders, whose meanings and remedies are shown everywhere; by the last three
the demo's story is told.
"""
_METHODS = {"t", "pattern", "c", "n", "see", "expect", "_step"}
_FUNCTIONS = {"t", "translatable", "_kind"}
_NAMED = {"Question": frozenset({"caption", "help", "hint"}), "Condition": frozenset({"reason"})}
"""The values whose arguments of these names are written for people."""
_COMMANDS = "cli/"
_FOR_TESTS = "testing/"
"""What stands here is read by those who work on Interlace only."""
_WIDTH = 110


@dataclass(frozen=True, slots=True, order=True)
class Text:
    """One text of the program; `plural` is blank but for counted ones."""

    singular: str
    context: str = ""
    plural: str = ""


@dataclass(slots=True)
class Gathered:
    """The texts with the files that they stand in, and what could not be taken."""

    texts: dict[Text, set[str]] = field(default_factory=lambda: defaultdict(set))
    findings: list[Finding] = field(default_factory=list)


def gather(source: Path = SOURCE) -> Gathered:
    """Gather the texts of every module."""
    gathered = Gathered()
    for path in sorted(source.rglob("*.py")):
        place = path.relative_to(source).as_posix()
        if not place.startswith(_FOR_TESTS):
            gather_from(path.read_text(encoding="utf-8"), place, gathered)
    for text in help_texts(typer.main.get_command(program)):
        gathered.texts[Text(text)].add(_COMMANDS)
    return gathered


def gather_from(source: str, path: str, gathered: Gathered) -> None:
    """Gather the texts of one module."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        _gather_named(node, path, gathered)
        if path.startswith(_COMMANDS):
            _gather_captions(node, path, gathered)
        if (name := _called(node)) is None:
            continue
        wanted = node.args[slice(*_TEXTS_OF[name])]
        for part in wanted:
            if trouble := _trouble(part):
                gathered.findings.append(Finding(path=path, line=node.lineno, message=trouble))
        for text in _texts(name, wanted):
            gathered.texts[text].add(path)


def _gather_named(node: ast.Call, path: str, gathered: Gathered) -> None:
    """Gather what is written for people in values that are declared once: questions, conditions of filters."""
    wanted = _NAMED.get(node.func.id, frozenset()) if isinstance(node.func, ast.Name) else frozenset()
    for each in node.keywords:
        if each.arg in wanted:
            for text in _literals(each.value):
                gathered.texts[Text(text)].add(path)


def _gather_captions(node: ast.Call, path: str, gathered: Gathered) -> None:
    """Gather what commands write through `Output`: captions of columns, messages, and what empty lists say."""
    match node:
        case ast.Call(func=ast.Name(id="Column"), keywords=keywords):
            parts = [each.value for each in keywords if each.arg == "caption"]
        case ast.Call(func=ast.Attribute(attr="rows"), keywords=keywords):
            parts = [each.value for each in keywords if each.arg == "empty"]
        case ast.Call(func=ast.Attribute(attr="message"), args=[part]):
            parts = [part]
        case _:
            parts = []
    for part in parts:
        for text in _literals(part):
            if text == text.strip():
                gathered.texts[Text(text)].add(path)


def _called(call: ast.Call) -> str | None:
    match call.func:
        case ast.Attribute(attr=name) if name in _METHODS:
            return name
        case ast.Name(id=name) if name in _FUNCTIONS:
            return name
        case _:
            return None


def _texts(name: str, wanted: list[ast.expr]) -> Iterator[Text]:
    literals = [list(_literals(part)) for part in wanted]
    match name, literals:
        case "n", [[singular], [plural]]:
            yield Text(singular, plural=plural)
        case "c", [[context], texts]:
            yield from (Text(text, context=context) for text in texts)
        case "n" | "c", _:
            pass
        case _:
            yield from (Text(text) for texts in literals for text in texts)


def _literals(part: ast.expr) -> Iterator[str]:
    match part:
        case ast.Constant(value=str(text)) if text:
            yield text
        case ast.IfExp(body=body, orelse=otherwise):
            yield from _literals(body)
            yield from _literals(otherwise)
        case _:
            pass


def _trouble(part: ast.expr) -> str | None:
    match part:
        case ast.JoinedStr():
            return "an f-string can't be translated; name the values: t('… {name}', name=name)"
        case ast.BinOp():
            return "a text put together from pieces can't be translated; write it as a whole"
        case ast.Constant(value=str(text)) if text != text.strip():
            return f"{text!r} begins or ends with a space: it is a piece of a sentence; write the whole"
        case ast.IfExp(body=body, orelse=otherwise):
            return _trouble(body) or _trouble(otherwise)
        case _:
            return None


def catalogue_path(language: str) -> Path:
    """Return the file of a language's catalogue."""
    return LOCALE / language / "LC_MESSAGES" / FILE


def read_catalogue(language: str) -> Catalog:
    """Return a language's catalogue; an empty one if there is no file."""
    path = catalogue_path(language)
    if not path.is_file():
        return Catalog(locale=language)
    with path.open("rb") as opened:
        return read_po(opened, locale=language)


def updated(language: str, texts: dict[Text, set[str]], held: Catalog) -> Catalog:
    """Return a catalogue of exactly these texts with the translations that are held."""
    fresh = Catalog(locale=language, charset="utf-8")
    for text in texts:
        translation = _held(held, text)
        if language in VARIANTS and not _is_translated(translation):
            continue
        fresh.add(
            (text.singular, text.plural) if text.plural else text.singular,
            string=translation.string if translation is not None else None,
            context=text.context or None,
        )
    for message in fresh:
        message.flags = set()
    return fresh


def _held(held: Catalog, text: Text) -> Message | None:
    message = held.get(text.singular, text.context or None)
    if message is None or message.fuzzy or bool(message.pluralizable) != bool(text.plural):
        return None
    return message


def _is_translated(message: Message | None) -> bool:
    if message is None or not message.string:
        return False
    return isinstance(message.string, str) or all(message.string)


def written(catalog: Catalog, language: str) -> bytes:
    """Return a catalogue as text: sorted, the same whoever writes it when, and wherever a text stands."""
    body = BytesIO()
    write_po(body, catalog, width=_WIDTH, omit_header=True, sort_output=True, no_location=True)
    plural = get_plural(language)
    header = (
        'msgid ""\nmsgstr ""\n'
        f'"Language: {language}\\n"\n'
        f'"Plural-Forms: {plural.plural_forms}\\n"\n'
        '"MIME-Version: 1.0\\n"\n"Content-Type: text/plain; charset=utf-8\\n"\n"Content-Transfer-Encoding: 8bit\\n"\n\n'
    )
    return header.encode() + body.getvalue().rstrip() + b"\n"


def untranslated(catalog: Catalog) -> list[Text]:
    """Return the texts of a catalogue that still have no translation."""
    return [
        Text(_ids(message)[0], message.context or "", (*_ids(message), "")[1])
        for message in catalog
        if message.id and not _is_translated(message)
    ]


def _ids(message: Message) -> tuple[str, ...]:
    return (message.id,) if isinstance(message.id, str) else tuple(message.id)


def main() -> int:
    """Bring every catalogue up to date; 1 if a text can't be taken or has no translation yet."""
    gathered = gather()
    findings = list(gathered.findings)
    for language in (*TRANSLATED, *VARIANTS):
        catalog = updated(language, gathered.texts, read_catalogue(language))
        path = catalogue_path(language)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(written(catalog, language))
        findings += [
            Finding(path=str(path.relative_to(ROOT)), line=1, message=f"not translated: {text.singular}")
            for text in untranslated(catalog)
        ]
    return report("texts", findings)


if __name__ == "__main__":
    sys.exit(main())
