"""What a channel sends through in tests that need no socket: every request gets the next of the answers given."""

from collections.abc import Mapping

import msgspec
from yarl import URL

from interlace.connectors.http_message import HttpAnswer, HttpRequest, RequestFailed

ACCOUNT = "0f0f0f0f-0000-4000-8000-000000000001"


class ScriptedTransport:
    """Answers with prepared answers, or fails with prepared failures."""

    def __init__(self, *answers: HttpAnswer | RequestFailed) -> None:
        self._answers = list(answers)

    async def exchange(
        self, method: str, url: URL, headers: Mapping[str, str], body: bytes | None
    ) -> HttpAnswer:
        """Return the next answer."""
        answer = self._answers.pop(0)
        if isinstance(answer, RequestFailed):
            raise answer
        return answer

    async def close(self) -> None:
        """Have nothing to close."""


def post_account(name: str) -> HttpRequest:
    """Build the creation of an account whose id we choose."""
    body = msgspec.json.encode({"accountid": ACCOUNT, "name": name})
    return HttpRequest(
        method="POST", url="/api/data/v9.2/accounts", headers={"If-None-Match": "*"}, body=body
    )
