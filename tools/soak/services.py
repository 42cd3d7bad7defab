"""Both embedded services as processes that spoil what they are asked, and what their control pages tell."""

import json
import urllib.parse
import urllib.request
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

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


@dataclass(slots=True, kw_only=True)
class Service:
    """One service: its process, and how it is started."""

    arguments: Sequence[str]
    log_file: Path
    process: SandboxProcess
    kills: int = 0

    @classmethod
    def start(cls, arguments: Sequence[str], log_file: Path) -> Self:
        """Start it on a free port."""
        process = SandboxProcess.start([*arguments, "--port", "0"], log_file)
        return cls(arguments=arguments, log_file=log_file, process=process)

    def kill(self) -> None:
        """End it with SIGKILL."""
        self.process.kill()
        self.kills += 1

    def start_again(self, address: str) -> None:
        """Start it on the port that it had."""
        port = str(urllib.parse.urlsplit(address).port)
        self.process = SandboxProcess.start([*self.arguments, "--port", port], self.log_file)


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """Both services while they run."""

    state: Path
    ends: DemoEnds
    erp: Service
    crm: Service
    _met: Counter[str] = field(default_factory=Counter)
    """What the rules of killed processes had met."""
    _struck: Counter[str] = field(default_factory=Counter)

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

    @contextmanager
    def away(self, *, crm: bool) -> Iterator[None]:
        """Kill a service, and start it again in the end; its rules spoil requests from then on."""
        service, address = (self.crm if crm else self.erp), self.addresses[crm]
        for line in _control(address)["rules"]:
            self._met[line["name"]] += line["met"]
            self._struck[line["name"]] += line["struck"]
        service.kill()
        yield
        service.start_again(address)
        _control(address, json.dumps({"on": True}).encode())

    def kills(self) -> dict[str, int]:
        """How often each service was killed."""
        return {"the ERP": self.erp.kills, "the CRM": self.crm.kills}

    def counts(self, rule: str) -> int:
        """How many requests of the synchronization a counting rule met, at both services."""
        met: int = sum(
            line["met"]
            for address in self.addresses
            for line in _control(address)["rules"]
            if line["name"] == rule
        )
        return self._met[rule] + met

    def struck(self) -> dict[str, int]:
        """How often each fault struck, at both services."""
        found = {
            name: count for name, count in self._struck.items() if name not in {WRITES_RULE, REQUESTS_RULE}
        }
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
    where = ["--state", str(state / "sandbox"), "--seed-company"]
    count = ["--customers", str(customers)]
    rules = ["--faults", str(write_rules(state / "erp-faults.toml", seed=seed, crm=False))]
    erp = Service.start(["erp", *where, *count, *rules], state / "sandbox-erp.log")
    try:
        rules = ["--faults", str(write_rules(state / "crm-faults.toml", seed=seed + 1, crm=True))]
        crm = Service.start(["crm", *where, *rules], state / "sandbox-crm.log")
        try:
            ends = DemoEnds(erp=erp.process.announcement, crm=crm.process.announcement)
            services = Services(state=state, ends=ends, erp=erp, crm=crm)
            services.switch_faults(on=False)
            with services.opened() as application:
                demo_connection(application, services.ends)
            yield services
        finally:
            crm.process.stop()
    finally:
        erp.process.stop()
