"""How commands write the checks of a connection, and which exit code they give."""

from collections.abc import Iterable, Sequence

from interlace.bootstrap.connection_checks import Check, has_problem
from interlace.cli.exit_codes import ExitCode
from interlace.cli.output import Column, Output
from interlace.cli.spoken import said, t

COLUMNS = (
    Column(key="check", caption="Check"),
    Column(key="state", caption="State"),
    Column(key="message", caption="What was found"),
    Column(key="remedy", caption="What to do"),
)


def exit_code_of(checks: Sequence[Check]) -> ExitCode:
    """Refused credentials have an exit code of their own; every other problem is one of set-up."""
    if any(check.is_sign_in for check in checks):
        return ExitCode.SIGN_IN
    return ExitCode.CONFIGURATION if has_problem(checks) else ExitCode.OK


def show_checks(output: Output, checks: Iterable[Check]) -> None:
    """Write one line a check."""
    say = str if output.as_json else said
    rows = [
        {
            "check": say(check.subject),
            "state": check.state.value if output.as_json else t(check.state.value),
            "message": say(check.message),
            "remedy": say(check.remedy),
        }
        for check in checks
    ]
    output.rows(COLUMNS, rows, empty="Nothing to check.")
