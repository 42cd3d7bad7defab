"""The OpenAPI description of the management API, made from the declared operations."""

import functools
from collections.abc import Sequence
from importlib import metadata
from typing import Any

import msgspec

from interlace.management.operation import AnyOperation, Effect
from interlace.web.addresses import API

_REFERENCE = "#/components/schemas/{name}"


@functools.cache
def openapi_document(operations: tuple[AnyOperation, ...]) -> dict[str, Any]:
    """Return the description of all operations."""
    kinds = [kind for each in operations for kind in (each.asked, each.answer)]
    schemas, components = msgspec.json.schema_components(kinds, ref_template=_REFERENCE)
    described = dict(zip([id(kind) for kind in kinds], schemas, strict=True))
    return {
        "openapi": "3.1.0",
        "info": {"title": "Interlace management API", "version": metadata.version("interlace")},
        "servers": [{"url": API}],
        "security": [{"bearer": []}],
        "paths": {f"/{each.address}": _path(each, described) for each in operations},
        "components": {
            "schemas": components,
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
        },
    }


def _path(operation: AnyOperation, described: dict[int, Any]) -> dict[str, Any]:
    told: dict[str, Any] = {
        "operationId": operation.name,
        "summary": operation.caption,
        "description": f"{operation.tooltip} Needs the permission {operation.permission.value}.",
        "tags": [operation.name.partition(".")[0]],
        "responses": {
            "200": {
                "description": "Done.",
                "content": {"application/json": {"schema": described[id(operation.answer)]}},
            },
            "default": {"description": "Not done; `error` tells why and what to do."},
        },
    }
    if operation.effect is Effect.READS:
        told["parameters"] = _parameters(operation)
        return {"get": told}
    told["requestBody"] = {"content": {"application/json": {"schema": described[id(operation.asked)]}}}
    return {"post": told}


def _parameters(operation: AnyOperation) -> Sequence[dict[str, Any]]:
    return [
        {
            "name": each.encode_name,
            "in": "query",
            "required": each.required,
            "schema": msgspec.json.schema_components([each.type])[0][0],
        }
        for each in msgspec.structs.fields(operation.asked)
    ]
