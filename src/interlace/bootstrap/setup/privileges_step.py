"""The preflight of the set-up: what both accounts lack for what was chosen, named before anything is written."""

from dataclasses import dataclass

from interlace.bootstrap.privileges import (
    TELL_BEFORE,
    MissingPrivilege,
    missing_privileges,
    told_later,
    unknown_before,
)
from interlace.bootstrap.setup.desk import Desk
from interlace.bootstrap.setup.progress import StepLook, StepProblem, done, trouble
from interlace.bootstrap.setup.question import StepName
from interlace.domain.side import Side
from interlace.locale.translatable import translatable


@dataclass(frozen=True, slots=True)
class PrivilegesStep:
    """Compares what the chosen mappings and switches need with what the accounts hold."""

    name: StepName = StepName.PRIVILEGES
    caption: str = translatable("Privileges")

    async def look(self, desk: Desk) -> StepLook:
        """Ask both ends; every missing privilege is named."""
        async with desk.ends() as ends:
            asked = (desk.application, desk.required_connection, ends)
            missing, unknown = await missing_privileges(*asked), await unknown_before(*asked)
        if missing:
            return trouble(
                [_problem(each) for each in missing],
                translatable("{count} privileges are missing", count=len(missing)),
            )
        if unknown:
            return done(told_later(unknown), details=[TELL_BEFORE])
        return done(translatable("Both accounts hold what the chosen mappings need"))

    async def perform(self, desk: Desk) -> None:
        """A person has to give them."""


def _problem(missing: MissingPrivilege) -> StepProblem:
    setting = "erp.user" if missing.side is Side.ERP else "crm.client_id"
    return StepProblem(what=missing.what, setting=setting, remedy=missing.remedy)
