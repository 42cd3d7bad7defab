"""Tells the demo's story while it is played."""

import asyncio
from dataclasses import asdict, dataclass, field
from enum import Enum
from urllib.parse import quote, urlsplit

from interlace.bootstrap.application import Application, Connection
from interlace.bootstrap.lead_to_cash_story import LeadToCashStory, StoryStep
from interlace.bootstrap.story_desk import Sale
from interlace.bootstrap.story_people import Clerk, Refused, salesperson
from interlace.cli.output import Output
from interlace.cli.spoken import said, t
from interlace.locale.translatable import as_sentence, text_of, translatable


class Scenario(Enum):
    """A story that the demo plays."""

    LEAD_TO_CASH = "lead-to-cash"


@dataclass(slots=True, kw_only=True)
class ToldStory:
    """The steps of a story as they came."""

    steps: list[StoryStep] = field(default_factory=list)
    ended_by: str = ""
    """Why it ended before its end."""

    @property
    def came_as_told(self) -> bool:
        """Tell whether every step came, with what it promises."""
        return not self.ended_by and not any(each.wrong for each in self.steps)

    def as_json(self) -> dict[str, object]:
        """Return the story for programs."""
        steps = [asdict(each) for each in self.steps]
        return {"came_as_told": self.came_as_told, "ended_by": self.ended_by, "steps": steps}


def tell_story(application: Application, connection: Connection, output: Output) -> ToldStory:
    """Play the story of one sale, and write each step as it comes."""
    told = ToldStory()
    output.message("Playing the story of one sale, from a new account to the payment …")
    asyncio.run(_play(application, connection, output, told))
    if told.ended_by:
        output.message(translatable("The story ends here. {reason}", reason=as_sentence(told.ended_by)))
    elif told.came_as_told:
        output.message("The story came as told. `interlace orders list` shows the order.")
    else:
        output.message("The story did NOT come as told: see the steps above.")
    return told


async def _play(application: Application, connection: Connection, output: Output, told: ToldStory) -> None:
    settings = connection.settings
    path = urlsplit(settings.erp_address).path.rstrip("/")
    async with application.ends(connection) as ends:
        company = quote(settings.erp_company.replace("'", "''"), safe="")
        clerk = Clerk(channel=ends.erp_channel, company_path=f"{path}/ODataV4/Company('{company}')/")
        try:
            sale = Sale(settings=settings, sales=await salesperson(ends.crm_channel), clerk=clerk)
            story = LeadToCashStory(application=application, connection=connection, ends=ends, sale=sale)
            async for step in story.steps():
                told.steps.append(step)
                if not output.as_json:
                    _write(output, len(told.steps), step)
        except Refused as refused:
            told.ended_by = text_of(refused)


def _write(output: Output, number: int, step: StoryStep) -> None:
    out = output.stdout
    out.write(f"\n{number:>2}. {said(step.who)}: {said(step.what)}\n")
    for text in step.shows:
        out.write(f"      {said(text)}\n")
    for link in step.links:
        out.write(f"      -> {link}\n")
    for text in step.wrong:
        out.write(f"      {t('NOT AS TOLD: {text}', text=as_sentence(text))}\n")
    out.flush()
