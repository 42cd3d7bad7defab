"""The measurement of match-based coupling: good criteria are good enough, and bad ones are told from them."""

import json

import pytest
from benchmarks.matching import CRITERIA, PRECISION_MIN, RECALL_MIN, Keepers, World, criteria, main, measure


@pytest.fixture(scope="module")
def world() -> World:
    """A small company, and an organization that grew apart from it."""
    return Keepers(7).world(600)


def test_two_fields_that_agree_find_most_pairs_and_hardly_a_wrong_one(world: World) -> None:
    """Every customer is coupled, ambiguous or unmatched."""
    found = measure(world, criteria())
    assert found.recall >= RECALL_MIN
    assert found.precision >= PRECISION_MIN
    assert found.coupled + found.ambiguous + found.unmatched == found.customers == 600


def test_a_single_field_couples_wrongly_and_is_seen_to(world: World) -> None:
    """A bookkeeper who looks after several firms has their e-mails."""
    found = measure(world, criteria((CRITERIA[0],)))
    assert found.precision < 1
    assert not found.is_enough


def test_what_is_measured_differs_in_every_way(world: World) -> None:
    """Else the figure would say less than it seems to; a copy of an account is never coupled by chance."""
    assert min(world.differences.values()) >= 5
    twice = {key for key, accounts in world.truth.items() if len(accounts) > 1}
    assert twice
    assert set(world.truth) - twice > {key for key, accounts in world.truth.items() if not accounts} > set()


def test_the_command_tells_and_ends_well(capsys: pytest.CaptureFixture[str]) -> None:
    """As text and as JSON, from the same seed the same."""
    assert main(["--customers", "300"]) == 0
    text = capsys.readouterr().out
    assert main(["--customers", "300", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert f"{told['coupled']:,} coupled" in text
    assert told["recall"] == told["right"] / told["with_account"]
