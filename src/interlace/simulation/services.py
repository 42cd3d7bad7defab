"""Both embedded services in process: begun from images, restored from backups, every effect shown to observers."""

import base64
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

import msgspec
from yarl import URL

from interlace.connectors.http_message import HttpAnswer
from interlace.domain.side import Side
from interlace.sandbox.crm.first_start import SalesUser
from interlace.sandbox.crm.sandbox import CrmSandbox, SandboxOptions, create_crm_sandbox
from interlace.sandbox.entity_store import EntityStore
from interlace.sandbox.erp.application_server import ErpSandbox, ErpSandboxOptions, create_erp_sandbox
from interlace.sandbox.erp.row_loading import Row
from interlace.simulation.in_process import exchange
from interlace.simulation.virtual_time import VirtualClock
from interlace.solution.build import build_solution

COMPANY = "Nordlicht"
ERP_ORIGIN = "https://erp.example"
CRM_ORIGIN = "https://crm.example"
ERP_USER = "INTERLACE"
ERP_KEY = "simulated-key"
USERS = (
    SalesUser(full_name="Anna Berg", email="anna@nordlicht.example"),
    SalesUser(full_name="Boris Wolf", email="boris@nordlicht.example"),
)
_TOKEN_LIFE_SECONDS = 7 * 86_400
_UNKNOWN_TOKEN = 401


class Observer(Protocol):
    """Hears of every request that changed something."""

    def saw_effect(self, side: Side, by_engine: bool) -> None:  # noqa: FBT001 - one of two authors
        """Look at what changed on a side."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Images:
    """What both services hold at one moment."""

    erp: bytes
    crm: bytes


class Services:
    """The embedded ERP and CRM of one schedule."""

    def __init__(
        self,
        clock: VirtualClock,
        seed: str,
        images: Images | None = None,
        *,
        rows: Callable[[], list[Row]] = list,
    ) -> None:
        self.clock = clock
        self._randomness = {side: random.Random(f"{seed}|{side.value}") for side in Side}
        self._rows = rows
        self.observers: list[Observer] = []
        self.unpublished: frozenset[str] = frozenset()
        """Page services that the ERP does not publish from its next restart on."""
        self.erp: ErpSandbox = self._open_erp(None if images is None else images.erp)
        self.crm: CrmSandbox = self._open_crm(None if images is None else images.crm)

    def store(self, side: Side) -> EntityStore:
        """Return the records of a side."""
        return self.erp.records.store if side is Side.ERP else self.crm.records.store

    def images(self) -> Images:
        """Back both services up."""
        return Images(erp=self.store(Side.ERP).image(), crm=self.store(Side.CRM).image())

    def restore(self, side: Side, image: bytes) -> None:
        """Put a service back to a backup: what was written since is gone."""
        self.store(side).close()
        if side is Side.ERP:
            self.erp = self._open_erp(image)
        else:
            self.crm = self._open_crm(image)

    def close(self) -> None:
        """Close both services."""
        self.erp.close()
        self.crm.close()

    def carry(
        self,
        side: Side,
        method: str,
        url: URL,
        headers: Mapping[str, str],
        body: bytes | None,
        *,
        by_engine: bool,
    ) -> HttpAnswer:
        """Carry a request out now, and show its effect to the observers."""
        before = self.store(side).version
        answer = exchange(self.erp if side is Side.ERP else self.crm, method, url, headers, body)
        if self.store(side).version != before:
            for observer in self.observers:
                observer.saw_effect(side, by_engine)
        return answer

    def _open_erp(self, image: bytes | None) -> ErpSandbox:
        return create_erp_sandbox(
            None,
            ErpSandboxOptions(
                company=COMPANY,
                user=ERP_USER,
                access_key=ERP_KEY,
                seed=None if image is not None else self._rows,
                now=self.clock.now,
                randomness=self._randomness[Side.ERP],
                image=image,
                unpublished=self.unpublished,
            ),
        )

    def _open_crm(self, image: bytes | None) -> CrmSandbox:
        return create_crm_sandbox(
            None,
            SandboxOptions(
                solutions=(build_solution().content,),
                sales_users=USERS,
                # What people do is done under the integration's sign-in here.
                enforces_privileges=False,
                token_life_seconds=_TOKEN_LIFE_SECONDS,
                now=self.clock.now,
                randomness=self._randomness[Side.CRM],
                image=image,
            ),
        )


class Refused(Exception):
    """A service refused what a user wanted; users shrug and go on."""

    def __init__(self, answer: HttpAnswer) -> None:
        super().__init__(f"{answer.status}: {answer.body[:300].decode('utf-8', 'replace')}")
        self.status = answer.status


class Outsider:
    """What people and other programs do with both services, over their public protocols.

    `by_engine` lets it pass for the engine, to see that its wrongs are noticed.
    """

    def __init__(self, services: Services, *, by_engine: bool = False) -> None:
        self._services = services
        self._by_engine = by_engine
        pair = base64.b64encode(f"{ERP_USER}:{ERP_KEY}".encode()).decode()
        self._basic = f"Basic {pair}"
        self._bearer = f"Bearer {services.crm.access_token()}"

    def erp(self, method: str, path: str, **values: object) -> dict[str, object]:
        """Ask a page service of the company, such as `CustomerCard('C00010')`."""
        headers = {"Authorization": self._basic}
        if method in {"PATCH", "DELETE"}:
            headers["If-Match"] = "*"
        url = URL(f"{ERP_ORIGIN}/BC/ODataV4/Company('{COMPANY}')/{path}", encoded=True)
        return self._ask(Side.ERP, method, url, headers, values)

    def crm(self, method: str, path: str, **values: object) -> dict[str, object]:
        """Ask the Web API, such as `accounts(...)`; gives the record written, too."""
        headers = {"Authorization": self._bearer, "Prefer": "return=representation"}
        if method == "PATCH":
            headers["If-Match"] = "*"
        url = URL(f"{CRM_ORIGIN}/api/data/v9.2/{path}", encoded=True)
        try:
            return self._ask(Side.CRM, method, url, headers, values)
        except Refused as refused:
            if refused.status != _UNKNOWN_TOKEN:
                raise
        # A restored CRM doesn't know the token any more.
        self._bearer = f"Bearer {self._services.crm.access_token()}"
        return self._ask(Side.CRM, method, url, headers | {"Authorization": self._bearer}, values)

    def _ask(
        self, side: Side, method: str, url: URL, headers: dict[str, str], values: dict[str, object]
    ) -> dict[str, object]:
        headers |= {"Accept": "application/json", "Content-Type": "application/json"}
        body = msgspec.json.encode(values) if values else None
        answer = self._services.carry(side, method, url, headers, body, by_engine=self._by_engine)
        if not answer.is_success:
            raise Refused(answer)
        return msgspec.json.decode(answer.body, type=dict[str, object]) if answer.body else {}
