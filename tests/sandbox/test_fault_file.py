"""Files of fault rules: what they say is read, and every mistake is named with its place and the remedy."""

from pathlib import Path

import pytest

from interlace.sandbox.fault_file import FaultFileError, parse_faults, read_fault_file
from interlace.sandbox.fault_rules import Arriving, FaultKind, FaultScript

RULE = '[[rule]]\nfault = "drop-answer"\n'


def struck(script: FaultScript, count: int, path: str = "/x/accounts", **more: str) -> list[int]:
    """Return the numbers, from 1, of the requests that a script strikes."""
    asked = Arriving(method=more.pop("method", "POST"), path=path, **more)  # type: ignore[arg-type]
    return [number for number in range(1, count + 1) if script.strike(asked).rule is not None]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("seed = ", "is no TOML"),
        ("sead = 1", "no key 'sead'; did you mean 'seed'? Keys: seed, spared_agent, rule"),
        ("seed = -1", "seed must be a whole number from 0 up"),
        ("rule = 3", "under the line [[rule]]"),
        ("[[rule]]\nevery = 1", "rule 1: fault is missing. Faults: latency,"),
        ('[[rule]]\nfault = "drop"\nevery = 1', "rule 1: fault can't be 'drop'"),
        (RULE, "exactly one of probability, every, requests; given: none of them"),
        (f"{RULE}every = 1\nprobability = 0.5", "given: probability and every"),
        (
            f"{RULE}probabilty = 1",
            "no key 'probabilty' in a rule of drop-answer; did you mean 'probability'?",
        ),
        (f"{RULE}every = 1\nstatus = 503", "no key 'status' in a rule of drop-answer"),
        (f"{RULE}probability = 1.5", "probability must be a number from 0 to 1, not 1.5"),
        (f"{RULE}every = 0", "every must be a whole number from 1 up, not 0"),
        (f"{RULE}every = true", "every must be a whole number from 1 up, not True"),
        (f"{RULE}requests = [0]", "requests must be a list of numbers of requests"),
        (f'{RULE}every = 1\nmethods = "POST"', "methods must be a list"),
        (f"{RULE}every = 1\npath = 3", "path must be a text, not 3"),
        (f'{RULE}name = "mine"\nevery = 1\ntimes = 0', "rule 1 (mine): times must be"),
        ('[[rule]]\nfault = "latency"\nevery = 1', "seconds is missing; a rule of latency needs it"),
        (
            '[[rule]]\nfault = "latency"\nevery = 1\nseconds = [2, 1]',
            "seconds must be a number from 0 up, or two",
        ),
        ('[[rule]]\nfault = "answer"\nevery = 1', "status is missing; a rule of answer needs it"),
        ('[[rule]]\nfault = "answer"\nevery = 1\nstatus = 700', "status must be from 100 to 599, not 700"),
        (
            '[[rule]]\nfault = "answer"\nevery = 1\nstatus = 500\neffect = "half"',
            "effect must be one of none, done",
        ),
    ],
)
def test_a_mistake_is_named_with_its_place(text: str, words: str) -> None:
    """The file, the rule and the key, and what is allowed there."""
    with pytest.raises(FaultFileError) as refused:
        parse_faults(text, "faults.toml")
    assert str(refused.value).startswith("faults.toml")
    assert words in str(refused.value)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    """A file that isn't there, and one that is no text."""
    with pytest.raises(FaultFileError, match="No such file"):
        read_fault_file(tmp_path / "none.toml")
    (tmp_path / "odd.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(FaultFileError, match="no UTF-8 text"):
        read_fault_file(tmp_path / "odd.toml")


@pytest.mark.parametrize(
    ("when", "numbers"),
    [
        ("every = 3", [3, 6, 9]),
        ("requests = [1, 4]", [1, 4]),
        ("every = 3\nafter = 1", [4, 7, 10]),
        ("every = 2\ntimes = 2", [2, 4]),
        ("probability = 0.0", []),
        ("probability = 1", list(range(1, 11))),
    ],
)
def test_a_rule_strikes_when_it_says(when: str, numbers: list[int]) -> None:
    """Every Nth, a list of numbers, after some, at most so often, and by chance."""
    assert struck(parse_faults(RULE + when, "f"), 10) == numbers


def test_chance_comes_from_the_seed() -> None:
    """The same seed strikes the same requests, another one others."""
    text = f"{RULE}probability = 0.3"
    runs = [struck(parse_faults(f"seed = {seed}\n{text}", "f"), 200) for seed in (5, 5, 6)]
    assert runs[0] == runs[1] != runs[2]
    assert 40 < len(runs[0]) < 80


def test_a_rule_meets_methods_paths_and_queries_and_spares_an_agent() -> None:
    """What does not match is neither struck nor counted."""
    script = parse_faults(
        f'spared_agent = "soak*"\n{RULE}every = 1\nmethods = ["patch"]\npath = "*/accounts*"\nquery = "*a=1*"',
        "f",
    )
    assert struck(script, 1, method="PATCH", query="a=1") == [1]
    assert struck(script, 1, method="POST", query="a=1") == []
    assert struck(script, 1, method="PATCH", query="a=2") == []
    assert struck(script, 1, path="/contacts", method="PATCH", query="a=1") == []
    assert struck(script, 1, method="PATCH", query="a=1", agent="soak-user/1") == []
    assert script.counts() == [{"name": "1 drop-answer", "fault": "drop-answer", "met": 1, "struck": 1}]
    assert script.summary() == "1 drop-answer"


def test_delays_add_up_and_the_first_other_rule_wins() -> None:
    """Two delays and two drops: both delays, one drop, and only what happened is counted."""
    script = parse_faults(
        '[[rule]]\nfault = "latency"\nevery = 1\nseconds = 0.5\n'
        '[[rule]]\nfault = "latency"\nevery = 1\nseconds = [0.25, 0.25]\n'
        f'{RULE}every = 1\n[[rule]]\nfault = "drop-request"\nevery = 1\n',
        "f",
    )
    strike = script.strike(Arriving(method="GET", path="/"))
    assert strike.delay_seconds == pytest.approx(0.75)
    assert strike.rule is not None
    assert strike.rule.kind is FaultKind.DROP_ANSWER
    assert [line["struck"] for line in script.counts()] == [1, 1, 1, 0]


def test_rules_of_notices_meet_notices_only() -> None:
    """A rule about notices leaves requests alone, and the other way round."""
    script = parse_faults(f'{RULE}every = 1\n[[rule]]\nfault = "lose-notice"\nevery = 2\npath = "/hook"', "f")
    assert [script.strike_notices(path) for path in ("/hook", "/other", "/hook", "/hook")] == [
        None,
        None,
        FaultKind.LOSE_NOTICE,
        None,
    ]
    script.is_on = False
    assert struck(script, 2) == []
