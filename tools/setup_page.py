"""The reference page of the set-up: its steps, and every key of the answers file, from what the program declares."""

from collections.abc import Iterator

from interlace.bootstrap.setup.example import example_answers, toml_text
from interlace.bootstrap.setup.questions import QUESTIONS
from interlace.bootstrap.setup.run import STEPS

_OPENING = """# Answers for the set-up

`interlace setup --answers FILE` takes its answers from a TOML file; `interlace setup --example-answers` prints the one
below. Each key belongs to a step. What is left out keeps what the connection has, else its default.

Secrets are never written into the file: a key that ends with `_file` names a file that holds one (relative to the
answers file), or `-` for standard input, which one of them may use. What is answered is kept with the connection,
secrets encrypted and only for the addresses they were given for. Nothing of the section `[administrator]` is kept.

How to use it: [Set up the connection](../how-to/set-up-the-connection.md).

This page is written from the program itself (`python -m tools.reference_pages`).

## Steps

Each step looks first and does only what is missing. `--until STEP` stops when that step is done.

| step | what it is about |
|---|---|
"""


def setup_page() -> str:
    """Return the page."""
    steps = [f"| `{step.name.value}` | {_first_line(step.__doc__)} |" for step in STEPS]
    lines = [
        *steps,
        "",
        "## Keys",
        "",
        "| key | what it says | step | default |",
        "|---|---|---|---|",
        *_keys(),
    ]
    lines += ["", "## An example", "", "```toml", example_answers().rstrip(), "```"]
    return _OPENING + "\n".join(lines) + "\n"


def _first_line(text: str | None) -> str:
    return (text or "").partition("\n")[0]


def _keys() -> Iterator[str]:
    yield "| `connection.name` | Name of the connection. | | `main` |"
    for each in QUESTIONS:
        default = "needed where it applies" if each.required else f"`{toml_text(each.default)}`"
        choices = (
            f" One of: {', '.join(f'`{name}`' for name in each.choices if name)}." if each.choices else ""
        )
        meaning = f"{each.caption}. {each.help}{choices}".replace("|", "\\|")
        yield f"| `{each.key}` | {meaning} | `{each.step.value}` | {default if each.default or each.required else ''} |"
