"""An ERP and CRMs as nobody has prepared them, answers for them, and what a set-up did to them."""

import json
import os
import uuid
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode
from urllib.request import Request, urlopen

from tests.cli.both_ends import Ended, Interlace, served
from tests.forked_program import run_program_forked

from interlace.sandbox.crm.endpoint import roots_of
from interlace.sandbox.crm.first_start import SalesUser
from interlace.sandbox.crm.sandbox import CrmSandbox, SandboxOptions, create_crm_sandbox
from interlace.sandbox.erp.application_server import ErpSandbox, ErpSandboxOptions, create_erp_sandbox
from interlace.sandbox.erp.page_services import PAGE_SERVICES
from interlace.sandbox.erp.seed_company import seed_company, seed_users
from interlace.sandbox.windows_sign_in import WindowsSignIn

CUSTOMERS = 20
_SET_UP_SECONDS = 600.0
COMPANY = "Nordlicht"
PARTIES_ONLY = (
    "UNIT OF MEASURE",
    "ITEM-PRODUCT",
    "RESOURCE-PRODUCT",
    "ITEM-PRODPRICE",
    "RESOURCE-PRODPRICE",
    "CUSTPRCGRP-PRICE",
    "SALESPRC-PRODPRICE",
    "OPPORTUNITY",
    "SALESORDER-ORDER",
    "POSTEDSALESINV-INV",
    "POSTEDSALESLINE-INV",
    "STATISTICS",
)
"""What is left out, so that customers and contacts remain with what they refer to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Erp:
    """An ERP whose administrator has published the pages and given our user his rights."""

    sandbox: ErpSandbox
    address: str
    gate: WindowsSignIn | None = None
    """What asks for Windows accounts before it."""


@dataclass(slots=True, kw_only=True)
class Ends:
    """Both ends of one test, the answers to them, and the commands that use these."""

    erp: Erp
    crm: CrmSandbox
    crm_address: str
    directory: Path
    interlace: Interlace
    answers: dict[str, object] = field(default_factory=dict)

    def set_up(self, *options: str, **changed: object) -> Ended:
        """Run the set-up with the answers file; double underscores stand for the dots of keys, None takes one out."""
        return self.interlace("setup", "main", "--answers", self.answers_file(changed), *options)

    def set_up_alone(self, *options: str, **changed: object) -> Ended:
        """Run it in a process of its own, as people do: the job engine is made for one start a process."""
        answers = self.answers_file(changed)
        command = ["setup", "main", "--answers", answers, *options, "--state", str(self.directory / "state")]
        done = run_program_forked(command, os.environ, _SET_UP_SECONDS)
        return Ended(code=done.returncode, out=done.stdout, err=done.stderr)

    def answers_file(self, changed: Mapping[str, object]) -> str:
        """Write the answers with what a test changes in them, and return the file's name."""
        answers = {**self.answers, **{key.replace("__", "."): value for key, value in changed.items()}}
        file = self.directory / "answers.toml"
        file.write_text(answers_text({k: v for k, v in answers.items() if v is not None}), encoding="utf-8")
        return str(file)

    def secret_file(self, name: str, text: str) -> str:
        """Write a file with a secret, and return its name."""
        (self.directory / name).write_text(f"{text}\n", encoding="utf-8")
        return name

    def forget_requests(self) -> None:
        """Count requests from here on."""
        self.erp.sandbox.requests.clear()
        self.crm.requests.clear()

    @property
    def written(self) -> dict[str, int]:
        """How many requests that change something each end has carried out."""
        return {"erp": self.erp.sandbox.requests.written, "crm": self.crm.requests.written}

    def ask(self, method: str, path: str, body: object = None) -> Any:
        """Ask the CRM as its administrator, past Interlace."""
        options = self.crm.options
        form = {
            "grant_type": "client_credentials",
            "client_id": options.administrator_client_id,
            "client_secret": options.administrator_client_secret,
            "scope": f"{self.crm_address}/.default",
        }
        token_url = f"{self.crm_address}/{options.tenant_id}/oauth2/v2.0/token"
        with urlopen(Request(token_url, urlencode(form).encode())) as answer:
            token = json.load(answer)["access_token"]
        request = Request(
            f"{self.crm_address}{roots_of(options.organization)[0]}{quote(path, safe='()$&=?,/@')}",
            None if body is None else json.dumps(body).encode(),
            {"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
            method=method,
        )
        with urlopen(request) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    def role(self, name: str) -> str:
        """Return the id of a role."""
        [found] = self.ask("GET", f"roles?$select=roleid&$filter=name eq '{name}'")["value"]
        return str(found["roleid"])

    def integration_user(self) -> str:
        """Return the id of the user of our application."""
        path = f"systemusers?$select=systemuserid&$filter=applicationid eq {self.crm.options.client_id}"
        [found] = self.ask("GET", path)["value"]
        return str(found["systemuserid"])


Start = Callable[..., Ends]


def answers_text(answers: Mapping[str, object]) -> str:
    """Write answers as TOML."""
    sections: dict[str, list[str]] = {}
    for key, value in answers.items():
        section, _, name = key.partition(".")
        sections.setdefault(section, []).append(f"{name} = {json.dumps(value)}")
    return "\n".join(f"[{name}]\n" + "\n".join(lines) for name, lines in sections.items()) + "\n"


def prepared_erp(
    directory: Path, stack: ExitStack, *, by_windows: bool = False, unpublished: frozenset[str] = frozenset()
) -> Erp:
    """Found a bare ERP, do what its administrator does (publish pages, give our user his rights), and serve it."""
    seed = ErpSandboxOptions(company=COMPANY, seed=lambda: seed_company(customers=CUSTOMERS), bare=True)
    bare = create_erp_sandbox(directory, seed)
    bare.published.publish(PAGE_SERVICES)
    bare.users.permissions.give("INTERLACE", ("INTERLACE",))
    bare.close()
    sandbox = create_erp_sandbox(directory, ErpSandboxOptions(company=COMPANY, unpublished=unpublished))
    stack.callback(sandbox.close)
    gate = WindowsSignIn(sandbox, sandbox.http.serves) if by_windows else None
    return Erp(sandbox=sandbox, address=f"{stack.enter_context(served(gate or sandbox))}/BC", gate=gate)


def start_ends(erp: Erp, directory: Path, interlace: Interlace, stack: ExitStack, **chosen: Any) -> Ends:
    """Start a CRM of the test's own, bare unless something else is chosen."""
    users = [SalesUser(full_name=each.name, email=each.email) for each in seed_users()]
    # Another organization each time: the ERP of several tests holds marks for each pair of company and organization.
    bare = {"integration_user": False, "sales_users": users, "organization_id": str(uuid.uuid4())}
    options = SandboxOptions(**{**bare, **chosen})
    crm = create_crm_sandbox(directory / "crm", options)
    stack.callback(crm.close)
    gate = WindowsSignIn(crm, crm.serves) if options.windows_sign_in else crm
    address = stack.enter_context(served(gate))
    ends = Ends(erp=erp, crm=crm, crm_address=address, directory=directory, interlace=interlace)
    ends.answers = {
        "erp.address": erp.address,
        "erp.company": COMPANY,
        "erp.user": "INTERLACE",
        "erp.key_file": ends.secret_file("erp-key.txt", erp.sandbox.access_key),
        "crm.address": f"{address}/{options.organization}" if options.organization else address,
        "crm.token_url": f"{address}/{options.tenant_id}/oauth2/v2.0/token",
        "crm.client_id": options.client_id,
        "crm.secret_file": ends.secret_file("crm-secret.txt", options.client_secret),
        "tables.leave_out": list(PARTIES_ONLY),
        "administrator.client_id": options.administrator_client_id,
        "administrator.secret_file": ends.secret_file("admin.txt", options.administrator_client_secret),
    }
    ends.forget_requests()
    return ends
