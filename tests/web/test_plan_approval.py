"""The approval of a plan on its page, and the page of the rules: who sees which form, and what it sends."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from tests.web.accounts_desk import Place
from tests.web.canned_desk import canned_app, sample

from interlace.management.approvals import ChangeRules, RulesShown
from interlace.management.caller import Caller
from interlace.management.connections import ConnectionChanged, OneConnection
from interlace.management.plan_rules import RecordOfRule, RuleOfPlan
from interlace.management.plans import DecideOnPlan, OnePlan, PlanBegun, PlanShown

RULE = "changes of CUSTOMER.Credit_Limit_LCY"


class Desk:
    """Answers with one plan and one set of rules, and notes what is asked."""

    def __init__(self) -> None:
        self.decided: list[tuple[str, DecideOnPlan]] = []
        self.changed: list[ChangeRules] = []
        self.why_not = "It falls under approval rules."
        self.rules = RulesShown(fields=("CUSTOMER.Credit_Limit_LCY",), deletions_percent=5)

    async def show(self, _caller: Caller, _asked: OnePlan) -> PlanShown:
        """Show a plan that waits."""
        record = RecordOfRule(
            number=1, source_key="C00010", record_key="C00010", from_crm=False, before="50000", after="75000"
        )
        rule = RuleOfPlan(rule=RULE, kind="field", mapping="CUSTOMER", count=3, of=0, records=(record,))
        plan: PlanShown = sample(PlanShown)
        return msgspec.structs.replace(
            plan,
            id="p1",
            state="waiting",
            why_not=self.why_not,
            made_by="ada",
            content="c1",
            rules=(rule,),
            decision="",
        )

    async def approve(self, _caller: Caller, asked: DecideOnPlan) -> PlanBegun:
        """Note an approval."""
        self.decided.append(("approve", asked))
        return PlanBegun(plan_id=asked.plan_id)

    async def reject(self, _caller: Caller, asked: DecideOnPlan) -> PlanBegun:
        """Note a rejection."""
        self.decided.append(("reject", asked))
        return PlanBegun(plan_id=asked.plan_id)

    async def shown_rules(self, _caller: Caller, _asked: OneConnection) -> RulesShown:
        """Tell the rules."""
        return self.rules

    async def change(self, _caller: Caller, asked: ChangeRules) -> ConnectionChanged:
        """Note other rules."""
        self.changed.append(asked)
        return ConnectionChanged(message="Kept.")


@pytest.fixture
def desk() -> Desk:
    """What is asked."""
    return Desk()


@pytest.fixture
def place(tmp_path: Path, desk: Desk) -> Iterator[Place]:
    """Accounts, and a web client on the desk."""
    works = {
        "plans.show": desk.show,
        "plans.approve": desk.approve,
        "plans.reject": desk.reject,
        "approvals.show": desk.shown_rules,
        "approvals.change": desk.change,
    }
    held, _ = canned_app(tmp_path, works_of=works)
    yield held
    held.close()


async def test_another_user_decides_on_the_page_of_the_plan(place: Place, desk: Desk) -> None:
    """He sees rule, record and both values; either button sends the note and the content that was seen."""
    await place.add("tane", "INTERLACE APPROVE")
    async with place.signed_in("tane") as browser:
        page = (await browser.get("/plans/p1")).text
        sent = {"plan_id": "p1", "content": "c1", "note": "Agreed", "return_to": "/plans/p1"}
        answers = [await browser.post(f"/do/plans/{verb}", data=sent) for verb in ("approve", "reject")]
    assert f">{RULE}<" in page
    assert "C00010</a>: <del>50000</del> → <ins>75000</ins>" in page
    assert 'href="/plans/p1?filters.mapping=%27CUSTOMER%27">3</a>' in page
    assert 'action="/do/plans/approve"' in page
    assert 'formaction="/do/plans/reject"' in page
    assert 'name="content" value="c1"' in page
    assert "Nothing is written before another user has approved the plan" in page
    assert [each.status_code for each in answers] == [303, 303]
    asked = DecideOnPlan(plan_id="p1", content="c1", note="Agreed")
    assert desk.decided == [("approve", asked), ("reject", asked)]


async def test_what_is_approved_can_only_be_rejected(place: Place, desk: Desk) -> None:
    """Nobody approves it twice."""
    desk.why_not = ""
    await place.add("tane", "INTERLACE APPROVE")
    async with place.signed_in("tane") as browser:
        page = (await browser.get("/plans/p1")).text
    assert [caption in page for caption in (">Approve</button>", ">Reject</button>")] == [False, True]


async def test_who_made_a_plan_has_no_form_for_it(place: Place) -> None:
    """He reads that another user decides; who may not approve has no form either."""
    await place.add("ada", "INTERLACE ADMIN")
    await place.add("bo", "INTERLACE SYNCHRONIZE")
    pages = []
    for name in ("ada", "bo"):
        async with place.signed_in(name) as browser:
            pages.append((await browser.get("/plans/p1")).text)
    assert ["You made this plan, so another user decides on it." in each for each in pages] == [True, False]
    assert [each for each in pages if "/do/plans/approve" in each] == []
    assert all("C00010</a>" in each for each in pages)


async def test_approving_asks_for_the_password_again(place: Place, desk: Desk) -> None:
    """Whoever sits down at a screen that somebody left does not approve in his name."""
    await place.add("tane", "INTERLACE APPROVE")
    async with place.signed_in("tane") as browser:
        place.clock.forward(minutes=6)
        answer = await browser.post("/do/plans/approve", data={"plan_id": "p1", "content": "c1"})
    assert answer.headers["location"].startswith("/sign-in/again?return_to=")
    assert desk.decided == []


async def test_rules_are_changed_by_who_may_administer(place: Place, desk: Desk) -> None:
    """Others read them; everybody reads that the rules hold plans and no runs."""
    await place.add("ada", "INTERLACE ADMIN")
    await place.add("bo", "INTERLACE SETUP")
    async with place.signed_in("bo") as browser:
        read = (await browser.get("/connection/approvals")).text
    async with place.signed_in("ada") as browser:
        page = (await browser.get("/connection/approvals")).text
        sent = {"fields": ["CUSTOMER.Credit_Limit_LCY", ""], "deletions_percent": "7", "changes_percent": ""}
        await browser.post("/do/approvals/change", data={**sent, "return_to": "/connection/approvals"})
    assert "/do/approvals/change" not in read
    assert "<dd>CUSTOMER.Credit_Limit_LCY</dd>" in read
    assert "5%" in read
    assert ["The rules hold plans, not runs" in each for each in (read, page)] == [True, True]
    assert 'name="fields" value="CUSTOMER.Credit_Limit_LCY" checked' in page
    assert desk.changed == [
        ChangeRules(fields=("CUSTOMER.Credit_Limit_LCY", ""), deletions_percent="7", changes_percent="")
    ]


async def test_a_connection_without_rules_says_so(place: Place, desk: Desk) -> None:
    """Whoever may not change them is not left with a blank page."""
    desk.rules = RulesShown(fields=())
    await place.add("bo", "INTERLACE VIEW")
    async with place.signed_in("bo") as browser:
        page = (await browser.get("/connection/approvals")).text
    assert "There is no approval rule" in page
