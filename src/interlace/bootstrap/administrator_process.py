"""The administrator's process: `python -m interlace.bootstrap.administrator_process`, started by `administrator`.

It reads one order from its standard input, does it, writes lines of progress and the outcome, and ends. The
administrator's credential and tokens live in its memory only.
"""

import asyncio
import sys
import time
from contextlib import suppress

from interlace.bootstrap.administrator_order import (
    AdministratorOrder,
    Line,
    decode_order,
    encode_line,
    problem_line,
)
from interlace.bootstrap.credentials import sign_in_of
from interlace.bootstrap.ends import origin_of
from interlace.bootstrap.solution_setup import Progress, SolutionOutcome, Stage, Tell, set_up_solution
from interlace.connectors.dataverse.administration import Administration
from interlace.connectors.http import ChannelLimits, HttpChannel
from interlace.connectors.runner import SystemClock
from interlace.connectors.sign_in import SendToAuthority, SignIn
from interlace.connectors.sign_in_credential import DeviceCode
from interlace.connectors.sign_in_directory import DirectorySignIn


class PersonSignIn:
    """Lets a person sign in with a code before the first request; the tokens are kept nowhere."""

    def __init__(self, sign_in: DirectorySignIn, tell: Tell) -> None:
        self._sign_in = sign_in
        self._tell = tell
        self._is_signed_in = False

    async def authorization(self, send: SendToAuthority, refused: str | None, /) -> str | None:
        """Return the person's token."""
        if not self._is_signed_in:
            await self._sign_in.sign_person_in(send, self._show)
            self._is_signed_in = True
        return await self._sign_in.authorization(send, refused)

    def _show(self, text: str) -> None:
        self._tell(Progress(stage=Stage.SIGN_IN, text=text))


async def carry_out(order: AdministratorOrder, secret: str, tell: Tell) -> SolutionOutcome:
    """Sign in and do what was ordered."""
    limits = ChannelLimits(request_seconds_max=order.timeout_seconds)
    origin = origin_of(order.crm_address)
    sign_in = _sign_in(order, secret, tell)
    async with HttpChannel(origin, sign_in, limits, rules=order.rules) as channel:
        return await set_up_solution(
            Administration(channel, order.crm_root), SystemClock(), order.solution, tell
        )


def _sign_in(order: AdministratorOrder, secret: str, tell: Tell) -> SignIn:
    scope = f"{origin_of(order.crm_address)}/.default"
    credential = order.account.credential(secret)
    if isinstance(credential, DeviceCode):
        return PersonSignIn(DirectorySignIn(credential, scope), tell)
    return sign_in_of(credential, scope, monotonic=time.monotonic)


def main() -> int:
    """Read the order, do it, tell what came of it."""
    _leave_no_dump()
    target = sys.stdout.buffer

    def write(line: Line) -> None:
        target.write(encode_line(line))
        target.flush()

    try:
        order = decode_order(sys.stdin.buffer.readline())
        secret = sys.stdin.buffer.read().decode()
        outcome = asyncio.run(carry_out(order, secret, lambda progress: write(Line(progress=progress))))
    except Exception as problem:  # noqa: BLE001 - the parent tells it; a traceback might show what must not be shown
        write(problem_line(problem))
        return 1
    write(Line(outcome=outcome))
    return 0


def _leave_no_dump() -> None:
    """Have the system write no image of this process's memory if it should crash."""
    with suppress(ImportError, OSError, ValueError):
        # Only systems with such images have the module.
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    sys.exit(main())
