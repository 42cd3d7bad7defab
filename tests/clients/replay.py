"""Says a transcript's requests to an embedded service again and compares what it answers with what it answered then.

Compared is what a client can rely on: status, headers, and every member of a body that was there. More members than
then are no difference; values that differ from run to run must be there, in their form, and stay the same.
"""

import json
import re
from dataclasses import dataclass, field
from typing import Any

from tests.clients.transcript import AND_MORE, ETAG, GUID, TIME

from interlace.sandbox.exchange import Response

ADDRESS = "https://127.0.0.1:8443"
_PLACEHOLDER = re.compile(
    r"⟨(id|ID|etag|link|cookie) (\d+)⟩|⟨(time|day|number|token|secret|service|host|document)⟩"
)
_FORMS = {
    "id": GUID,
    "ID": GUID,
    "etag": ETAG,
    "time": TIME,
    "link": ".+",
    "cookie": r"[\w.~=-]+",
    "host": r"[a-z0-9.]+",
    "day": r"\d{4}-\d\d-\d\d",
    "number": r".+",
    "token": r".+",
    "document": r"(?s:.+)",
}


class Differs(AssertionError):
    """The service answered otherwise than it did."""


@dataclass(slots=True)
class Replay:
    """One service that hears a transcript."""

    service: Any
    secret: str
    values: dict[tuple[str, str], str] = field(default_factory=dict)
    token: str = ""

    def say(self, exchange: dict[str, Any]) -> None:
        """Make one request and compare its answer; raises `Differs`."""
        asked, then = exchange["request"], exchange["answer"]
        target = self._filled(asked["target"]).removeprefix(ADDRESS)
        headers = {name: self._filled(value) for name, value in asked["headers"].items()}
        headers["host"] = ADDRESS.removeprefix("https://")
        answer = self.service.call(
            asked["method"], target, headers=headers, body=self._body(asked["body"]), address=ADDRESS
        )
        try:
            self._compare_answer(then, answer)
        except Differs as difference:
            raise Differs(f"{asked['method']} {asked['target']}: {difference}") from None

    # --- requests

    def _filled(self, text: str) -> str:
        return _PLACEHOLDER.sub(self._value, text)

    def _value(self, found: re.Match[str]) -> str:
        kind, number, plain = found.groups()
        match plain:
            case "token":
                return self.token
            case "secret":
                return self.secret
            case "service":
                return ADDRESS
            case None:
                pass
            case _:
                raise Differs(f"a request holds ⟨{plain}⟩")
        known = self.values.get((kind.lower(), number))
        if known is None:
            raise Differs(f"a request holds ⟨{kind} {number}⟩, which no answer brought")
        return known.upper() if kind == "ID" else known

    def _body(self, body: Any) -> bytes:
        match body:
            case None:
                return b""
            case {"json": value}:
                return json.dumps(self._filled_value(value)).encode()
            case {"lines": lines}:
                return "\r\n".join(map(self._filled_line, lines)).encode()
            case _:
                raise Differs("a request whose body can't be said again")

    def _filled_line(self, line: Any) -> str:
        return self._filled(line) if isinstance(line, str) else json.dumps(self._filled_value(line["json"]))

    def _filled_value(self, value: Any) -> Any:
        match value:
            case str():
                return self._filled(value)
            case list():
                return [self._filled_value(each) for each in value]
            case dict():
                return {self._filled(key): self._filled_value(each) for key, each in value.items()}
            case _:
                return value

    # --- answers

    def _compare_answer(self, then: dict[str, Any], answer: Response) -> None:
        if answer.status != then["status"]:
            raise Differs(f"answered {answer.status} instead of {then['status']}: {answer.body[:500]!r}")
        for name, value in then["headers"].items():
            self._compare(value, answer.header(name) or "", name)
        match then["body"]:
            case None:
                self._compare("", answer.body.decode(), "body")
            case {"json": value}:
                self._learn_token(now := json.loads(answer.body))
                self._compare(value, now, "body")
            case {"lines": lines}:
                said = answer.body.decode().split("\r\n")
                if len(said) != len(lines):
                    raise Differs(f"body: {len(said)} lines instead of {len(lines)}")
                for number, (line, now) in enumerate(zip(lines, said, strict=True)):
                    self._compare_line(line, now, f"body line {number}")
            case text:
                self._compare(text, answer.body.decode(), "body")

    def _learn_token(self, body: Any) -> None:
        if isinstance(body, dict) and "access_token" in body:
            self.token = body["access_token"]

    def _compare_line(self, then: Any, now: str, where: str) -> None:
        if isinstance(then, str):
            self._compare(then, now, where)
        else:
            self._compare(then["json"], json.loads(now), where)

    def _compare(self, then: Any, now: Any, where: str) -> None:
        match then, now:
            case dict(), dict():
                self._compare_members(then, now, where)
            case list(), list():
                self._compare_lists(then, now, where)
            case str(), _ if _PLACEHOLDER.search(then):
                self._match(then, str(now), where)
            case _ if then != now:
                raise Differs(f"{where} is {now!r} instead of {then!r}")

    def _compare_members(self, then: dict[str, Any], now: dict[str, Any], where: str) -> None:
        for key, value in then.items():
            name = self._filled(key)
            if name not in now:
                raise Differs(f"{where} lacks {name}")
            self._compare(value, now[name], f"{where}.{name}")

    def _compare_lists(self, then: list[Any], now: list[Any], where: str) -> None:
        is_shortened = bool(then) and then[-1] == AND_MORE
        shown = then[:-1] if is_shortened else then
        if len(now) < len(then) or (not is_shortened and len(now) != len(then)):
            raise Differs(f"{where} has {len(now)} entries instead of {len(then)}")
        for number, value in enumerate(shown):
            self._compare(value, now[number], f"{where}[{number}]")

    def _match(self, then: str, now: str, where: str) -> None:
        """Texts are the same where they are fixed, and unknown values are learned."""
        unknown: list[tuple[str, str]] = []
        pattern, end = "", 0
        for found in _PLACEHOLDER.finditer(then):
            pattern += re.escape(then[end : found.start()]) + self._pattern(found, unknown)
            end = found.end()
        matched = re.fullmatch(pattern + re.escape(then[end:]), now)
        if matched is None:
            raise Differs(f"{where} is {now!r} instead of {then!r}")
        for place, value in zip(unknown, matched.groups(), strict=True):
            self.values[place] = value.lower() if place[0] == "id" else value

    def _pattern(self, found: re.Match[str], unknown: list[tuple[str, str]]) -> str:
        kind, number, plain = found.groups()
        if plain is not None:
            return re.escape(ADDRESS) if plain == "service" else _FORMS[plain]
        place = (kind.lower(), number)
        known = self.values.get(place)
        if known is not None:
            return f"(?i:{re.escape(known)})" if place[0] == "id" else re.escape(known)
        if place in unknown:
            return rf"(?i:\{unknown.index(place) + 1})"
        unknown.append(place)
        return f"({_FORMS[kind]})"
