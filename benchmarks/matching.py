"""How well match-based coupling finds what belongs together: a company and an organization that grew apart.

A figure of quality, not of time: `python -m benchmarks.matching`. Who belongs to whom is known, for the accounts are
made from the customers; the differences are those that people make in years of keeping one firm twice.
"""

import argparse
import json
import random
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from interlace.bootstrap.match_settings import MATCHING, matching_of
from interlace.domain.match_criteria import MatchCriterion, match_records
from interlace.lead_to_cash.customer_and_account import CUSTOMER_MAPPING
from interlace.sandbox.erp.seed_company.customers import CustomerBook

CUSTOMERS: Final = 5_000
RECALL_MIN: Final = 0.80
PRECISION_MIN: Final = 0.99
CRITERIA: Final = (
    ("E_Mail", "emailaddress1", 1),
    ("Name", "name", 1),
    ("Name", "name", 2),
    ("Post_Code", "address1_postalcode", 2),
    ("E_Mail", "emailaddress1", 3),
    ("Post_Code", "address1_postalcode", 3),
    ("Phone_No", "telephone1", 4),
    ("Post_Code", "address1_postalcode", 4),
)
"""What an administrator would choose: two fields that agree, the surest first."""
DIFFERENCES: Final[Mapping[str, float]] = {
    "name: another legal form, or none": 0.12,
    "name: in capitals": 0.10,
    "name: a typing error": 0.06,
    "name: the firm was renamed": 0.03,
    "e-mail: blank": 0.25,
    "e-mail: another mailbox": 0.12,
    "phone: blank": 0.15,
    "phone: written in another way": 0.30,
    "phone: a new number": 0.10,
    "address: moved": 0.05,
    "account: there is none": 0.05,
    "account: entered twice": 0.02,
}
"""In how many of the customers their account differs so."""
STRANGERS: Final = 0.10
"""Accounts of firms that are no customers."""
BRANCHES: Final = 0.03
"""Customers that are a branch of the one before: its name, e-mail and phone, in a town of its own."""
AGENCIES: Final = 0.01
"""Accounts of no customer that have the e-mail and the phone of one: the bookkeeper keeps both."""

Fields = dict[str, str]


@dataclass(slots=True, kw_only=True)
class World:
    """Both tables, and who belongs to whom."""

    customers: dict[str, Fields] = field(default_factory=dict)
    accounts: dict[str, Fields] = field(default_factory=dict)
    truth: dict[str, set[str]] = field(default_factory=dict)
    """The accounts of each customer; two where somebody entered it twice."""
    differences: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True, kw_only=True)
class Quality:
    """What came of the criteria."""

    customers: int
    with_account: int
    coupled: int
    right: int
    ambiguous: int
    unmatched: int

    @property
    def recall(self) -> float:
        """Which share of the customers that have an account was coupled with it."""
        return self.right / self.with_account

    @property
    def precision(self) -> float:
        """Which share of what was coupled is right."""
        return self.right / self.coupled if self.coupled else 1.0

    @property
    def is_enough(self) -> bool:
        """Tell whether it saves the work without making another."""
        return self.recall >= RECALL_MIN and self.precision >= PRECISION_MIN


class Keepers:
    """The people who kept the accounts."""

    def __init__(self, seed: int) -> None:
        self._dice = random.Random(seed)  # noqa: S311 - variety, no secret
        self._book = CustomerBook(seed, troublemakers=False)
        self._seen: Counter[str] = Counter()

    def world(self, size: int) -> World:
        """Make both tables."""
        world = World(differences=self._seen)
        before: Fields = {}
        for index in range(size):
            customer = self._customer(index)
            if before and self._dice.random() < BRANCHES:
                customer |= {name: before[name] for name in ("Name", "E_Mail", "Phone_No")}
            world.customers[customer["No"]] = before = customer
            copies = 0 if self._so("account: there is none") else 1 + self._so("account: entered twice")
            keys = {f"{customer['No']}-{copy}" for copy in range(copies)}
            for key in sorted(keys):
                world.accounts[key] = self._account(customer)
            world.truth[customer["No"]] = keys
            if self._dice.random() < AGENCIES:
                agency = _account_of(self._customer(3 * size + index))
                world.accounts[f"agency-{index}"] = agency | {
                    "emailaddress1": customer["E_Mail"],
                    "telephone1": customer["Phone_No"],
                }
        for index in range(size, size + round(STRANGERS * size)):
            world.accounts[f"stranger-{index}"] = _account_of(self._customer(index))
        return world

    def _customer(self, index: int) -> Fields:
        return {name: str(value) for name, value in self._book.customer(index).record.items()}

    def _account(self, customer: Fields) -> Fields:
        account = _account_of(customer)
        if self._so("name: another legal form, or none"):
            account["name"] = account["name"].rpartition(" ")[0] or account["name"]
        if self._so("name: a typing error"):
            account["name"] = self._mistyped(account["name"])
        if self._so("name: in capitals"):
            account["name"] = account["name"].upper()
        other = self._customer(self._dice.randrange(1_000_000, 2_000_000))
        if self._so("name: the firm was renamed"):
            account["name"] = other["Name"]
        if self._so("e-mail: blank"):
            account["emailaddress1"] = ""
        elif self._so("e-mail: another mailbox"):
            account["emailaddress1"] = account["emailaddress1"].replace("info@", "sales@")
        if self._so("phone: blank"):
            account["telephone1"] = ""
        elif self._so("phone: written in another way"):
            account["telephone1"] = "00" + "".join(each for each in account["telephone1"] if each.isdigit())
        elif self._so("phone: a new number"):
            account["telephone1"] = other["Phone_No"]
        if self._so("address: moved"):
            account["address1_postalcode"] = other["Post_Code"]
        return account

    def _so(self, difference: str) -> bool:
        is_so = self._dice.random() < DIFFERENCES[difference]
        self._seen[difference] += is_so
        return is_so

    def _mistyped(self, name: str) -> str:
        place = self._dice.randrange(1, len(name) - 1)
        return name[:place] + name[place + 1] + name[place] + name[place + 2 :]


def _account_of(customer: Fields) -> Fields:
    return {crm_field: customer[erp_field] for erp_field, crm_field, _ in CRITERIA}


def criteria(
    named: Sequence[tuple[str, str, int]] = CRITERIA,
) -> tuple[MatchCriterion, ...]:
    """Return criteria as the mapping's settings hold them."""
    chosen = [
        {"erp_field": erp_field, "crm_field": crm_field, "priority": priority}
        for erp_field, crm_field, priority in named
    ]
    return matching_of({MATCHING: {"criteria": chosen}}, CUSTOMER_MAPPING).criteria


def measure(world: World, chosen: Sequence[MatchCriterion]) -> Quality:
    """Match both tables, and compare with the truth."""
    matches = match_records(
        {key: [each[named.erp_field] for named in chosen] for key, each in world.customers.items()},
        {key: [each[named.crm_field] for named in chosen] for key, each in world.accounts.items()},
        chosen,
    )
    return Quality(
        customers=len(world.customers),
        with_account=sum(bool(each) for each in world.truth.values()),
        coupled=len(matches.pairs),
        right=sum(each.crm_key in world.truth[each.erp_key] for each in matches.pairs),
        ambiguous=len(matches.ambiguous),
        unmatched=len(matches.unmatched),
    )


def lines(world: World, found: Quality) -> Iterator[str]:
    """Say what was found, and in what."""
    yield f"{found.customers:,} customers, {found.with_account:,} of them with an account among {len(world.accounts):,}"
    for difference, number in world.differences.items():
        yield f"  {number:>6,}  {difference}"
    yield f"{found.coupled:,} coupled, {found.right:,} of them rightly"
    yield f"{found.ambiguous:,} ambiguous, {found.unmatched:,} unmatched"
    yield f"found: {found.recall:.1%} of those that have an account (at least {RECALL_MIN:.0%})"
    yield f"right: {found.precision:.2%} of those coupled (at least {PRECISION_MIN:.0%})"


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and tell; 1 where it is not enough."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.matching", description=__doc__)
    parser.add_argument("--customers", type=int, default=CUSTOMERS)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true", help="print one JSON record")
    chosen = parser.parse_args(arguments)
    world = Keepers(chosen.seed).world(chosen.customers)
    found = measure(world, criteria())
    if chosen.json:
        told = {name: getattr(found, name) for name in found.__dataclass_fields__}
        print(json.dumps(told | {"recall": found.recall, "precision": found.precision}))
    else:
        print("\n".join(lines(world, found)))
    return 0 if found.is_enough else 1


if __name__ == "__main__":
    sys.exit(main())
