"""Forms of pages: one address for each operation that writes; done or refused, the page comes back and tells it."""

from dataclasses import replace

from litestar import Response, post
from litestar.params import FromPath
from litestar.response import Redirect

from interlace.management import connections
from interlace.management.asked import from_pairs
from interlace.management.connections import ListConnections
from interlace.management.operation import Effect
from interlace.management.operations import operation_called
from interlace.management.refusal import RefusalKind, Refused
from interlace.management.translatable import translatable
from interlace.web.addresses import DO, own_address
from interlace.web.notice import Notice, notice_of, said, tell
from interlace.web.request import AnyRequest, TheAccounts
from interlace.web.security import PAGE, ask_password_again
from interlace.web.visit import CONNECTION, RETURN_TO, TheVisit, Visit


@post(f"{DO}/{{area:str}}/{{verb:str}}", opt=PAGE)
async def do(
    request: AnyRequest, visit: TheVisit, accounts: TheAccounts, area: FromPath[str], verb: FromPath[str]
) -> Response[None] | Response[str] | Redirect:
    """Carry out what a form asks; what it may is decided at the desk."""
    form = await request.form()
    pairs = [(name, value) for name, value in form.items() if isinstance(value, str)]
    return_to = own_address(next((value for name, value in pairs if name == RETURN_TO), "/"))
    try:
        operation = operation_called(f"{area}.{verb}", Effect.WRITES)
        asked = from_pairs(operation, [each for each in pairs if each[0] != RETURN_TO])
        answer = await visit.ask(operation, asked)
    except Refused as refused:
        if refused.kind is RefusalKind.SIGN_IN_AGAIN:
            return await ask_password_again(request, accounts, pairs)
        await tell(request, accounts, notice_of(refused, request, visit.words))
        return Redirect(return_to, status_code=303)
    told = getattr(answer, "message", "") or translatable("Done.")
    if not getattr(answer, "is_open", False):
        await tell(request, accounts, Notice(title=said(visit.words, told)))
    page = str(getattr(answer, "page", ""))
    asked_of = str(getattr(asked, CONNECTION, ""))
    return Redirect(await _of_connection(visit, page, asked_of) if page else return_to, status_code=303)


async def _of_connection(visit: Visit, page: str, name: str) -> str:
    """Return the page that an operation leads to, for the connection that it was asked of as long as that is there."""
    held = await visit.ask(connections.LIST, ListConnections())
    return replace(visit, connections=held.connections, connection_name=name).at(page)
