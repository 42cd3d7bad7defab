"""A transport that keeps what would have gone onto the wire, as text, and answers as the documentation does."""

import re
from collections.abc import Mapping
from typing import Self

from yarl import URL

from interlace.connectors.http import HttpChannel
from interlace.connectors.http_message import HttpAnswer
from interlace.connectors.sign_in import BasicSignIn, NoSignIn, SignIn


class Bearer(NoSignIn):
    """Signs in with a token that is known already."""

    async def authorization(self, post_form: object, refused: str | None) -> str | None:
        """Return the token."""
        return "Bearer TOKEN"


class Wire:
    """Keeps requests and gives prepared answers, in the order in which both come."""

    def __init__(self) -> None:
        self.requests: list[str] = []
        self._answers: list[HttpAnswer] = []

    def answer(self, body: str = "", status: int = 0, content_type: str = "application/json") -> Self:
        """Prepare the next answer; without a body it is 204."""
        headers = {"content-type": content_type}
        code = status or (200 if body else 204)
        self._answers.append(HttpAnswer(status=code, headers=headers, body=body.encode()))
        return self

    async def exchange(
        self, method: str, url: URL, headers: Mapping[str, str], body: bytes | None
    ) -> HttpAnswer:
        """Write a request down and answer it."""
        self.requests.append(_written(method, url, headers, body))
        return self._answers.pop(0)

    async def close(self) -> None:
        """Nothing is open."""

    def taken(self) -> list[str]:
        """Return the requests since the last call."""
        requests, self.requests = self.requests, []
        return requests

    def crm(self) -> HttpChannel:
        """A channel to an organization over this wire."""
        return HttpChannel("https://contoso.crm4.dynamics.com", Bearer(), transport=self)

    def erp(self, sign_in: SignIn | None = None) -> HttpChannel:
        """A channel to a server on premises over this wire."""
        return HttpChannel("https://nav.contoso.com:7048", sign_in or BasicSignIn("U", "K"), transport=self)


def _written(method: str, url: URL, headers: Mapping[str, str], body: bytes | None) -> str:
    """Write a request as the documentation prints one; headers by name, line ends as they are."""
    named = [f"{name}: {text}" for name, text in sorted(headers.items())]
    text = "\r\n".join([f"{method} {url}", *named, "", (body or b"").decode()])
    # Boundaries are numbered by process.
    return re.sub(r"batch_interlace_\d+", "batch_interlace_N", text)


def documented(text: str) -> str:
    """Take a request as it is printed in this folder: one line each, ended by CR and LF on the wire."""
    return text.strip("\n").replace("\n", "\r\n")
