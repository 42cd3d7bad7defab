"""What commands, pages and errors show is translatable: no text reaches a person past the catalogues.

`test_catalogues` sees every text that is marked for them; here are found those that nobody has marked.
"""

import ast
import builtins
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from tools.texts import gather

import interlace

_SOURCE = Path(interlace.__path__[0])
_PARTS = (
    "bootstrap",
    "cli",
    "client",
    "connectors",
    "domain",
    "engine",
    "jobs",
    "lead_to_cash",
    "management",
    "settings.py",
    "store",
    "verify",
    "web",
)
"""Where texts for people are written.

`odata` and `solution` quote to programmers what is wrong with a document, `sandbox` answers as the real services do,
and `testing` and `simulation` are read by those who work on Interlace.
"""
_OTHERS = {
    "bootstrap/mapping_exchange.py": "names of a file's format",
    "cli/connection_options.py": "helps of options, which are gathered as they come out",
    "connectors/business_central/posted_invoice_fields.py": "what the CRM is given: it shows one language to everybody",
    "domain/compiled_transfer.py": "source code",
    "lead_to_cash/mapping_reference.py": "a page of the documentation, which is English",
    "lead_to_cash/note_text.py": "what the ERP is given: it shows one language to everybody",
    "lead_to_cash/order_looks.py": "names of looks",
    "store/english_text.py": "SQL",
    "store/error_causes.py": "SQL",
    "store/migrations/versions/safety_0002.py": "SQL",
    "store/order_list.py": "SQL",
    "store/sealed_envelope.py": "who opens an envelope says in other words what to do",
    "web/openapi.py": "the API's description, which is English",
}
"""Modules that put together something else than texts for people."""
_SHOWING = frozenset(
    {"confirm", "echo", "message", "prompt", "prompt_new_secret", "prompt_secret", "require_consent", "secho"}
)
"""Functions that show their first argument; `write` of a stream is one, too."""
_STREAMS = frozenset({"out", "stderr", "stdout"})
_SHOWN = frozenset({"empty", "message", "next_step", "remedy", "title", "why"})
"""Arguments that tell people of something that was found."""
_OF_PYTHON = frozenset(name for name in dir(builtins) if name.endswith(("Error", "Exception")))
"""Raised for programmers: who catches one says it in words of his own."""
_LEFT = re.compile(
    r"`[^`]*`|\binterlace [a-z {}-]+|\bchmod \d+|(?<!\w)--[a-z-]+|\{\w+:\w+\}|<[^>]*>|\?\$.*|.* (?:eq|ne) .*"
)
"""What stays as it is typed."""
_WORD = re.compile(r"(?<![\w./-])[A-Z]?[a-z][a-z']+(?![\w/=]|\.\w)")
_SENTENCE_WORDS = 3


def english_only(code: str, known: frozenset[str] = frozenset()) -> list[str]:
    """Return what is shown, raised, or put together to a sentence, and that no catalogue knows."""
    found: dict[int, ast.expr] = {}
    passed: set[int] = set()
    tree = ast.parse(code)
    for scope in ast.walk(tree):
        if isinstance(scope, ast.Module | ast.FunctionDef | ast.AsyncFunctionDef):
            nodes = list(ast.walk(scope))
            named = _named(nodes)
            for given, words in _given(nodes):
                texts = {id(text): text for text in _texts(given, named)}
                if words:
                    found.update({key: text for key, text in texts.items() if len(_words(text)) >= words})
                else:
                    passed |= texts.keys()
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr) and len(_words(node)) >= _SENTENCE_WORDS:
            found[id(node)] = node
    left = (text for key, text in found.items() if key not in passed and _text(text) not in known)
    return [f"{text.lineno}: {_text(text)}" for text in left]


def _given(nodes: Sequence[ast.AST]) -> Iterator[tuple[ast.expr, int]]:
    """Yield what is shown or raised, with how many words make it a text for people; 0: it is for programmers."""
    for node in nodes:
        match node:
            case ast.Raise(exc=ast.Call(func=ast.Name(id=name), args=[given, *_])):
                yield given, 0 if name in _OF_PYTHON else 2
            case ast.Assert(msg=ast.expr() as given) | ast.keyword(arg="help", value=given):
                yield given, 0
            case ast.keyword(arg=name, value=given) if name in _SHOWN:
                yield given, 1
            case ast.Call(func=ast.Attribute(value=ast.Call(func=ast.Name(id="super"))), args=[given, *_]):
                yield given, 2
            case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name), args=[given, *_]):
                if name in _SHOWING or (name == "write" and _is_stream(node.func)):
                    yield given, 1
            case _:
                pass


def _is_stream(function: ast.expr) -> bool:
    return isinstance(function, ast.Attribute) and ast.unparse(function.value).rpartition(".")[2] in _STREAMS


def _named(nodes: Sequence[ast.AST]) -> dict[str, list[ast.expr]]:
    """Return what gets a name before it is shown."""
    named: dict[str, list[ast.expr]] = {}
    for node in nodes:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            named.setdefault(node.targets[0].id, []).append(node.value)
    return named


def _texts(given: ast.expr, named: dict[str, list[ast.expr]]) -> Iterator[ast.expr]:
    """Yield the texts of an argument: of both branches, of each part, and what stands behind a name."""
    match given:
        case ast.IfExp(body=left, orelse=right) | ast.BinOp(left=left, right=right):
            yield from (*_texts(left, named), *_texts(right, named))
        case ast.BoolOp(values=values):
            yield from (text for each in values for text in _texts(each, named))
        case ast.Name(id=name):
            yield from (text for each in named.get(name, ()) for text in _texts(each, {}))
        case ast.JoinedStr() | ast.Constant(value=str()):
            yield given
        case _:
            pass


def _text(node: ast.expr) -> str:
    if isinstance(node, ast.JoinedStr):
        return "".join(str(each.value) if isinstance(each, ast.Constant) else "{}" for each in node.values)
    return str(node.value) if isinstance(node, ast.Constant) else ""


def _words(node: ast.expr) -> list[str]:
    return _WORD.findall(_LEFT.sub("", _text(node)))


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ('output.message(f"Released. The next run does it: {name}")', 1),
        ('output.message(f"{name} stopped.")', 1),
        ('output.message("Nobody has translated this.")', 1),
        ('output.message("Known" if all_right else "Unknown" + name)', 1),
        ('question = f"Remove {name}?"\n    require_consent(question, given=yes)', 1),
        ('output.stdout.write(f"  Last writes of {name}:")', 1),
        ('raise BackupUnusable(f"There is a file {name}.")', 1),
        ('msg = "There is none."\n    raise SandboxNotStarted(msg)', 1),
        ('super().__init__(f"A connection named {name} exists.")', 1),
        ('return Check(subject=subject, remedy="Make room.")', 1),
        ('return f"{name} is not enabled yet."', 1),
        ('output.message(translatable("{name} stopped.", name=name))', 0),
        ('output.message("Known")', 0),
        ('output.message(f"  {caption}: {t(text)}")', 0),
        ('output.message(f"  interlace synch {name} --full")', 0),
        ('raise ValueError(f"{name} is no key of the table")', 0),
        ('raise invalid("name", translatable("A name is needed."))', 0),
        ('assert name in names, f"{name} is not one of them"', 0),
        ('option = typer.Option(help=f"One of these: {names}, in the order.")', 0),
    ],
)
def test_a_text_that_nobody_marked_is_found(code: str, found: int) -> None:
    """Texts of every kind of call, named before or not; what is marked, typed or for programmers is left out."""
    assert len(english_only(f"def function(name):\n    {code}\n", frozenset({"Known"}))) == found


@pytest.fixture(scope="module")
def known() -> frozenset[str]:
    """What stands in the catalogues."""
    return frozenset(text for each in gather().texts for text in (each.singular, each.plural))


@pytest.mark.parametrize("part", _PARTS)
def test_what_is_shown_can_be_translated(part: str, known: frozenset[str]) -> None:
    """A new message, question, error or finding is marked: `translatable`, `t` or `n` with named values."""
    place = _SOURCE / part
    found = [
        f"{file.relative_to(_SOURCE)}:{text}"
        for file in (sorted(place.rglob("*.py")) if place.is_dir() else [place])
        if file.relative_to(_SOURCE).as_posix() not in _OTHERS
        for text in english_only(file.read_text(encoding="utf-8"), known)
    ]
    assert found == []
