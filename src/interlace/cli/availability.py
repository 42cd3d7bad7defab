"""`interlace availability`: the stock of an item as CRM users see it, and who may look it up."""

import asyncio
from datetime import datetime
from typing import Annotated

import typer

# Typer carries a command-line library of its own and publishes only some of its classes.
from typer._click.core import Command, Context
from typer.core import TyperGroup

from interlace.bootstrap.application import Application, Connection
from interlace.bootstrap.availability import (
    AvailabilityStatus,
    FeedSignIn,
    ItemAvailability,
    PublishedAvailability,
)
from interlace.bootstrap.connection_settings import ConnectionProblem, require_enabled
from interlace.bootstrap.item_stock import ItemStock, stock_of
from interlace.cli.captions import duration_text, moment_text
from interlace.cli.consent import require_consent
from interlace.cli.exit_codes import ExitCode
from interlace.cli.options import ConnectionName, Json, State, Yes, opened
from interlace.cli.output import Output
from interlace.cli.secret_sources import read_secret_file
from interlace.cli.spoken import said
from interlace.locale.translatable import translatable

_SHOW = "show"


class _ItemOrCommand(TyperGroup):
    """A first word that names no command is an item: `interlace availability 1000`."""

    def resolve_command(self, ctx: Context, args: list[str]) -> tuple[str | None, Command | None, list[str]]:
        """Find the command of the words."""
        if args and args[0] not in self.commands and not args[0].startswith("-"):
            args = [_SHOW, *args]
        return super().resolve_command(ctx, args)


commands = typer.Typer(
    cls=_ItemOrCommand,
    help="Item availability: the stock of an item, and whether CRM users can look it up themselves.",
    no_args_is_help=True,
)


@commands.command(_SHOW)
def show(
    item: Annotated[str, typer.Argument(help="Item number in the ERP.", show_default=False)],
    connection: ConnectionName = None,
    state: State = None,
    *,
    as_json: Json = False,
) -> None:
    """Show an item's stock, what is left of it, the CRM product, and how old the numbers are.

    The word `show` may be left out, unless the item is called like a command.

    Example: interlace availability show 1000
    """
    with opened(state) as application:
        stock = asyncio.run(_stock(application, application.connection(connection), item))
    Output(as_json=as_json).record(_stock_row(stock, as_json=as_json))


@commands.command()
def publish(
    odata_user: Annotated[
        str | None,
        typer.Option(
            help="ERP user who may only read the feed; needed where the ERP issues no feed tokens.",
            show_default=False,
        ),
    ] = None,
    odata_key_file: Annotated[
        str | None,
        typer.Option(
            "--odata-key-file",
            metavar="FILE",
            help="File with that user's web service access key; '-' reads standard input.",
            show_default=False,
        ),
    ] = None,
    erp_url: Annotated[
        str | None,
        typer.Option(
            "--erp-url", metavar="URL", help="Address of the ERP's web client for people.", show_default=False
        ),
    ] = None,
    connection: ConnectionName = None,
    state: State = None,
    *,
    as_json: Json = False,
) -> None:
    """Let CRM users look up the stock: write address and sign-in of the feed into the CRM.

    The ERP issues a token that reads the feed alone, for 90 days; runs of ITEM-PRODUCT renew it.

    Example: interlace availability publish
    """
    own = _own_sign_in(odata_user, odata_key_file)
    output = Output(as_json=as_json)
    with opened(state) as application:
        held = application.connection(connection)
        published = asyncio.run(_publish(application, held, erp_url, own))
    register = published.register
    output.record(
        {
            "url": published.url,
            "user": published.user,
            "expires": moment_text(published.expires, as_json=as_json),
            "coupled": register.entries,
            "written": register.written,
            "refused": len(register.refused),
        }
    )
    for each in register.refused:
        output.message(translatable("Not written in the ERP: {said}", said=each))
    if published.reads_more:
        output.message(
            translatable(
                "The user {user} may read customers too, and so may whoever reads the row in the CRM. Leave him no "
                "right but that to the page ProductItemAvailability.",
                user=published.user,
            )
        )
    if register.refused:
        raise typer.Exit(ExitCode.REMAINING)


def _own_sign_in(user: str | None, key_file: str | None) -> FeedSignIn | None:
    """Return the sign-in of a user who may only read the feed, if one was given."""
    if user is None and key_file is None:
        return None
    if user is None or key_file is None:
        raise ConnectionProblem(
            translatable("--odata-user and --odata-key-file belong together. Give both, or none.")
        )
    key = read_secret_file(translatable("key of the OData user"), "--odata-key-file", key_file)
    return FeedSignIn(user=user.strip(), key=key.strip())


@commands.command()
def unpublish(
    connection: ConnectionName = None,
    state: State = None,
    *,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Take address and sign-in of the feed out of the CRM, and end the token.

    Example: interlace availability unpublish --yes
    """
    with opened(state) as application:
        held = application.connection(connection)
        name = held.settings.name
        question = translatable("Take the availability feed of {name} away from the CRM's users?", name=name)
        require_consent(question, given=yes)
        was_there = asyncio.run(_unpublish(application, held))
    Output(as_json=as_json).record({"connection": name, "unpublished": was_there})


@commands.command()
def status(connection: ConnectionName = None, state: State = None, *, as_json: Json = False) -> None:
    """Tell whether CRM users can look up the stock: the row, its sign-in, and the coupled items. Writes nothing.

    Example: interlace availability status
    """
    output = Output(as_json=as_json)
    with opened(state) as application:
        found = asyncio.run(_status(application, application.connection(connection)))
    output.record(
        {
            "published": found.published,
            "url": found.url,
            "user": found.user,
            "expires": _expiry_text(found.expires, as_json=as_json),
            "sign_in": (found.sign_in or "works") if found.published else "",
            "coupled": found.coupled,
            "differing": found.differing,
        }
    )
    if found.problem:
        output.message(found.problem)
    if found.differing:
        output.message("The next run of ITEM-PRODUCT brings the differing items in step.")
    if not found.published and not found.problem:
        output.message("CRM users can't look up the stock. Let them: interlace availability publish")
    if found.problem or found.sign_in:
        raise typer.Exit(ExitCode.REMAINING)


async def _stock(application: Application, held: Connection, item: str) -> ItemStock:
    require_enabled(held.settings)
    async with application.ends(held) as ends:
        return await ends.run(stock_of(item, application.connection_store(held)))


async def _publish(
    application: Application, held: Connection, erp_url: str | None, own: FeedSignIn | None
) -> PublishedAvailability:
    async with application.ends(held) as ends:
        use = ItemAvailability(application=application, connection=held, ends=ends)
        return await use.publish(erp_url=erp_url, own=own)


async def _unpublish(application: Application, held: Connection) -> bool:
    async with application.ends(held) as ends:
        return await ItemAvailability(application=application, connection=held, ends=ends).unpublish()


async def _status(application: Application, held: Connection) -> AvailabilityStatus:
    require_enabled(held.settings)
    async with application.ends(held) as ends:
        return await ItemAvailability(application=application, connection=held, ends=ends).status()


def _stock_row(stock: ItemStock, *, as_json: bool) -> dict[str, object]:
    age = round(stock.age_seconds, 1)
    return {
        "item": stock.item,
        "inventory": stock.inventory,
        "projected": stock.projected,
        "unit": stock.unit,
        "product": stock.product,
        "product_id": stock.product_id,
        "crm_quantity": stock.crm_quantity,
        "source": stock.source if as_json else said(stock.source),
        "age": age if as_json else duration_text(age),
    }


def _expiry_text(text: str, *, as_json: bool) -> str | None:
    return moment_text(datetime.fromisoformat(text), as_json=as_json) if text else None
