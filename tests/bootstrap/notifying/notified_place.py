"""An Interlace with a connection and people, in which errors come and go at moments that a test sets."""

import re
import socket
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_string
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

from interlace.bootstrap.application import Application, Connection
from interlace.bootstrap.connection_settings import ConnectionSettings
from interlace.bootstrap.notifying.notify import notify
from interlace.domain.errors import ErrorCode, RecordError
from interlace.domain.integration_field_mapping import Direction
from interlace.domain.keys import MappingName
from interlace.domain.synch_job import Counters, SynchJob
from interlace.engine.memory import BatchResult, SynchError
from interlace.settings import load_config
from interlace.store.notifications import KeptMessage
from interlace.store.users import StoredUser

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
SECRET = "Ana's secret street 7"


@dataclass(slots=True, kw_only=True)
class NotifiedPlace:
    """An open Interlace, and the moment that it is."""

    application: Application
    connection: Connection
    moment: datetime = NOON
    _jobs: int = 0

    def add_user(self, name: str, *sets: str, language: str = "en_US") -> str:
        """Add somebody with permission sets; gives the id."""
        self.application.state.users.add(
            StoredUser(
                id=f"id-{name}",
                name=name,
                password_hash="-",
                created_at=NOON,
                permission_sets=sets,
                language=language,
            )
        )
        return f"id-{name}"

    def fail(self, *keys: str, mapping: str = "CUSTOMER", reason: str = "the service says no") -> None:
        """Put records on the error list with one trouble."""
        errors = [
            SynchError(
                mapping=MappingName(mapping),
                direction=Direction.TO_INTEGRATION_TABLE,
                source_key=key,
                error=RecordError(
                    code=ErrorCode.REJECTED_BY_SERVICE,
                    message=f"{mapping} {key}: {reason} {SECRET}",
                    subject=f"{mapping} {key}",
                ),
                job_id="job",
                at=NOON,
            )
            for key in keys
        ]
        self.remember(MappingName(mapping), errors=errors)

    def help(self, *keys: str, mapping: str = "CUSTOMER") -> None:
        """Take records off the error list."""
        cleared = [(Direction.TO_INTEGRATION_TABLE, key) for key in keys]
        self.remember(MappingName(mapping), cleared_errors=cleared)

    def remember(self, mapping: MappingName, **found: Any) -> None:
        """Store what a batch of a mapping found."""
        self._jobs += 1
        job = SynchJob(
            id=f"job-{self._jobs}",
            mapping=mapping,
            direction=Direction.TO_INTEGRATION_TABLE,
            started_at=NOON,
            counters=Counters(),
        )
        self.application.connection_store(self.connection).remember(BatchResult(job=job, **found))

    def look(self, **later: float) -> int:
        """Look once, some time later; gives how many messages that made."""
        self.moment += timedelta(**later)
        return notify(self.application, lambda: self.moment)

    def settle(self) -> int:
        """Look twice, far enough apart that whatever lasts is told."""
        return self.look(seconds=15) + self.look(minutes=3)

    def told(self, user_id: str) -> list[KeptMessage]:
        """What somebody was told, the oldest first."""
        return self.application.state.notifications.of_user(user_id, 100)[::-1]


@contextmanager
def notified_place(state: Path) -> Iterator[NotifiedPlace]:
    """Open an Interlace with one connection, named main."""
    config = load_config(environment={}, overrides={"state.directory": str(state)})
    with Application(config) as application:
        connection = application.add_connection(
            ConnectionSettings(
                name="main",
                erp_address="https://erp.example/BC",
                erp_company="CRONUS",
                erp_user="U",
                crm_address="https://crm.example",
                crm_token_url="https://crm.example/token",
                crm_client_id="c",
            ),
            {},
        )
        yield NotifiedPlace(application=application, connection=connection)


@dataclass(slots=True)
class Received:
    """What a mail server was handed, and how it answers."""

    refuses: str = ""
    """The answer to every recipient; blank: it takes all."""
    mails: list[EmailMessage] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)


class _Conversation(socketserver.StreamRequestHandler):
    """One conversation by SMTP (RFC 5321), as far as e-mails are handed over."""

    server: "_SmtpServer"

    def handle(self) -> None:
        """Answer line by line."""
        self._say("220 here")
        recipient = ""
        while line := self.rfile.readline().decode().rstrip("\r\n"):
            match line.split(" ")[0].upper():
                case "QUIT":
                    self._say("221 gone")
                    return
                case "RCPT":
                    [recipient] = re.findall(r"<(.*?)>", line)
                    self._say(self.server.received.refuses or "250 fine")
                case "DATA":
                    self._say("354 go on")
                    self._take(recipient)
                    self._say("250 taken")
                case _:
                    self._say("250 fine")

    def _take(self, recipient: str) -> None:
        lines: list[str] = []
        while (line := self.rfile.readline().decode()) != ".\r\n":
            lines.append(line.removeprefix("."))
        mail = message_from_string("".join(lines), policy=default)
        assert isinstance(mail, EmailMessage)
        self.server.received.mails.append(mail)
        self.server.received.recipients.append(recipient)

    def _say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


class _SmtpServer(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Conversation)
        self.received = Received()


@contextmanager
def smtp_server() -> Iterator[tuple[int, Received]]:
    """Run a mail server on this machine; gives its port and what it was handed."""
    with _SmtpServer() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        yield server.server_address[1], server.received
        server.shutdown()
        thread.join()


def closed_port() -> int:
    """Return a port at which nobody listens."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
