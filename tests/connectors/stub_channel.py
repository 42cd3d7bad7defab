"""A channel without a socket: every request gets the next of the answers given."""

from interlace.connectors.http import HttpChannel
from interlace.connectors.http_message import HttpAnswer, HttpRequest, RequestFailed
from interlace.connectors.sign_in import NoSignIn


class StubChannel(HttpChannel):
    """Answers with prepared answers, or fails with prepared failures, and keeps the requests."""

    def __init__(self, *answers: HttpAnswer | RequestFailed) -> None:
        super().__init__("http://127.0.0.1:1", NoSignIn(), pause=self._pass_over)
        self.answers = list(answers)
        self.sent: list[HttpRequest] = []

    async def _pass_over(self, seconds: float) -> None:
        """Wait for nothing."""

    async def send(self, request: HttpRequest) -> HttpAnswer:
        """Return the next answer."""
        self.sent.append(request)
        answer = self.answers.pop(0)
        if isinstance(answer, RequestFailed):
            raise answer
        return answer
