"""`interlace plans`: plans that are kept, shown, applied, stopped and removed at the command line."""

import pytest
from tests.cli.both_ends import Interlace

from interlace.cli.exit_codes import ExitCode


def test_a_plan_is_kept_shown_applied_and_removed(synchronized: Interlace) -> None:
    """It is the same one for every command, and tells what became of it; what would fail is told with its reason."""
    assert "No plan is kept" in synchronized("plans", "list").err
    made = synchronized("plan", "CUSTOMER", "--full", "--keep", "--json")
    assert made.code == ExitCode.CHANGES_PENDING
    plan = made.objects[-1]
    assert (plan["state"], plan["for"]) == ("ready", "CUSTOMER")
    # What the CRM refuses is planned anew each time; what nobody can couple is left out.
    assert plan["writes"] > 0
    assert plan["left"] > 0
    [listed] = synchronized("plans", "list", "--json").objects
    assert listed == plan
    assert synchronized("plans", "list", "--filter", "state=ready|failed", "--json").objects == [plan]
    assert synchronized("plans", "list", "--filter", "mapping=CONTACT", "--json").objects == []
    assert plan["unchanged"] > 0
    shown = synchronized("plans", "show", plan["id"], "--actions")
    assert "Unchanged" in shown.out
    assert "fail CUSTOMER" in shown.out
    told = synchronized("plans", "show", plan["id"], "--actions", "--json").objects
    assert len(told) == 1 + plan["writes"] + plan["left"]
    written = [each for each in told[1:] if each["action"] not in {"skip", "conflict", "fail"}]
    chosen = ("--record", str(written[0]["number"]))
    assert "1 of" in synchronized("plans", "leave-out", plan["id"], *chosen).err
    [listed] = synchronized("plans", "list", "--json").objects
    assert (listed["writes"], listed["left_out"]) == (plan["writes"] - 1, 1)
    assert "-> left out" in synchronized("plans", "show", plan["id"], "--actions").out
    [whole] = synchronized("plans", "take-in", plan["id"], "--mapping", "CUSTOMER", "--json").objects
    assert whole == plan
    assert synchronized("plans", "leave-out", plan["id"]).code == ExitCode.CONFIGURATION
    assert synchronized("plans", "stop", plan["id"]).code == ExitCode.CONFIGURATION
    assert synchronized("apply", plan["id"]).code == ExitCode.REMAINING
    [applied] = synchronized("plans", "list", "--json").objects
    assert (applied["state"], applied["applied"]) == ("applied", 0)
    assert applied["refused"] + applied["failed"] == plan["writes"]
    assert applied["applied_by"]
    assert "-> failed" in synchronized("plans", "show", plan["id"], "--actions").out
    again = synchronized("apply", plan["id"])
    assert again.code != ExitCode.OK
    assert "applied meanwhile" in again.err
    assert synchronized("plans", "remove", plan["id"]).code == ExitCode.OK
    gone = synchronized("plans", "show", plan["id"])
    assert gone.code == ExitCode.CONFIGURATION
    assert "plans list" in gone.err


def test_what_could_not_be_planned_is_kept_with_the_reason(synchronized: Interlace) -> None:
    """An undo of nothing is told at once, and stands on the list as one that could not be made."""
    ended = synchronized("undo", "nobody wrote this", "--keep")
    assert ended.code == ExitCode.CONFIGURATION
    assert "nobody wrote this" in ended.err
    [plan] = synchronized("plans", "list", "--json").objects
    assert (plan["kind"], plan["state"], plan["for"]) == ("undo", "failed", "nobody wrote this")
    assert "nobody wrote this" in synchronized("plans", "show", plan["id"]).err


@pytest.mark.parametrize(
    "arguments",
    [
        ("plan", "--keep", "--out", "it.plan"),
        ("undo", "C00010", "--keep", "--yes"),
        ("plan", "SALESORDER-ORDER", "--keep"),
    ],
)
def test_what_contradicts_itself_is_refused(synchronized: Interlace, arguments: tuple[str, ...]) -> None:
    """A plan goes to one place, and orders are decided one by one."""
    assert synchronized(*arguments).code == ExitCode.CONFIGURATION
    assert "No plan is kept" in synchronized("plans", "list").err
