"""The answers file with every key explained, made of the declared questions."""

import json
from collections.abc import Iterator, Sequence

from interlace.bootstrap.setup.desk import blank_settings
from interlace.bootstrap.setup.question import Answer, AnswerKind, Question
from interlace.bootstrap.setup.questions import QUESTIONS

_HEAD = """\
# Answers for `interlace setup --answers FILE`. A line that begins with # is not taken; what is left out keeps what the
# connection has, else its default. Secrets are never written here: a key that ends with _file names a file that holds
# one (relative to this file), or "-" for standard input. Running the set-up again with the same file changes nothing.

[connection]
name = "main"
"""
_SECTIONS = {
    "erp": "The ERP: Dynamics NAV or Business Central.",
    "crm": "The CRM: Dynamics 365 Sales.",
    "tables": "What is synchronized.",
    "availability": "The stock as CRM users see it.",
    "orders": "Sales orders.",
    "ownership": "Owners of what Interlace creates in the CRM.",
    "administrator": "Whoever imports the solution, for this once. Nothing of this section is kept.",
    "full_synchronization": "The first full synchronization.",
}


def example_answers() -> str:
    """Return the file; its keys with an example stand there as if they were answered."""
    lines = [_HEAD]
    for section, caption in _SECTIONS.items():
        lines += ["", f"# {caption}", f"[{section}]"]
        for question in QUESTIONS:
            if question.key.partition(".")[0] == section:
                lines += list(_lines_of(question))
    return "\n".join(lines) + "\n"


def _lines_of(question: Question) -> Iterator[str]:
    must = " Needed." if question.required else ""
    yield f"# {question.caption}. {question.help}{must}"
    if question.choices:
        yield f"# One of: {', '.join(each or 'blank' for each in question.choices)}"
    name = question.key.partition(".")[2]
    shown = question.example or question.default
    is_usual = bool(question.example) and question.required and question.applies(blank_settings(""))
    mark = "" if is_usual else "# "
    yield f"{mark}{name} = {toml_text(_as_list(question, shown))}"


def _as_list(question: Question, shown: Answer) -> Answer:
    return (shown,) if question.kind is AnswerKind.NAMES and isinstance(shown, str) else shown


def toml_text(value: Answer | Sequence[str]) -> str:
    """Write an answer as TOML has it; texts are quoted as in JSON."""
    if isinstance(value, bool):
        return str(value).lower()
    return json.dumps(list(value) if isinstance(value, tuple) else value, ensure_ascii=False)
