"""What no source may hold: markup that is not escaped, SQL made of values, code made of input, endless patterns."""

import ast
import importlib
import re
import time
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import htpy
import pytest
from tools.findings import ROOT

from interlace.web.script import script

SOURCES = ROOT / "src" / "interlace"
UNESCAPED: frozenset[str] = frozenset()
"""Files that may hand markup to pages as it is: none."""
GENERATED = {"domain/compiled_transfer.py"}
"""Files that carry out what they have written themselves, from declarations and never from a record's value."""
PATTERNS_OF_OUR_OWN = {
    "bootstrap/masked_requests.py": "a value that is hidden, escaped, to hide it wherever it is a word",
    "bootstrap/nav_pages.py": "a table of the module",
    "locale/glossary.py": "the terms of the glossary, escaped",
    "cli/wrong_line.py": "a table of the module",
    "odata/filter_functions.py": "wildcards of the embedded CRM's LIKE, every other character escaped",
    "odata/multipart_batch.py": "the boundary, escaped",
    "sandbox/crm/sales_app/routes.py": "a table of the module",
    "sandbox/erp/date_formulas.py": "another pattern of the module",
    "solution/xml_schema.py": "the schemas that are shipped",
}
"""Files in which a pattern is no constant, with what it is made of."""
_REGEX_CALLS = frozenset({"compile", "match", "search", "fullmatch", "sub", "split", "findall", "finditer"})
_STATEMENTS = frozenset({"execute", "exec_driver_sql", "executemany", "executescript"})
_WORTH_PARSING = re.compile(r"\bimport re\b|\bexec|\beval|__import__|\bos\.|\bshell\b|\bDBOS|\.loads\(")
_MARKUP = re.compile(
    r"\bMarkup\b|\b__html__\b|^\s*(?:from|import) (?:markupsafe|jinja2|mako)\b", re.MULTILINE
)
_LOADERS = re.compile(r"^\s*(?:from|import) (?:pickle|shelve|marshal|yaml|jinja2|mako|dill)\b", re.MULTILINE)
_WHOLE = frozenset({"match", "fullmatch"})
_SIZES = (24, 400)
_SECONDS = 0.15
"""What a pattern may take for the longest of them; one that is not linear takes minutes, or for ever."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """What was found in one file."""

    path: str
    text: str
    calls: tuple[tuple[str, ast.Call], ...]
    """Every call with the name of what is called, dots included; none where no word of them stands."""


@pytest.fixture(scope="module")
def sources() -> tuple[Source, ...]:
    """Every file that is installed, read once."""
    return tuple(map(_read, sorted(SOURCES.rglob("*.py"))))


def _read(path: Path) -> Source:
    text = path.read_text(encoding="utf-8")
    nodes = ast.walk(ast.parse(text)) if _WORTH_PARSING.search(text) else ()
    return Source(
        path=path.relative_to(SOURCES).as_posix(),
        text=text,
        calls=tuple((_name(node.func), node) for node in nodes if isinstance(node, ast.Call)),
    )


def _name(node: ast.expr) -> str:
    match node:
        case ast.Name():
            return node.id
        case ast.Attribute():
            return f"{_name(node.value)}.{node.attr}"
        case _:
            return ""


def test_security_w4_nothing_reaches_a_page_unescaped(sources: tuple[Source, ...]) -> None:
    """No source makes markup of a text: neither by markupsafe, nor by an `__html__` of its own, nor by a template."""
    assert {each.path for each in sources if _MARKUP.search(each.text)} == UNESCAPED


def test_security_w4_texts_and_attributes_are_escaped() -> None:
    """What pages are made of escapes every text and every value of an attribute by itself."""
    hostile = "</p><script>x</script>\"'&"
    shown = str(htpy.p(title=hostile)[hostile])
    assert "<script" not in shown
    assert shown.count("&lt;script&gt;") == 2
    assert shown.count('"') == 2


def test_security_w3_the_script_makes_neither_code_nor_markup_of_texts() -> None:
    """Our own script stands where htmx would: it evaluates nothing, stores nothing, and writes no markup."""
    of_code = r"\beval\b|\bFunction\(|\.on[a-z]+\s*=|Storage\b"
    of_markup = r"(?:inner|outer)HTML\s*=[^=]|insertAdjacentHTML|document\.write"
    assert re.findall(f"{of_code}|{of_markup}", script().decode()) == []


def test_the_script_keeps_nothing_under_names_that_come_in() -> None:
    """No property is set by a computed name, so that `__proto__` is a text like any other."""
    text = re.sub(r"//.*|/\*[\s\S]*?\*/", "", script().decode())
    assert re.findall(r"[\w)\]]\[[^\]]*\]\s*=[^=]|\{\s*\[", text) == []


def test_security_i1_the_linter_refuses_sql_made_of_values() -> None:
    """Ruff looks for it everywhere but in the tables' own packages, whose statements are looked at below."""
    lint = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["ruff"]["lint"]
    assert lint["select"] == ["ALL"]
    assert {rule for rule in lint["ignore"] if rule.startswith("S")} == {"S101"}
    excused = {path for path, rules in lint["per-file-ignores"].items() if "S608" in rules}
    assert excused == {"tests/**", "src/interlace/{sandbox,store,jobs}/**"}


def test_security_i1_no_statement_holds_a_quoted_value(sources: tuple[Source, ...]) -> None:
    """Where a statement is put together, nothing of it stands between quotation marks: values are parameters."""
    found = []
    for path, name, call in _calls(sources):
        if name.rpartition(".")[2] in _STATEMENTS and call.args:
            for part in ast.walk(call.args[0]):
                if isinstance(part, ast.JoinedStr) and _is_quoting(part):
                    found.append(f"{path}:{part.lineno}: {ast.unparse(part)}")
                if isinstance(part, ast.BinOp) and isinstance(part.op, ast.Mod):
                    found.append(f"{path}:{part.lineno}: {ast.unparse(part)}")
    assert found == []


def _calls(sources: tuple[Source, ...]) -> Iterator[tuple[str, str, ast.Call]]:
    for each in sources:
        for name, call in each.calls:
            yield each.path, name, call


def _is_quoting(text: ast.JoinedStr) -> bool:
    is_open = False
    for part in text.values:
        if isinstance(part, ast.Constant):
            is_open ^= str(part.value).count("'") % 2 == 1
        elif is_open:
            return True
    return False


def test_security_i3_nothing_that_was_entered_is_carried_out(sources: tuple[Source, ...]) -> None:
    """No eval, pickle, shell or template; what is written and carried out comes from declarations."""
    forbidden = {"eval", "exec", "__import__", "os.system", "os.popen", "yaml.load", "marshal.loads"}
    found = {path for path, name, _ in _calls(sources) if name in forbidden}
    assert found == GENERATED
    assert [each.path for each in sources if _LOADERS.search(each.text)] == []
    shells = [path for path, _, call in _calls(sources) if any(each.arg == "shell" for each in call.keywords)]
    assert shells == []


def test_security_i3_durable_jobs_are_kept_as_json(sources: tuple[Source, ...]) -> None:
    """The job library would keep Python's own objects: each of its users is given the JSON of ours."""
    given = [
        {each.arg: ast.unparse(each.value) for each in call.keywords}.get("serializer")
        for _, name, call in _calls(sources)
        if name in {"DBOSConfig", "DBOSClient"}
    ]
    assert set(given) == {"JsonSerializer()"}


def test_security_i4_nobody_enters_a_pattern(sources: tuple[Source, ...]) -> None:
    """Each regular expression stands in the source; what is put together is named with what it is made of."""
    found = {path for path, call in _regex_calls(sources) if not _is_fixed(call.args[0])}
    assert found == PATTERNS_OF_OUR_OWN.keys()


def _regex_calls(sources: tuple[Source, ...]) -> Iterator[tuple[str, ast.Call]]:
    for path, name, call in _calls(sources):
        if name.startswith("re.") and name.removeprefix("re.") in _REGEX_CALLS:
            yield path, call


def _is_fixed(node: ast.expr) -> bool:
    match node:
        case ast.Constant():
            return True
        case ast.JoinedStr():
            return all(_is_fixed(part) for part in node.values)
        case ast.FormattedValue(value=ast.Name(id=name)) | ast.Name(id=name):
            return name.isupper()
        case _:
            return False


def patterns(sources: tuple[Source, ...]) -> Iterator[tuple[str, re.Pattern[Any], set[str]]]:
    """Every pattern that a module keeps, and every one that stands in a call, with its file and how it is used."""
    for each in sources:
        own = [(name, call) for name, call in each.calls if name.startswith("re.") and call.args]
        if not own or each.path.startswith(("testing/", "simulation/")):
            continue
        for name, call in own:
            if isinstance(call.args[0], ast.Constant) and name != "re.compile":
                text = ast.literal_eval(call.args[0])
                yield each.path, re.compile(text), {name.removeprefix("re.")}
        module = importlib.import_module(f"interlace.{each.path.removesuffix('.py').replace('/', '.')}")
        for kept, value in vars(module).items():
            if isinstance(value, re.Pattern):
                uses = {name.partition(".")[2] for name, _ in each.calls if name.startswith(f"{kept}.")}
                yield each.path, value, uses & _REGEX_CALLS or {"fullmatch", "search"}


def attacks(text: str) -> Iterator[Callable[[int], str]]:
    """Texts of any length that a pattern nearly finds: its own signs, one or two of them again and again."""
    signs = sorted(set(re.findall(r"[^\\\w()\[\]{}|^$]", text)))[:4]
    signs += ["a", "1", " "]
    begin = re.match(r"[\w \-]*", text.removeprefix(r"\b").removeprefix(r"\s*"))
    starts = {"", begin.group() if begin else ""}
    for start in sorted(starts):
        for one in signs:
            for other in ("", *signs):
                if other != one:
                    yield lambda size, s=start, o=one + other: s + o * size + "\x00"  # type: ignore[misc]


def test_security_i4_no_pattern_takes_long_for_any_text(sources: tuple[Source, ...]) -> None:
    """Whatever is repeated, the time grows with the length, not with the ways in which it could be read."""
    slow = [
        f"{path}: {pattern.pattern!r}"
        for path, pattern, uses in patterns(sources)
        if not all(_is_quick(pattern, uses, made) for made in attacks(_written(pattern)))
    ]
    assert slow == []


def _written(pattern: re.Pattern[Any]) -> str:
    text = pattern.pattern
    return text if isinstance(text, str) else bytes(text).decode("latin-1")


def _is_quick(pattern: re.Pattern[Any], uses: set[str], made: Callable[[int], str]) -> bool:
    for size in _SIZES:
        text: Any = made(size)
        if isinstance(pattern.pattern, bytes):
            text = text.encode("latin-1")
        begun = time.thread_time()
        for use in uses:
            _ = (getattr(pattern, use) if use in _WHOLE else pattern.search)(text)
        if time.thread_time() - begun > _SECONDS:
            return False
    return True


def test_security_i4_a_pattern_with_many_ways_is_found() -> None:
    """The texts above find what they are for."""
    slow = re.compile(r"(a+)+b")
    assert not all(_is_quick(slow, {"fullmatch"}, made) for made in attacks(slow.pattern))
