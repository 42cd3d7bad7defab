"""Batches in both spellings: what clients send, what servers answer, and a mail parser as judge."""

from __future__ import annotations

import contextlib
import json
from email import message_from_bytes
from email.message import Message

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interlace.odata import json_batch, multipart_batch
from interlace.odata.batch import (
    BatchAnswer,
    BatchItem,
    BatchRequest,
    BatchResponse,
    ChangeSet,
    ChangeSetResponse,
    Correlation,
    Target,
    correlate,
    requests_of,
    resolve_references,
    target_of,
)
from interlace.odata.protocol_error import BatchSyntaxError

ROOT = "/api/data/v9.2/"


def _body(text: str) -> bytes:
    return text.replace("\n", "\r\n").encode()


# --- multipart requests as clients send them

CRM_BATCH = _body(
    """
--batch_1
Content-Type: multipart/mixed; boundary="batch_12"

--batch_12
Content-Type: application/http
Content-Transfer-Encoding: binary
Content-ID: 1

POST http://h/api/data/v9.2/accounts HTTP/1.1
Content-Type: application/json; type=entry
X-Folded: a
 b

{"name":"Möbel"}
--batch_12
Content-Type: application/http
Content-ID: 2

PATCH $1 HTTP/1.1
If-Match: *

{"telephone1":"5"}

--batch_12--

--batch_1
Content-Type: application/http
Content-Transfer-Encoding: binary

GET /api/data/v9.2/accounts?$filter=name eq 'a b HTTP/ c'&$top=1 HTTP/1.1
Accept: application/json

--batch_1

DELETE accounts(5) HTTP/1.1
--batch_1--
text behind the end
"""
)


def test_crm_batch_is_read() -> None:
    """Empty line in front, quoted inner boundary that begins like the outer one, blanks in the address."""
    items = multipart_batch.parse_batch("multipart/mixed;boundary=batch_1", CRM_BATCH)
    changes, reading, deletion = items
    assert isinstance(changes, ChangeSet)
    first, second = changes.requests
    assert (first.method, first.content_id, json.loads(first.body)) == ("POST", "1", {"name": "Möbel"})
    assert first.headers == {"content-type": "application/json; type=entry", "x-folded": "a b"}
    assert (second.url, second.headers, second.body) == ("$1", {"if-match": "*"}, b'{"telephone1":"5"}')
    assert isinstance(reading, BatchRequest)
    assert target_of(reading.url, ROOT) == Target("accounts", "$filter=name eq 'a b HTTP/ c'&$top=1")
    assert isinstance(deletion, BatchRequest)
    assert (deletion.method, deletion.url, deletion.body) == ("DELETE", "accounts(5)", b"")
    assert [each.method for each in requests_of(items)] == ["POST", "PATCH", "GET", "DELETE"]


def test_line_feeds_alone_are_accepted() -> None:
    """Hand-written batches often lack carriage returns."""
    plain = CRM_BATCH.replace(b"\r\n", b"\n")
    content_type = 'multipart/mixed; charset=utf-8; Boundary="batch_1"'
    assert multipart_batch.parse_batch(content_type, plain) == multipart_batch.parse_batch(
        content_type, CRM_BATCH
    )


def test_content_length_and_inner_content_id_are_honoured() -> None:
    """A length cuts the body; a content id may stand with the request's own headers."""
    body = _body(
        "--b\nContent-Type: application/http\n\n"
        "POST a HTTP/1.1\nContent-Length: 2\nContent-ID: 7\n\n{} and more\n--b--"
    )
    (item,) = multipart_batch.parse_batch("multipart/mixed; boundary=b", body)
    assert isinstance(item, BatchRequest)
    assert (item.body, item.content_id) == (b"{}", "7")
    longer = body.replace(b"Length: 2", b"Length: 99")
    (whole,) = multipart_batch.parse_batch("multipart/mixed; boundary=b", longer)
    assert isinstance(whole, BatchRequest)
    assert whole.body == b"{} and more"


def test_request_line_without_version_and_latin_letters() -> None:
    """A missing version and bytes that are no UTF-8 do not stop the reading."""
    body = b"--b\r\nContent-Type: application/http\r\n\r\nget a('\xe4')\r\nX: \xe4\r\n\r\n--b--"
    (item,) = multipart_batch.parse_batch("multipart/mixed; boundary=b", body)
    assert isinstance(item, BatchRequest)
    assert (item.method, item.url, item.headers) == ("GET", "a('ä')", {"x": "ä"})
    assert multipart_batch.parse_batch("multipart/mixed; boundary=b", b"--b--") == ()
    assert multipart_batch.parse_batch("multipart/mixed; boundary=b", b"--bc\r\n--b--") == ()


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/json", b"{}"),
        ("multipart/mixed", b"--b--"),
        ("multipart/mixed; boundary=b", b""),
        ("multipart/mixed; boundary=b", b"--c\r\n\r\n--c--"),
        ("multipart/mixed; boundary=b", CRM_BATCH[:200].replace(b"batch_1", b"b")),
        (
            "multipart/mixed; boundary=b",
            b"--b\r\nContent-Type: text/plain\r\n\r\nGET a HTTP/1.1\r\n\r\n--b--",
        ),
        ("multipart/mixed; boundary=b", b"--b\r\nno header\r\n\r\nGET a HTTP/1.1\r\n\r\n--b--"),
        ("multipart/mixed; boundary=b", b"--b\r\n\r\nGET\r\n\r\n--b--"),
        ("multipart/mixed; boundary=b", b"--b\r\n\r\n\r\n--b--"),
        ("multipart/mixed; boundary=b", b"--bc\r\n\r\nGET a HTTP/1.1\r\n\r\n"),
        (
            "multipart/mixed; boundary=b",
            _body(
                "--b\nContent-Type: multipart/mixed; boundary=c\n\n"
                "--c\nContent-Type: multipart/mixed; boundary=d\n\n--d--\n--c--\n--b--"
            ),
        ),
    ],
)
def test_broken_batches_are_refused(content_type: str, body: bytes) -> None:
    """Cut off, mixed up or nested too deeply: an error, never half a batch."""
    with pytest.raises(BatchSyntaxError):
        multipart_batch.parse_batch(content_type, body)


@pytest.mark.parametrize("line", ["HTTP/1.1 abc", "HTTP/1.1", "204 No Content"])
def test_broken_status_lines_are_refused(line: str) -> None:
    """An answer without a status is an error."""
    body = _body(f"--b\nContent-Type: application/http\n\n{line}\n\n--b--")
    with pytest.raises(BatchSyntaxError):
        multipart_batch.parse_batch_response("multipart/mixed; boundary=b", body)


# --- round trips and the judge

TEXT = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zs", "Zl", "Zp")), min_size=1, max_size=12
)
IDS = st.from_regex(r"[a-z0-9]{1,6}", fullmatch=True)
BODIES = st.one_of(
    st.just(b""), st.dictionaries(TEXT, TEXT, max_size=3).map(lambda value: json.dumps(value).encode())
)
HEADERS = st.dictionaries(
    st.sampled_from(["if-match", "content-type", "prefer"]), st.just("application/json"), max_size=2
)


def _requests(content_id: st.SearchStrategy[str | None]) -> st.SearchStrategy[BatchRequest]:
    return st.builds(
        BatchRequest,
        method=st.sampled_from(["GET", "POST", "PATCH", "DELETE"]),
        url=TEXT.map(lambda text: f"accounts({text})?$filter=a eq b"),
        headers=HEADERS,
        body=BODIES,
        content_id=content_id,
    )


ITEMS: st.SearchStrategy[list[BatchItem]] = st.lists(
    st.one_of(
        _requests(st.none() | IDS),
        st.lists(_requests(IDS), min_size=1, max_size=3).map(
            lambda members: ChangeSet(requests=tuple(members))
        ),
    ),
    max_size=4,
)
RESPONSES = st.builds(
    BatchResponse,
    status=st.sampled_from([200, 201, 204, 404, 412, 500]),
    headers=st.sampled_from([(), (("OData-Version", "4.0"), ("OData-EntityId", "http://h/accounts(5)"))]),
    body=BODIES,
    content_id=st.none() | IDS,
)
ANSWERS: st.SearchStrategy[list[BatchAnswer]] = st.lists(
    st.one_of(
        RESPONSES,
        st.lists(RESPONSES, min_size=1, max_size=3).map(
            lambda members: ChangeSetResponse(responses=tuple(members))
        ),
    ),
    max_size=4,
)


@given(ITEMS, st.sampled_from(["b", "c", "batch_1", "batch_5f0e-2d"]))
def test_multipart_requests_survive_and_the_mail_parser_agrees(items: list[BatchItem], boundary: str) -> None:
    """What the client role writes, the server role and an independent parser read alike."""
    content_type, body = multipart_batch.build_batch(items, boundary=boundary)
    assert multipart_batch.parse_batch(content_type, body) == tuple(items)
    for item, part in zip(items, _judged(content_type, body), strict=True):
        if isinstance(item, ChangeSet):
            members = _parts_of(part)
            assert [each["Content-ID"] for each in members] == [each.content_id for each in item.requests]
            for request, member in zip(item.requests, members, strict=True):
                _agrees(f"{request.method} {request.url} HTTP/1.1", request.body, member)
        else:
            _agrees(f"{item.method} {item.url} HTTP/1.1", item.body, part)


@given(ANSWERS)
def test_multipart_responses_survive_and_the_mail_parser_agrees(answers: list[BatchAnswer]) -> None:
    """What the server role writes, the client role and an independent parser read alike."""
    content_type, body = multipart_batch.render_batch_response(answers, boundary="x")
    assert multipart_batch.parse_batch_response(content_type, body) == tuple(answers)
    assert len(_judged(content_type, body)) == len(answers)


def _judged(content_type: str, body: bytes) -> list[Message]:
    return _parts_of(message_from_bytes(b"Content-Type: " + content_type.encode() + b"\r\n\r\n" + body))


def _parts_of(message: Message) -> list[Message]:
    payload = message.get_payload()
    return [each for each in payload if isinstance(each, Message)] if isinstance(payload, list) else []


def _agrees(line: str, body: bytes, part: Message) -> None:
    payload = part.get_payload(decode=True)
    assert isinstance(payload, bytes)
    head, _, rest = payload.partition(b"\r\n\r\n")
    assert head.split(b"\r\n")[0] == line.encode()
    assert rest.removesuffix(b"\r\n") == body


@given(st.binary(max_size=200))
def test_any_bytes_are_a_batch_or_an_error(noise: bytes) -> None:
    """No body breaks the readers in another way than their own error."""
    for body in (
        noise,
        b"--b\r\n" + noise + b"\r\n--b--",
        b"--b\r\n\r\nGET a HTTP/1.1\r\n" + noise + b"\r\n--b--",
    ):
        for parse in (multipart_batch.parse_batch, multipart_batch.parse_batch_response):
            with contextlib.suppress(BatchSyntaxError):
                parse("multipart/mixed; boundary=b", body)


def test_response_looks_as_strict_clients_want_it() -> None:
    """The body begins with the boundary, and sections are separated by single blank lines."""
    answers: list[BatchAnswer] = [
        BatchResponse(status=200, headers=(("Content-Type", "application/json"),), body=b'{"value":[]}'),
        ChangeSetResponse(
            responses=(
                BatchResponse(status=204, headers=(("OData-EntityId", "http://h/a(5)"),), content_id="1"),
            )
        ),
        BatchResponse(status=799),
    ]
    content_type, body = multipart_batch.render_batch_response(answers, boundary="5f")
    assert content_type == "multipart/mixed; boundary=batchresponse_5f"
    assert body.startswith(b"--batchresponse_5f\r\n")
    assert b"--changesetresponse_" in body
    assert body.split(b"\r\n\r\n")[2].startswith(b'{"value":[]}')
    assert b"HTTP/1.1 204 No Content\r\nOData-EntityId: http://h/a(5)\r\n" in body
    assert b"HTTP/1.1 799 Unknown" in body


@pytest.mark.parametrize(
    "item",
    [
        BatchRequest(method="GET", url="a\r\nX: y"),
        BatchRequest(method="GET", url="a", headers={"x": "y\nz"}),
        BatchRequest(method="POST", url="a", body=b"x\r\n--b--"),
        ChangeSet(requests=(BatchRequest(method="POST", url="a"),)),
    ],
)
def test_requests_that_would_break_the_batch_are_not_written(item: BatchItem) -> None:
    """Line breaks in lines, the boundary in a body, and change sets without ids are refused."""
    with pytest.raises(BatchSyntaxError):
        multipart_batch.build_batch([item], boundary="b")


# --- JSON


def _grouped(items: list[BatchItem]) -> list[BatchItem]:
    """Distinct ids, and group names as the writer gives them."""
    found: list[BatchItem] = []
    number = 0
    for place, item in enumerate(items):
        members = []
        for request in requests_of([item]):
            number += 1
            members.append(
                BatchRequest(
                    method=request.method,
                    url=request.url,
                    headers={},
                    body=request.body,
                    content_id=str(number),
                )
            )
        found.append(
            ChangeSet(requests=tuple(members), id=f"g{place}") if isinstance(item, ChangeSet) else members[0]
        )
    return found


@given(ITEMS)
def test_json_requests_survive(items: list[BatchItem]) -> None:
    """What the client role writes, the server role reads."""
    sent = _grouped(items)
    parsed = json_batch.parse_batch(json_batch.build_batch(sent))
    assert [each.content_id for each in requests_of(parsed)] == [
        each.content_id for each in requests_of(sent)
    ]
    assert [each.body and json.loads(each.body) for each in requests_of(parsed)] == [
        each.body and json.loads(each.body) for each in requests_of(sent)
    ]
    assert [isinstance(each, ChangeSet) for each in parsed] == [isinstance(each, ChangeSet) for each in sent]


def test_erp_batch_is_read() -> None:
    """Numbers as ids, groups, dependencies, headers of any type, bodies of any kind."""
    items = json_batch.parse_batch(
        b'{"requests":[{"id":1,"method":"get","url":"customers","headers":{"X":true,"Y":5}},'
        b'{"id":"2","atomicityGroup":"a","dependsOn":["1"],"method":"POST","url":"x","body":{"n":0.10}},'
        b'{"atomicityGroup":"a","method":"POST","url":"y","headers":{"Content-Type":"text/plain"},"body":"\xc3\xa4"},'
        b'{"method":"PATCH","url":"z","headers":{"Content-Type":"image/png"},"body":"-_8"},'
        b'{"method":"PATCH","url":"z","headers":{"content-type":"image/png"},"body":5},'
        b'{"method":"DELETE","url":"z","body":null}]}'
    )
    first, group, picture, odd, last = items
    assert isinstance(first, BatchRequest)
    assert (first.method, first.content_id, first.headers) == ("GET", "1", {"x": "true", "y": "5"})
    assert isinstance(group, ChangeSet)
    assert (group.id, group.requests[0].depends_on, group.requests[0].body) == ("a", ("1",), b'{"n":0.10}')
    assert group.requests[1].body == "ä".encode()
    assert isinstance(picture, BatchRequest)
    assert picture.body == b"\xfb\xff"
    assert isinstance(odd, BatchRequest)
    assert odd.body == b"5"
    assert isinstance(last, BatchRequest)
    assert (last.body, last.content_id) == (b"", None)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b'{"requests":[{"id":"1"}]}',
        b'{"requests":[{"method":"","url":"a"}]}',
        b'{"requests":[{"method":"GET","url":""}]}',
        b'{"requests":[{"id":"1","method":"GET","url":"a"},{"id":1,"method":"GET","url":"a"}]}',
        (
            b'{"requests":[{"atomicityGroup":"g","method":"GET","url":"a"},{"method":"GET","url":"a"},'
            b'{"atomicityGroup":"g","method":"GET","url":"a"}]}'
        ),
        b'{"requests":[{"method":"PUT","url":"a","headers":{"Content-Type":"image/png"},"body":"a"}]}',
        b"\xff",
    ],
)
def test_broken_json_batches_are_refused(body: bytes) -> None:
    """Missing members, repeated names and split groups are errors."""
    with pytest.raises(BatchSyntaxError):
        json_batch.parse_batch(body)


def test_json_responses_survive() -> None:
    """JSON, texts with a byte-order mark, pictures and empty bodies come back."""
    answers: list[BatchAnswer] = [
        BatchResponse(
            status=200, headers=(("Content-Type", "application/json"),), body=b'{"a":0.10}', content_id="1"
        ),
        BatchResponse(status=200, headers=(("Content-Type", "image/png"),), body=b"\xfb\xff", content_id="2"),
        ChangeSetResponse(
            responses=(BatchResponse(status=204, content_id="3"), BatchResponse(status=204, content_id="4")),
            id="g",
        ),
        BatchResponse(status=404, content_id=None),
    ]
    assert json_batch.parse_batch_response(json_batch.render_batch_response(answers)) == tuple(answers)
    text = BatchResponse(status=200, headers=(("Content-Type", "text/plain"),), body=b"\xef\xbb\xbf5")
    (read,) = json_batch.parse_batch_response(json_batch.render_batch_response([text]))
    assert isinstance(read, BatchResponse)
    assert read.body == b"5"
    unnamed = json_batch.render_batch_response([ChangeSetResponse(responses=(BatchResponse(status=204),))])
    assert json.loads(unnamed)["responses"][0]["atomicityGroup"] == "g0"


def test_json_requests_are_written_in_full() -> None:
    """Headers and dependencies are written; only what is there."""
    body = json_batch.build_batch(
        [
            BatchRequest(method="GET", url="a"),
            ChangeSet(
                requests=(
                    BatchRequest(
                        method="PUT",
                        url="b",
                        headers={"content-type": "text/plain"},
                        body=b"x",
                        content_id="1",
                        depends_on=("0",),
                    ),
                ),
                id="mine",
            ),
        ]
    )
    assert json.loads(body) == {
        "requests": [
            {"method": "GET", "url": "a"},
            {
                "id": "1",
                "atomicityGroup": "mine",
                "dependsOn": ["0"],
                "method": "PUT",
                "url": "b",
                "headers": {"content-type": "text/plain"},
                "body": "x",
            },
        ]
    }


@pytest.mark.parametrize("body", [b"", b"[]", b'{"responses":[{"id":"1"}]}'])
def test_broken_json_answers_are_refused(body: bytes) -> None:
    """What is no batch answer is an error."""
    with pytest.raises(BatchSyntaxError):
        json_batch.parse_batch_response(body)


# --- addresses, references, correlation


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("accounts", Target("accounts", "")),
        ("accounts?$top=1", Target("accounts", "$top=1")),
        ("/api/data/v9.2/accounts(5)", Target("accounts(5)", "")),
        ("/API/data/v9.2//accounts", Target("accounts", "")),
        ("/api/data/v9.2", Target("", "")),
        ("http://other:80/api/data/v9.2/accounts('http%3A')?a=b?c", Target("accounts('http%3A')", "a=b?c")),
        ("accounts(url='http://x')", Target("accounts(url='http://x')", "")),
        ("$1/name", Target("$1/name", "")),
    ],
)
def test_addresses_of_all_kinds(url: str, target: Target) -> None:
    """Absolute, server-relative and service-relative addresses, and references."""
    assert target_of(url, ROOT) == target


@pytest.mark.parametrize(
    "url", ["/api/data/v9.20/accounts", "/other", "http://h/other", "http://[h/api/data/v9.2/a"]
)
def test_addresses_outside_of_the_service_are_refused(url: str) -> None:
    """A batch does not lead out of its service."""
    with pytest.raises(BatchSyntaxError):
        target_of(url, ROOT)


def test_references_are_replaced() -> None:
    """In the address and in binds, nested and in lists; everything else stays byte for byte."""
    places = {"1": "/contacts(5)", "new": "/accounts(6)"}
    request = BatchRequest(
        method="PATCH",
        url="$1/name?$select=a",
        body=b'{"a@odata.bind":"$new","b@odata.bind":["$1","/x(1)"],"c":{"d@odata.bind":"$1"},"e":[{"f@odata.bind":"$1"},"$5"],'
        b'"price":0.10,"name":"$1","g":null,"h@odata.bind":null,"i":{"k":"$9"}}',
    )
    done = resolve_references(request, places)
    assert done.url == "/contacts(5)/name?$select=a"
    assert json.loads(done.body, parse_float=str) == {
        "a@odata.bind": "/accounts(6)",
        "b@odata.bind": ["/contacts(5)", "/x(1)"],
        "c": {"d@odata.bind": "/contacts(5)"},
        "e": [{"f@odata.bind": "/contacts(5)"}, "$5"],
        "price": "0.10",
        "name": "$1",
        "g": None,
        "h@odata.bind": None,
        "i": {"k": "$9"},
    }
    linked = BatchRequest(method="POST", url="$new/nav/$ref", body=b'{"@odata.id":"$1"}')
    assert resolve_references(linked, places).body == b'{"@odata.id":"/contacts(5)"}'


@pytest.mark.parametrize(
    "request_",
    [
        BatchRequest(method="GET", url="$metadata"),
        BatchRequest(method="GET", url="$"),
        BatchRequest(method="GET", url="accounts"),
        BatchRequest(method="POST", url="accounts", body=b'{"name":"$1"}'),
        BatchRequest(method="POST", url="accounts", body=b'{"name":"$1","x@odata.bind":"/a(1)"}'),
        BatchRequest(method="POST", url="accounts", body=b'["$1","@odata.bind"]'),
    ],
)
def test_what_is_no_reference_stays(request_: BatchRequest) -> None:
    """System addresses and ordinary texts are not touched."""
    assert resolve_references(request_, {}) == request_


@pytest.mark.parametrize(
    "request_",
    [
        BatchRequest(method="GET", url="$7"),
        BatchRequest(method="POST", url="a", body=b'{"x@odata.bind":"$7"}'),
    ],
)
def test_unknown_references_are_refused(request_: BatchRequest) -> None:
    """A reference to nothing is an error of the batch."""
    with pytest.raises(BatchSyntaxError):
        resolve_references(request_, {"1": "x"})


def _sent(*ids: str) -> list[BatchItem]:
    return [BatchRequest(method="GET", url="a", content_id=each) for each in ids]


def _answer(content_id: str | None, status: int = 200) -> BatchResponse:
    return BatchResponse(status=status, content_id=content_id)


def test_answers_are_found_by_id_or_place() -> None:
    """Ids win in any order; answers without ids go by place; what lacks is missing."""
    found = correlate(_sent("a", "b"), [_answer("b", 201), _answer("a")])
    assert ({key: each.status for key, each in found.answers.items()}, found.is_complete) == (
        {"a": 200, "b": 201},
        True,
    )
    assert correlate(_sent("a", "b"), [_answer(None, 404)]) == Correlation(
        answers={"a": _answer(None, 404)}, missing=("b",)
    )
    assert correlate(_sent("a"), [ChangeSetResponse(responses=())]).missing == ("a",)


def test_doubtful_answers_are_reported() -> None:
    """Two answers to one request, or an answer to none, are never taken silently."""
    found = correlate(_sent("a", "b"), [_answer("a"), _answer("a", 500), _answer("c")])
    assert found == Correlation(answers={}, missing=("b",), duplicated=("a",), unknown=("c",))
    assert not found.is_complete
    with pytest.raises(ValueError, match="content id"):
        correlate([BatchRequest(method="GET", url="a")], [])


def test_change_sets_are_answered_as_a_whole() -> None:
    """One failure answers for all members; otherwise by id, or by place when no ids came."""
    sent: list[BatchItem] = [
        ChangeSet(requests=tuple(BatchRequest(method="POST", url="a", content_id=each) for each in "ab"))
    ]
    whole = ChangeSetResponse(responses=(_answer("a"), _answer("b", 201)))
    assert [each.status for each in correlate(sent, [whole]).answers.values()] == [200, 201]
    assert correlate(sent, [_answer(None, 412)]).answers == {"a": _answer(None, 412), "b": _answer(None, 412)}
    assert correlate(sent, [_answer("b", 412)]).answers == {"a": _answer("b", 412), "b": _answer("b", 412)}
    placed = ChangeSetResponse(responses=(_answer(None), _answer(None, 201)))
    assert [each.status for each in correlate(sent, [placed]).answers.values()] == [200, 201]
    assert correlate(sent, [ChangeSetResponse(responses=(_answer(None),))]).missing == ("a", "b")
    assert correlate(sent, []).missing == ("a", "b")


def test_headers_are_found_in_any_letter_case() -> None:
    """Header names are compared without letter case; success is told from the status."""
    response = BatchResponse(status=204, headers=(("OData-EntityId", "x"),))
    assert response.header("odata-entityid") == "x"
    assert response.header("etag") is None
    assert response.succeeded
