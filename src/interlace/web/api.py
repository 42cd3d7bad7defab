"""The management API: one address for each operation, made from its declaration."""

import msgspec
from litestar import Response, get, route
from litestar.params import FromPath

from interlace.management.asked import from_body, from_pairs
from interlace.management.operation import Effect
from interlace.management.operations import ALL_OPERATIONS, operation_called
from interlace.management.refusal import Refused
from interlace.web.addresses import API
from interlace.web.openapi import openapi_document
from interlace.web.refusal_log import log_refusal
from interlace.web.request import AnyRequest, TheDesk, request_id
from interlace.web.security import API as API_ACCESS
from interlace.web.security import admitted

_ENCODER = msgspec.json.Encoder(decimal_format="number", enc_hook=str)


class ApiError(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Why a request was not done, as the API tells it."""

    title: str
    kind: str
    why: str = ""
    next_step: str = ""
    code: str = ""
    reference: str = ""
    fields: dict[str, str] = {}


@route(f"{API}/{{area:str}}/{{verb:str}}", http_method=["GET", "POST"], opt=API_ACCESS)
async def call(
    request: AnyRequest, desk: TheDesk, area: FromPath[str], verb: FromPath[str]
) -> Response[bytes]:
    """Carry out one operation: reading ones by GET with parameters, the others by POST with a JSON body."""
    effect = Effect(request.method)
    try:
        operation = operation_called(f"{area}.{verb}", effect)
        if effect is Effect.READS:
            asked = from_pairs(operation, request.query_params.multi_items())
        else:
            asked = from_body(operation, await request.body())
        answer = await desk.perform(operation, admitted(request).caller, asked)
    except Refused as refused:
        return refusal_response(request, refused)
    return Response(_ENCODER.encode(answer), status_code=200, media_type="application/json")


@get(f"{API}/openapi.json", opt=API_ACCESS)
async def openapi() -> Response[bytes]:
    """The description of the API, for tools that read OpenAPI 3.1."""
    return Response(_ENCODER.encode(openapi_document(ALL_OPERATIONS)), media_type="application/json")


def refusal_response(request: AnyRequest, refused: Refused) -> Response[bytes]:
    """Return a refusal as the API tells it."""
    log_refusal(request, refused)
    error = ApiError(
        title=refused.title,
        kind=refused.kind.value,
        why=refused.why,
        next_step=refused.next_step,
        code=refused.code,
        reference=request_id(request),
        fields=refused.fields,
    )
    return Response(
        _ENCODER.encode({"error": error}),
        status_code=refused.status,
        media_type="application/json",
        headers=waiting_headers(refused),
    )


def waiting_headers(refused: Refused) -> dict[str, str]:
    """Return the header that tells programs when to ask again, if time changes anything."""
    return {} if refused.wait is None else {"Retry-After": f"{refused.wait.total_seconds():.0f}"}
