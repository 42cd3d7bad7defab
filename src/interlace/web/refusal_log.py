"""Each refusal stands in the log under the reference that its page shows."""

import logging
from typing import Final

from interlace.management.refusal import RefusalKind, Refused
from interlace.web.request import AnyRequest, request_id

_LOG = logging.getLogger(__name__)
_SILENT: Final = frozenset({RefusalKind.NOT_SIGNED_IN, RefusalKind.SIGN_IN_AGAIN})
_EVERYDAY: Final = frozenset({RefusalKind.INVALID, RefusalKind.NOT_FOUND, RefusalKind.WRONG_METHOD})
"""What people mistype; the log tells of it where it is asked to tell much."""
_NOTED: Final = "refusal_is_logged"


def log_refusal(request: AnyRequest, refused: Refused) -> None:
    """Write one line for a request that was refused, however many places handle it."""
    state = request.scope["state"]
    if state.get(_NOTED) or refused.kind in _SILENT:
        return
    state[_NOTED] = True
    level = logging.INFO if refused.kind in _EVERYDAY else logging.WARNING
    _LOG.log(
        level,
        "request %s was refused: %s %s at %s",
        request_id(request),
        refused.kind.value,
        refused.code or "-",
        request.url.path,
    )
