"""Write docs/reference/clients.md from the transcripts of the clients (`python -m tools.client_pages`)."""

import json
import re
import sys
from collections import Counter
from collections.abc import Iterator
from typing import Any

from tests.clients.record import transcript_of
from tests.clients.strangers import STRANGERS, Server, Stranger

from tools.findings import ROOT

PAGE = ROOT / "docs" / "reference" / "clients.md"
_OPENING = """# Clients that nobody here wrote

What connectors and embedded services share could hide a shared mistake. So clients by other authors run, unmodified,
against the embedded services: over TLS, signed in at the service's own sign-in.

- `make test-clients` installs them into a folder of their own (`.clients`, every package pinned with its hash), starts
  a service for each, and runs the program that drives it (`tests/clients/programs`).
- `make record-clients` does the same, writes down what was said (`tests/clients/transcripts`), and renews this page.
- `make test` says the requests of those transcripts again to new services and compares the answers: status, headers,
  and every member of a body that was there. It needs no network and none of the packages.

A client that has its host built in is led to the embedded ERP by a proxy on this machine and the usual environment
variables (`HTTPS_PROXY`, `SSL_CERT_FILE`, `REQUESTS_CA_BUNDLE`); its files stay as they were published.

The packages are used in tests only. Nothing of them is part of Interlace, is copied into it, or is needed to run it.
"""
_SERVERS = {Server.CRM: "CRM", Server.ERP: "ERP"}
_PLACES = (
    (re.compile(r"^⟨link \d+⟩$"), "*a link that the service gave*"),
    (re.compile(r"^/[0-9a-f-]{36}/"), "/{tenant}/"),
    (re.compile(r"\((?:⟨id \d+⟩|[0-9a-f]{8}-[0-9a-f-]{27})\)"), "({id})"),
    (re.compile(r"^/(?:v2\.0/)?BC/"), "/"),
)
_OPTION = re.compile(r"[?&](%24|\$)?([A-Za-z]+)=")


def page() -> str:
    """The whole page."""
    return "\n".join([_OPENING, *_table(), *(line for each in STRANGERS for line in _section(each))]) + "\n"


def _table() -> Iterator[str]:
    yield "| client | author | licence | language | service | requests recorded |"
    yield "|---|---|---|---|---|---|"
    for each in STRANGERS:
        facts = (each.package, each.author, each.licence, each.language, _SERVERS[each.server])
        yield f"| {' | '.join(facts)} | {len(_exchanges(each))} |"


def _section(stranger: Stranger) -> Iterator[str]:
    yield f"\n## {stranger.package}\n"
    yield f"Driven by `tests/clients/programs/{stranger.program}`.\n"
    yield "| times | request | query options | answers |"
    yield "|---|---|---|---|"
    seen: Counter[str] = Counter()
    options: dict[str, set[str]] = {}
    answers: dict[str, set[int]] = {}
    for exchange in _exchanges(stranger):
        call = _call(exchange["request"])
        seen[call] += 1
        options.setdefault(call, set()).update(_options(exchange["request"]["target"]))
        answers.setdefault(call, set()).add(exchange["answer"]["status"])
    for call, times in sorted(seen.items(), key=lambda entry: entry[0].partition(" ")[2]):
        statuses = ", ".join(map(str, sorted(answers[call])))
        yield f"| {times} | {call} | {', '.join(sorted(options[call]))} | {statuses} |"


def _exchanges(stranger: Stranger) -> list[dict[str, Any]]:
    return [json.loads(line) for line in transcript_of(stranger).read_text("utf-8").splitlines()]


def _call(request: dict[str, Any]) -> str:
    target = request["target"].partition("?")[0]
    for pattern, shown in _PLACES:
        target = pattern.sub(shown, target)
    place = target if target.startswith("*") else f"`{target}`"
    return f"{request['method']} {place}"


def _options(target: str) -> set[str]:
    return {f"`{'$' if dollar else ''}{name}`" for dollar, name in _OPTION.findall(target)}


def main() -> None:
    """Write the page."""
    PAGE.write_text(page(), encoding="utf-8")
    sys.stdout.write(f"{PAGE.relative_to(ROOT)}\n")


if __name__ == "__main__":
    main()
