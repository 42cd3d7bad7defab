"""Has something done as the CRM's administrator: in a short-lived process, so that no trace of the sign-in stays here.

The credential goes over the process's standard input: it is in no argument, environment, file, database or log.
"""

import asyncio
import os
import sys
from asyncio.subprocess import PIPE, Process
from dataclasses import replace

from interlace.bootstrap.administrator_order import (
    AdministratorAccount,
    AdministratorOrder,
    decode_line,
    encode_order,
    problem_of,
    unexpected,
)
from interlace.bootstrap.connection_settings import ConnectionSettings, SignInMethod
from interlace.bootstrap.ends import rules_of
from interlace.bootstrap.solution_setup import SolutionOrder, SolutionOutcome, Tell
from interlace.domain.side import Side
from interlace.engine.service import ServiceMismatch

_MODULE = "interlace.bootstrap.administrator_process"
_KEPT_VARIABLES = (
    "PATH",
    "LANG",
    "LC_ALL",
    "TZ",
    "SYSTEMROOT",
    "TEMP",
    "TMP",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
)
"""What a Python process needs; whatever secrets the environment holds are not handed on."""
_LINE_BYTES_MAX = 4 * 1024 * 1024


def order_for(
    settings: ConnectionSettings,
    account: AdministratorAccount,
    *,
    add_user: bool,
    redeploy: bool,
    timeout_seconds: float,
    team: str = "",
    currency: str = "",
    is_strict: bool = False,
    track: tuple[str, ...] = (),
) -> AdministratorOrder:
    """Order the solution for a connection: its CRM, its account, by its outbound rules."""
    is_person = settings.crm_method.takes_user or settings.crm_method is SignInMethod.DEVICE_CODE
    return AdministratorOrder(
        crm_address=settings.crm_address,
        crm_root=settings.crm_root,
        account=account,
        solution=SolutionOrder(
            client_id="" if is_person else settings.crm_client_id,
            user=settings.crm_user if is_person else "",
            user_id=settings.crm_user_id if is_person else "",
            add_user=add_user,
            redeploy=redeploy,
            team=team,
            currency=currency,
            is_strict=is_strict,
            track=track,
        ),
        rules=replace(rules_of(settings, Side.CRM), authority=account.authority or account.token_url),
        timeout_seconds=timeout_seconds,
    )


async def as_administrator(order: AdministratorOrder, secret: bytearray, tell: Tell) -> SolutionOutcome:
    """Have an order done; raises what the process met: ConnectionProblem or a ServiceFailure.

    The secret is wiped as soon as it is handed over, whatever becomes of the order.
    """
    try:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-I",
            "-m",
            _MODULE,
            stdin=PIPE,
            stdout=PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env={name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ},
            limit=_LINE_BYTES_MAX,
        )
    except BaseException:
        secret[:] = bytes(len(secret))
        raise
    try:
        await _hand_over(process, order, secret)
        return await _listen(process, tell)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def _hand_over(process: Process, order: AdministratorOrder, secret: bytearray) -> None:
    assert process.stdin is not None
    try:
        process.stdin.write(encode_order(order))
        await process.stdin.drain()
        # An empty pipe takes the secret at once: the stream keeps no copy of it.
        process.stdin.write(secret)
        await process.stdin.drain()
    except (BrokenPipeError, ConnectionResetError):
        # It ended already; what it wrote tells why.
        pass
    finally:
        process.stdin.close()
        secret[:] = bytes(len(secret))


async def _listen(process: Process, tell: Tell) -> SolutionOutcome:
    assert process.stdout is not None
    while text := await process.stdout.readline():
        line = decode_line(text)
        if line.progress is not None:
            tell(line.progress)
        elif line.outcome is not None:
            return line.outcome
        else:
            raise problem_of(line)
    code = await process.wait()
    raise ServiceMismatch(unexpected(f"code {code}"))
