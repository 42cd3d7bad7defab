"""Write the reference page of the CRM solution from its source files; `reference_pages` calls it."""

from collections.abc import Iterator

from interlace.solution.model import Column, Role, Solution, Table
from interlace.solution.source_files import read_sources

_VERBS = ("Create", "Read", "Write", "Delete", "AppendTo", "Append", "Assign", "Share")

_OPENING = """# The CRM solution

What the package brings that Interlace imports into Dynamics 365 Sales (`interlace solution`), and why. How to import
it: [Import the solution](../how-to/import-the-solution.md). Its sources are plain files in
`src/interlace/solution/sources`; `interlace solution build` makes the zip of them, the same bytes everywhere.

This page is written from those files (`python -m tools.reference_pages`).

## How the package is checked

`interlace solution build` holds both XML documents of the zip against schemas (`src/interlace/solution/schema`), and
against each other for what an import would refuse. **These schemas are our own reading of the published one**: they
describe the part that Interlace writes, in the order and by the names that the documentation gives and exports show.
They are not Microsoft's `CustomizationsSolution.xsd`, and no organization of Dynamics 365 has imported this package
yet; the embedded CRM, which does, was written by the same people. What only the service itself can refuse shows at
the first import, with its reason for each component. Import it in a sandbox organization first. Why it is built so:
[decision 0018](../decisions/0018-the-solution-is-built-from-plain-files.md).
"""

_COLUMNS = """
The columns `ilc_companyid`, `ilc_erptable` and `ilc_erpkey` name the record of the ERP that a record stands for:
company, table and key. Together they are the alternate key `ilc_erprecord`, so that the CRM itself refuses a second
record for the same partner. Nothing else of the CRM's own tables is touched.
"""

_ROLES = """
All privileges are organization-wide (depth *Global*). *Interlace Integration User* and *Interlace Integration
Administrator* are given to the account that Interlace works with, by `interlace solution import`. *Interlace
Availability User* is for people who sell: give it by hand.
"""


def solution_page() -> str:
    """Return the page."""
    solution = read_sources()
    return "\n".join(
        [
            _OPENING,
            *_identity(solution),
            "",
            "## Columns on tables of the CRM",
            "",
            _COLUMNS.strip(),
            "",
            *_extended(solution),
            *(line for table in solution.tables if table.is_new for line in _new_table(table)),
            "",
            "## Roles",
            "",
            _ROLES.strip(),
            *(line for role in solution.roles for line in _role(role)),
            "",
            "## Pages",
            "",
            "| web resource | what it is |",
            "|---|---|",
            *(f"| `{each.name}` | {each.display_name} |" for each in solution.web_resources),
            "",
            *_buttons(solution),
            "",
        ]
    )


def _identity(solution: Solution) -> Iterator[str]:
    publisher = solution.publisher
    yield "| | |"
    yield "|---|---|"
    yield f"| solution | `{solution.unique_name}` ({solution.friendly_name}), managed |"
    yield f"| version | {solution.version} |"
    yield f"| publisher | `{publisher.unique_name}` ({publisher.friendly_name}) |"
    yield f"| prefix | `{publisher.prefix}_`, option values from {publisher.option_value_prefix} |"


def _extended(solution: Solution) -> Iterator[str]:
    yield "| table | added columns |"
    yield "|---|---|"
    for table in sorted(solution.tables, key=lambda table: table.name):
        if not table.is_new:
            columns = ", ".join(f"`{column.name}`" for column in table.columns)
            yield f"| `{table.name}` | {columns} |"


def _new_table(table: Table) -> Iterator[str]:
    tracked = "Changes are tracked." if table.change_tracking else "Changes are not tracked."
    yield ""
    yield f"## Table {table.name}"
    yield ""
    yield f"{table.description} Set `{table.set_name}`; owned by the organization. {tracked}"
    yield ""
    yield "| column | caption | type |"
    yield "|---|---|---|"
    for column in table.columns:
        yield f"| `{column.name}` | {column.display_name} | {_type(column)} |"


def _type(column: Column) -> str:
    if column.max_length:
        return f"text, {column.max_length} characters"
    if column.target:
        return f"lookup to `{column.target.lower()}`"
    return column.type.value.replace("_", " ")


def _role(role: Role) -> Iterator[str]:
    rights: dict[str, list[str]] = {}
    for name in role.privileges:
        verb = next((verb for verb in _VERBS if name.startswith(f"prv{verb}")), "")
        rights.setdefault(name.removeprefix(f"prv{verb}") if verb else name, []).append(verb)
    yield ""
    yield f"### {role.name}"
    yield ""
    yield role.description
    yield ""
    yield "| table, as privileges call it | rights |"
    yield "|---|---|"
    for table, verbs in rights.items():
        yield f"| `{table}` | {', '.join(sorted(filter(None, verbs), key=_VERBS.index)) or 'yes'} |"


def _buttons(solution: Solution) -> Iterator[str]:
    for table in solution.tables:
        for button in table.buttons:
            yield f"The form of `{table.name}` gets the button *{button.label}*. {button.tooltip}"
