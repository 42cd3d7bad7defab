"""The service protection limits by themselves, in time that the tests set."""

from pathlib import Path

import pytest

from interlace.sandbox.exchange import Request
from interlace.sandbox.limit_choice import LimitsNotReadable, read_limits
from interlace.sandbox.limits import (
    CRM_PUBLISHED,
    ERP_PUBLISHED,
    Admission,
    LimitKind,
    LimitSettings,
    RequestLimits,
    Throttled,
)
from interlace.sandbox.service import operations_of


def ask(limits: RequestLimits, now: float, *, operations: int = 1, seconds: float = 0.0) -> float | Throttled:
    """Send one request; gives how long its answer is held back, or why there is none."""
    admission = limits.admit("someone", now, operations)
    if isinstance(admission, Admission):
        return limits.finish("someone", admission, seconds)
    return admission


def test_window_slides() -> None:
    """Each request is forgotten one window after it came, and only then there is room for another."""
    limits = RequestLimits(LimitSettings(requests=3, window_seconds=10.0))
    assert [ask(limits, now) for now in (0.0, 1.0, 2.0)] == [0.0, 0.0, 0.0]
    refused = ask(limits, 3.0)
    assert isinstance(refused, Throttled)
    assert (refused.kind, refused.retry_after_seconds) == (LimitKind.REQUESTS, 7)
    assert isinstance(ask(limits, 9.9), Throttled)
    assert ask(limits, 10.0) == 0.0
    assert isinstance(ask(limits, 10.5), Throttled)


def test_batch_counts_its_parts_as_execution_time() -> None:
    """A batch is one request, and takes the execution time of all its operations."""
    limits = RequestLimits(LimitSettings(execution_seconds=10.0, seconds_an_operation=0.05))
    assert ask(limits, 0.0, operations=100) == pytest.approx(5.0)
    requests, seconds = limits.remaining("someone", 0.0)
    assert requests == 5_999
    assert seconds == pytest.approx(5.0)
    ask(limits, 10.0, operations=100)
    refused = ask(limits, 20.0)
    assert isinstance(refused, Throttled)
    assert refused.kind is LimitKind.EXECUTION_TIME


def test_requests_too_soon_lengthen_the_penalty() -> None:
    """Whoever does not wait as asked is asked to wait longer; whoever finds room starts from nothing again."""
    limits = RequestLimits(LimitSettings(requests=1, window_seconds=20.0, penalty_seconds=5.0))
    ask(limits, 0.0)
    waits = []
    for now in (10.0, 12.0, 13.0, 14.0, 20.0, 21.0):
        refused = ask(limits, now)
        waits.append(refused.retry_after_seconds if isinstance(refused, Throttled) else None)
    assert waits == [10, 13, 17, 20, None, 19]


def test_too_many_at_once_are_refused_where_nothing_queues() -> None:
    """The fifty-third request of one user that runs at the same time is refused, a second user's is not."""
    limits = RequestLimits(LimitSettings(seconds_an_operation=1.0))
    assert all(ask(limits, 0.0) == 1.0 for _ in range(52))
    refused = ask(limits, 0.5)
    assert isinstance(refused, Throttled)
    assert (refused.kind, refused.retry_after_seconds) == (LimitKind.CONCURRENCY, 1)
    assert isinstance(limits.admit("another", 0.5), Admission)
    assert ask(limits, 1.0) == 1.0


def test_requests_queue_for_a_place_and_time_out() -> None:
    """Two run, two wait for them in turn, the next is refused; who waits too long gets nothing done."""
    limits = RequestLimits(
        LimitSettings(concurrent=2, queued=2, queue_seconds_max=5.0, seconds_an_operation=2.0)
    )
    assert [ask(limits, 0.0) for _ in range(4)] == [2.0, 2.0, 4.0, 4.0]
    refused = ask(limits, 0.0)
    assert isinstance(refused, Throttled)
    assert (refused.kind, refused.actual, refused.maximum) == (LimitKind.CONCURRENCY, 5, 4)
    assert ask(limits, 4.0, operations=10) == 20.0
    assert ask(limits, 4.0, operations=10) == 20.0
    refused = ask(limits, 5.0)
    assert isinstance(refused, Throttled)
    assert refused.kind is LimitKind.QUEUE_TIME


def test_long_operations_end_without_effect_and_late_answers_with_it() -> None:
    """Above the operation's time nothing is done; an answer above the gateway's time is lost, its work is not."""
    settings = LimitSettings(
        operation_seconds_max=8.0,
        gateway_seconds_max=10.0,
        concurrent=1,
        queued=5,
        seconds_an_operation=1.0,
    )
    limits = RequestLimits(settings)
    refused = ask(limits, 0.0, operations=9)
    assert isinstance(refused, Throttled)
    assert refused.kind is LimitKind.OPERATION_TIME
    assert limits.remaining("someone", 0.0)[0] == 6_000
    assert ask(limits, 0.0, operations=7) == 7.0
    late = ask(limits, 0.0, operations=7)
    assert isinstance(late, Throttled)
    assert (late.kind, late.held_seconds) == (LimitKind.GATEWAY_TIME, 10.0)
    assert limits.remaining("someone", 0.0)[0] == 5_998


def test_operations_are_counted_in_both_forms_of_batches() -> None:
    """A batch has as many operations as parts; everything else is one."""
    parts = b"--b\r\n\r\nPATCH /x HTTP/1.1\r\n\r\n{}\r\n--b\r\n\r\nGET /y HTTP/1.1\r\n\r\n--b--"
    multipart = Request(
        method="POST", path="$batch", headers={"content-type": "multipart/mixed; boundary=b"}, body=parts
    )
    listed = Request(
        method="POST",
        path="$batch",
        headers={"content-type": "application/json"},
        body=b'{"requests":[{"method":"GET","url":"a"},{"method":"GET","url":"b"},{"method":"GET","url":"c"}]}',
    )
    plain = Request(method="POST", path="accounts", body=b'{"method":"x"}')
    assert [operations_of(each) for each in (multipart, listed, plain)] == [2, 3, 1]


def test_limits_are_read_from_words_numbers_and_files(tmp_path: Path) -> None:
    """What is not named is as published; a file may leave a service out, which then has no limits."""
    assert read_limits("off", "crm") is None
    assert read_limits("published", "crm") is CRM_PUBLISHED
    assert read_limits("published", "erp") is ERP_PUBLISHED
    held = read_limits("requests=600,window_seconds=30", "erp")
    assert held is not None
    assert (held.requests, held.window_seconds, held.queued) == (600, 30.0, 95)
    file = tmp_path / "limits.toml"
    file.write_text("[crm]\nrequests = 60\n", encoding="utf-8")
    held = read_limits(str(file), "crm")
    assert held is not None
    assert held.requests == 60
    assert read_limits(str(file), "erp") is None


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("request=5", "names the limit 'request'"),
        ("requests=many", "no number"),
        ("requests=0", "at least 1"),
        ("window_seconds=-1", "at least 0"),
        ("missing.toml", "can't be read"),
    ],
)
def test_unreadable_limits_are_told(text: str, told: str) -> None:
    """The refusal names the part that can't be used."""
    with pytest.raises(LimitsNotReadable, match=told):
        read_limits(text, "crm")
