"""How operations run: blocking work off the event loop, and every known failure told as a refusal.

What only asks the store runs in the threads that pages share, for it is over at once. What may wait for a service has
threads of its own: however many wait there, every page that needs no service is answered.
"""

import asyncio
import contextvars
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Final, ParamSpec, Protocol, TypeVar

from interlace.bootstrap.application import Application, Connection
from interlace.bootstrap.changed_meanwhile import ConnectionChangedMeanwhile
from interlace.bootstrap.connection_settings import ConnectionProblem
from interlace.bootstrap.job_starts import StartedJustNow
from interlace.bootstrap.mapping_busy import MappingBusy
from interlace.bootstrap.plan_file import PlanFileError
from interlace.domain.conflict import DecisionRefused
from interlace.engine.planning_store import PlanImpossible
from interlace.engine.service import ErpFrozen, ServiceMismatch, ServiceUnavailable, SignInRefused
from interlace.jobs.ports import NothingToRestart
from interlace.locale.translatable import text_of, translatable
from interlace.management.caller import Caller
from interlace.management.refusal import NextStep, RefusalKind, Refused, too_early
from interlace.store.connections import ConnectionNameTaken
from interlace.store.journal_files import JournalNotWritable
from interlace.store.secrets import SecretUnreadable

P = ParamSpec("P")
T = TypeVar("T")

_CHANGED = (DecisionRefused, PlanImpossible)
_NOT_READY = (ConnectionProblem, JournalNotWritable, NothingToRestart, SecretUnreadable)
_INVALID = (ConnectionNameTaken, PlanFileError)
_THREADS: Final = ThreadPoolExecutor(max_workers=64, thread_name_prefix="beside-pages")
"""They wait for services more than they reckon, so there may be many more of them than processors."""


class AskedOfConnection(Protocol):
    """What is asked of one connection."""

    @property
    def connection(self) -> str:
        """Its name or id; blank means the only one."""
        ...


async def off_loop(work: Callable[P, T], *arguments: P.args, **named: P.kwargs) -> T:
    """Run work that only asks the store in a thread; known failures become Refused."""
    with refusals():
        return await asyncio.to_thread(work, *arguments, **named)


async def beside_pages(work: Callable[P, T], *arguments: P.args, **named: P.kwargs) -> T:
    """Run blocking work that may wait for a service, where no page waits for it; known failures become Refused."""
    context = contextvars.copy_context()
    with refusals():
        return await asyncio.get_running_loop().run_in_executor(
            _THREADS, lambda: context.run(work, *arguments, **named)
        )


async def in_own_loop(begin: Callable[[], Coroutine[None, None, T]]) -> T:
    """Run a use case that awaits services and blocks on the store in a thread with a loop of its own."""
    return await beside_pages(lambda: asyncio.run(begin()))


async def connection_of(application: Application, caller: Caller, asked: AskedOfConnection) -> Connection:
    """Return the connection that an operation is asked of; raises Refused if that is not clear, or not allowed."""
    held = await off_loop(application.connection, asked.connection or None)
    require_reach(caller, held.settings.name)
    return held


def require_reach(caller: Caller, name: str) -> None:
    """Raise Refused if a caller's access key is for other connections than the one of this name."""
    if caller.connections is not None and name not in caller.connections:
        raise Refused(
            RefusalKind.FORBIDDEN,
            translatable("The access token is not for this connection"),
            next_step=translatable("Use a token that names the connection, or none."),
        )


def may_see(caller: Caller, connection: Connection) -> bool:
    """Whether a caller may reach a connection: access tokens can be limited to some."""
    return caller.connections is None or connection.settings.name in caller.connections


@contextmanager
def refusals() -> Iterator[None]:
    """Tell the known failures of use cases as refusals."""
    try:
        yield
    except _CHANGED as problem:
        raise Refused(
            RefusalKind.CHANGED_MEANWHILE,
            translatable("The record has changed meanwhile"),
            why=text_of(problem),
        ) from problem
    except MappingBusy as problem:
        raise Refused(
            RefusalKind.CHANGED_MEANWHILE,
            translatable("The mapping is being synchronized"),
            why=text_of(problem),
        ) from problem
    except StartedJustNow as problem:
        raise too_early(
            translatable("This was started a moment ago"), problem.wait, why=text_of(problem)
        ) from problem
    except ErpFrozen as problem:
        raise Refused(
            RefusalKind.NOT_READY,
            translatable("The ERP is frozen"),
            why=text_of(problem),
            steps=(NextStep(caption=translatable("Freeze Windows"), page="/connection/freezes"),),
        ) from problem
    except SignInRefused as problem:
        raise Refused(
            RefusalKind.SERVICE_FAILED,
            translatable("A service refused the sign-in"),
            why=text_of(problem),
            steps=(NextStep(caption=translatable("Connection Setup"), page="/connection"),),
        ) from problem
    except (ServiceUnavailable, ServiceMismatch) as problem:
        raise Refused(
            RefusalKind.SERVICE_FAILED,
            translatable("A service did not answer as expected"),
            why=text_of(problem),
            next_step=translatable("Try again in a moment."),
        ) from problem
    except ConnectionChangedMeanwhile as problem:
        raise Refused(
            RefusalKind.CHANGED_MEANWHILE,
            translatable("The connection was changed meanwhile"),
            why=text_of(problem),
        ) from problem
    except _NOT_READY as problem:
        raise Refused(
            RefusalKind.NOT_READY, translatable("This can't be done now"), why=text_of(problem)
        ) from problem
    except _INVALID as problem:
        raise Refused(
            RefusalKind.INVALID, translatable("This can't be done so"), why=text_of(problem)
        ) from problem
