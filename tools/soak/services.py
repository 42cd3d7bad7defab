"""Both embedded services as processes that spoil what they are asked, and what their control pages tell."""

import json
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from interlace.bootstrap.application import Application
from interlace.bootstrap.demo import DemoEnds, demo_connection
from interlace.bootstrap.sandbox_server import SandboxProcess
from interlace.settings import load_config
from tools.soak.protocol import AGENT, Outsider

WRITES_RULE, REQUESTS_RULE = "writes", "requests"
SPARED_PATIENCE_SECONDS = 30

_RULES = """
seed = {seed}
spared_agent = "{agent}*"
{rules}
"""
_WRITING = 'methods = ["POST", "PATCH", "DELETE"]\npath = "*/{root}*"'
# Counting without delay: how many requests have come from the synchronization.
_COUNTED = (
    ("latency", f'name = "{REQUESTS_RULE}"\nseconds = 0\nprobability = 1.0'),
    ("latency", f'name = "{WRITES_RULE}"\nseconds = 0\nprobability = 1.0\n{_WRITING}'),
)
_SPOILT = (
    ("latency", "seconds = [0.01, 0.1]\nprobability = 0.02"),
    ("drop-answer", f'name = "writes whose answer is lost"\nprobability = 0.1\n{_WRITING}'),
    ("late-effect", f"probability = 0.02\nseconds = [0.1, 0.8]\n{_WRITING}"),
    (
        "answer",
        f'name = "504 after the effect"\nstatus = 504\neffect = "done"\nprobability = 0.01\n{_WRITING}',
    ),
    ("answer", f'name = "500 without effect"\nstatus = 500\nprobability = 0.005\n{_WRITING}'),
    ("answer", 'name = "412"\nstatus = 412\nprobability = 0.01\nmethods = ["PATCH"]'),
    ("repeat-request", f"probability = 0.005\n{_WRITING}"),
    ("drop-answer", 'name = "reads whose answer is lost"\nprobability = 0.005\nmethods = ["GET"]'),
    ("drop-request", "probability = 0.01"),
    ("answer", 'name = "429"\nstatus = 429\nretry_after = 1\nprobability = 0.003'),
    ("answer", 'name = "503"\nstatus = 503\nretry_after = 1\nprobability = 0.003'),
    ("answer", 'name = "502"\nstatus = 502\nprobability = 0.003'),
    ("truncate", "probability = 0.005"),
    ("garbage", "probability = 0.002"),
    ("content-type", "probability = 0.002"),
    ("expired-delta", "probability = 0.02"),
)
_OF_THE_CRM = (("expired-token", 'probability = 0.005\npath = "/api/data/*"'),)


def write_rules(file: Path, *, seed: int, crm: bool) -> Path:
    """Write the fault rules of one service."""
    chosen = (*_COUNTED, *_SPOILT, *(_OF_THE_CRM if crm else ()))
    rules = "\n".join(f'[[rule]]\nfault = "{fault}"\n{_named(fault, keys)}\n' for fault, keys in chosen)
    root = "api/data" if crm else "BC"
    text = _RULES.format(seed=seed, agent=AGENT, rules=rules.replace("{root}", root))
    file.write_text(text, encoding="utf-8")
    return file


def _named(fault: str, keys: str) -> str:
    return keys if "name =" in keys else f'name = "{fault}"\n{keys}'


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """Both services while they run."""

    state: Path
    ends: DemoEnds

    @property
    def addresses(self) -> tuple[str, str]:
        """Scheme and host of the ERP and of the CRM."""
        return self.ends.erp["erp_address"].removesuffix("/BC"), self.ends.crm["crm_address"]

    def switch_faults(self, *, on: bool) -> None:
        """Let the rules spoil requests, or let everything pass."""
        for address in self.addresses:
            _control(address, json.dumps({"on": on}).encode())

    def wait_for_late_effects(self) -> bool:
        """Tell whether no effect is still to come."""
        return all(_control(address)["under_way"] == 0 for address in self.addresses)

    def counts(self, rule: str) -> int:
        """How many requests of the synchronization a counting rule met, at both services."""
        return sum(
            line["met"]
            for address in self.addresses
            for line in _control(address)["rules"]
            if line["name"] == rule
        )

    def struck(self) -> dict[str, int]:
        """How often each fault struck, at both services."""
        found: dict[str, int] = {}
        for address in self.addresses:
            for line in _control(address)["rules"]:
                if line["name"] not in {WRITES_RULE, REQUESTS_RULE}:
                    found[line["name"]] = found.get(line["name"], 0) + line["struck"]
        return found

    def writes(self) -> int:
        """How many writes to records both services have carried out; Interlace's markers are no records."""
        outsider = Outsider(self.ends)
        steps = outsider.marker_steps()
        outsider.close()
        carried_out = sum(int(_read(f"{address}/sandbox/requests")["writes"]) for address in self.addresses)
        return carried_out - steps

    def opened(self) -> Application:
        """Open Interlace's memory."""
        return Application(load_config(environment={}, overrides={"state.directory": str(self.state)}))


def _control(address: str, body: bytes | None = None) -> dict[str, Any]:
    return _read(f"{address}/sandbox/faults", body)


def _read(address: str, body: bytes | None = None) -> dict[str, Any]:
    request = urllib.request.Request(address, body, {"User-Agent": AGENT})  # noqa: S310 - our own services
    with urllib.request.urlopen(request, timeout=SPARED_PATIENCE_SECONDS) as answer:  # noqa: S310 - as above
        content: dict[str, Any] = json.load(answer)
    return content


@contextmanager
def running_services(state: Path, *, customers: int, seed: int) -> Iterator[Services]:
    """Run both services with a small company, spoilt by rules, and connect them; faults are still off."""
    state.mkdir(parents=True, exist_ok=True)
    rules = write_rules(state / "erp-faults.toml", seed=seed, crm=False)
    where = ["--state", str(state / "sandbox"), "--seed-company", "--port", "0"]
    count = ["--customers", str(customers)]
    erp = SandboxProcess.start(["erp", *where, *count, "--faults", str(rules)], state / "sandbox-erp.log")
    try:
        rules = write_rules(state / "crm-faults.toml", seed=seed + 1, crm=True)
        crm = SandboxProcess.start(["crm", *where, "--faults", str(rules)], state / "sandbox-crm.log")
        try:
            services = Services(state=state, ends=DemoEnds(erp=erp.announcement, crm=crm.announcement))
            services.switch_faults(on=False)
            with services.opened() as application:
                demo_connection(application, services.ends)
            yield services
        finally:
            crm.stop()
    finally:
        erp.stop()
