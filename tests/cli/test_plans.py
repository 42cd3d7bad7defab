"""`interlace plans`: plans that are kept, shown, applied, stopped and removed at the command line."""

import os
import pwd

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


def run_by(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Let the machine know the user who runs commands by this name."""
    known = pwd.struct_passwd((name, *pwd.getpwuid(os.getuid())[1:]))
    monkeypatch.setattr(pwd, "getpwuid", lambda _: known)


def test_a_plan_under_a_rule_is_approved_by_another_user(
    synchronized: Interlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each command tells it: what waits and why, whose it is, what was seen, and what was decided."""
    run_by(monkeypatch, "ana")
    rules = synchronized("approvals", "set", "--field", "customer.name", "--deletions", "5", "--json").only
    assert rules == {"fields": ["CUSTOMER.Name"], "deletions_percent": 5, "changes_percent": None}
    assert synchronized("approvals", "show", "--json").only == rules
    made = synchronized("plan", "CUSTOMER", "--full", "--keep")
    assert "Approval rule: changes of CUSTOMER.Name. Records: " in made.err
    [plan] = synchronized("plans", "list", "--filter", "state=waiting", "--json").objects
    assert (plan["state"], plan["made_by"], plan["rules"]) == ("waiting", "ana", ["changes of CUSTOMER.Name"])
    refused = synchronized("apply", plan["id"])
    assert refused.code == ExitCode.CONFIGURATION
    assert "a user other than ana" in refused.err
    seen = ("--content", plan["content"])
    # Who calls himself another is none.
    monkeypatch.setenv("LOGNAME", "tane")
    assert synchronized("plans", "approve", plan["id"], *seen).code == ExitCode.SIGN_IN
    run_by(monkeypatch, "tane")
    assert synchronized("plans", "approve", plan["id"], "--content", "x").code == ExitCode.CONFIGURATION
    rejected = synchronized("plans", "reject", plan["id"], *seen, "--note", "Not now", "--json").only
    assert (rejected["state"], rejected["decision"], rejected["decided_by"]) == (
        "rejected",
        "rejected",
        "tane",
    )
    told = synchronized("plans", "show", plan["id"]).err
    assert "Rejected by tane at " in told
    assert "tane rejected it: Not now" in told
    assert "can be applied now" in synchronized("plans", "approve", plan["id"], *seen).err
    assert "Approved by tane at " in synchronized("plans", "show", plan["id"]).err
    run_by(monkeypatch, "ana")
    assert synchronized("apply", plan["id"]).code == ExitCode.REMAINING


def test_rules_are_named_or_taken_away_in_so_many_words(synchronized: Interlace) -> None:
    """Nothing named is no wish to have none; what can't be a rule is told with what can."""
    assert synchronized("approvals", "set").code == ExitCode.CONFIGURATION
    assert synchronized("approvals", "set", "--none", "--changes", "5").code == ExitCode.CONFIGURATION
    unknown = synchronized("approvals", "set", "--field", "CUSTOMER.Nothing")
    assert unknown.code == ExitCode.CONFIGURATION
    assert "Credit_Limit_LCY" in unknown.err
    assert synchronized("approvals", "set", "--changes", "5").code == ExitCode.OK
    assert "There is no approval rule" in synchronized("approvals", "set", "--none").err


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
