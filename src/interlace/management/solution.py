"""What runs in the CRM: its version, that of the integration solution, and bringing that again as an administrator."""

from datetime import datetime
from typing import Annotated

from interlace.management.connections import OneConnection
from interlace.management.operation import Answer, Effect, OfConnection, Operation
from interlace.management.permission import Permission
from interlace.management.secret_text import SECRET
from interlace.management.setup import SetupQuestion
from interlace.management.translatable import translatable


class CrmVersions(Answer, frozen=True, kw_only=True):
    """What the CRM told when it was asked last."""

    is_looking: bool = False
    """It has not answered yet: ask again in a moment."""
    looked_at: datetime | None = None
    crm: str = ""
    """Version of the CRM; blank: not known."""
    web_api: str = ""
    """Version of the Web API that is spoken."""
    solution: str = ""
    """Version of the solution there; blank: it is not installed, or not known."""
    brought: str = ""
    """Version that this Interlace brings."""
    is_older: bool = False
    """The CRM's solution is older than ours."""
    advice: str = ""
    """What to do about the solution; blank: nothing."""
    integration_user: str = ""
    missing_roles: tuple[str, ...] = ()
    problem: str = ""
    """Why the CRM told nothing; blank: it did."""


class Deployment(Answer, frozen=True, kw_only=True):
    """Bringing the solution once more: what is asked for it, and how far it is."""

    questions: tuple[SetupQuestion, ...]
    is_working: bool = False
    told: tuple[str, ...] = ()
    """What is being done, or was done last, line by line."""
    problem: str = ""
    """Why it did not come to its end; blank: it did, or is at work."""


class RedeploySolution(OfConnection, frozen=True, kw_only=True):
    """Asks to bring the solution once more; answers and secret are the administrator's, used once and kept nowhere."""

    answers: dict[str, str] = {}
    secrets: Annotated[dict[str, str], SECRET] = {}


class Redeployed(Answer, frozen=True, kw_only=True):
    """It is done, or its work has begun."""

    page: str
    message: str


VERSIONS = Operation(
    name="connections.versions",
    asked=OneConnection,
    answer=CrmVersions,
    permission=Permission.READ,
    caption=translatable("Versions in the CRM"),
    tooltip=translatable("Ask the CRM for its version and that of the integration solution."),
    command="solution status",
)
DEPLOYMENT = Operation(
    name="connections.deployment",
    asked=OneConnection,
    answer=Deployment,
    permission=Permission.MANAGE_CONNECTION,
    caption=translatable("Redeploy Integration Solution"),
    tooltip=translatable("Show what is asked to bring the solution once more, and how far that is."),
    command="solution status",
)
REDEPLOY = Operation(
    name="connections.redeploy_solution",
    asked=RedeploySolution,
    answer=Redeployed,
    permission=Permission.MANAGE_CONNECTION,
    caption=translatable("Redeploy Integration Solution"),
    tooltip=translatable(
        "Import our version of the solution as an administrator of the CRM, who signs in for this once."
    ),
    effect=Effect.WRITES,
    command="solution import",
)

OPERATIONS = (VERSIONS, DEPLOYMENT, REDEPLOY)
