"""The demo: both embedded services as processes, a connection between them, and the first full synchronization."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from interlace.bootstrap.application import Application, Connection
from interlace.bootstrap.availability import ItemAvailability
from interlace.bootstrap.connection_settings import (
    CRM_SECRET,
    ERP_KEY_SECRET,
    ConnectionProblem,
    ConnectionSettings,
)
from interlace.bootstrap.credentials import SECRET_NAMES
from interlace.bootstrap.enabling import enable
from interlace.bootstrap.fingerprint import bound
from interlace.bootstrap.sandbox_server import SandboxNotStarted, SandboxProcess, listen
from interlace.bootstrap.state_lock import held_alone
from interlace.locale.translatable import translatable

DEMO_CONNECTION = "demo"
_FACTS_FILE = "demo.json"
_PATIENCE_SECONDS = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoEnds:
    """Where the embedded services answer, and as whom to sign in."""

    erp: dict[str, str]
    crm: dict[str, str]


@contextmanager
def demo_sandboxes(state: Path, customers: int, ports: tuple[int, int]) -> Iterator[DemoEnds]:
    """Run both embedded services, filled with the demo company at their first start.

    Raises SandboxNotStarted, also when the state directory holds a company of another size.
    """
    _check_size(state, customers)
    for service in ("erp", "crm"):
        # The services of a demo that was killed notice it, but need a moment to end.
        with held_alone(state / "sandbox" / service, patience_seconds=_PATIENCE_SECONDS):
            pass
    erp_port, crm_port = (free_port(port) for port in ports)
    where = ["--state", str(state / "sandbox"), "--seed-company"]
    erp_arguments = ["erp", *where, "--port", str(erp_port), "--customers", str(customers)]
    erp = SandboxProcess.start(erp_arguments, state / "sandbox-erp.log")
    try:
        crm = SandboxProcess.start(["crm", *where, "--port", str(crm_port)], state / "sandbox-crm.log")
        try:
            yield DemoEnds(erp=erp.announcement, crm=crm.announcement)
        finally:
            crm.stop()
    finally:
        erp.stop()


def free_port(preferred: int) -> int:
    """Take the preferred port, or any when something else answers there."""
    try:
        listen(preferred).close()
    except SandboxNotStarted:
        return 0
    return preferred


def _check_size(state: Path, customers: int) -> None:
    """Refuse to go on with a company of another size: its records stay as they were made."""
    facts = state / _FACTS_FILE
    try:
        if not facts.exists():
            state.mkdir(parents=True, exist_ok=True)
            facts.write_text(json.dumps({"customers": customers}), encoding="utf-8")
            return
        held = json.loads(facts.read_text(encoding="utf-8"))["customers"]
    except OSError as problem:
        msg = translatable(
            "The directory {directory} can't be used: {problem}. Choose another one with --state.",
            directory=str(state),
            problem=str(problem.strerror),
        )
        raise SandboxNotStarted(msg) from problem
    if held != customers:
        msg = translatable(
            "The directory {directory} holds a demo company of {held} customers, not {wanted}. Give "
            "--customers {held}, or another --state directory.",
            directory=str(state),
            held=held,
            wanted=customers,
        )
        raise SandboxNotStarted(msg)


def demo_connection(application: Application, ends: DemoEnds) -> Connection:
    """Make the demo's connection, or bring it to the services' present addresses; test and enable it."""
    settings = ConnectionSettings(
        name=DEMO_CONNECTION,
        erp_address=ends.erp["erp_address"],
        erp_company=ends.erp["erp_company"],
        erp_user=ends.erp["erp_user"],
        crm_address=ends.crm["crm_address"],
        crm_token_url=ends.crm["crm_token_url"],
        crm_client_id=ends.crm["crm_client_id"],
        erp_internal_host=True,
        crm_internal_host=True,
    )
    announced = {ERP_KEY_SECRET: ends.erp["erp_access_key"], CRM_SECRET: ends.crm["crm_client_secret"]}
    # A key that somebody has changed since is not told any more: the connection has the new one.
    secrets = {name: secret for name, secret in announced.items() if secret}
    try:
        held = application.connection(DEMO_CONNECTION)
    except ConnectionProblem:
        connection = application.add_connection(settings, secrets)
    else:
        # What somebody has set since, for orders for one, stays.
        moved = replace(
            held.settings,
            erp_address=settings.erp_address,
            erp_company=settings.erp_company,
            erp_user=settings.erp_user,
            crm_address=settings.crm_address,
            crm_token_url=settings.crm_token_url,
            crm_client_id=settings.crm_client_id,
            erp_internal_host=True,
            crm_internal_host=True,
        )
        # Both ends are the demo's own, at whichever ports they answer now: what was entered for them stays good.
        kept = {name: application.secret(held, name) for name in SECRET_NAMES}
        known = {name: text for name, text in kept.items() if text is not None}
        connection = application.keep(replace(held, settings=moved), {**known, **secrets})
    return asyncio.run(enable_connection(application, connection))


async def enable_connection(application: Application, connection: Connection) -> Connection:
    """Test a connection, learn from both ends, and keep it enabled."""
    async with application.ends(connection) as opened:
        settings = await enable(connection.settings, opened)
    return application.keep(replace(connection, settings=bound(settings, application.config)))


async def publish_availability(application: Application, connection: Connection) -> None:
    """Let the CRM's users see the ERP's stock; told anew when the ERP answers elsewhere than at the last start."""
    async with application.ends(connection) as ends:
        use = ItemAvailability(application=application, connection=connection, ends=ends)
        status = await use.status()
        if (
            not status.published
            or status.sign_in
            or not status.url.startswith(connection.settings.erp_address)
        ):
            await use.publish()
