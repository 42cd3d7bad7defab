"""`interlace sandbox erp-services`: which page services the embedded ERP publishes, while it is stopped."""

from pathlib import Path
from typing import Annotated

import typer

from interlace.cli.options import Json
from interlace.cli.output import Column, Output
from interlace.locale.translatable import translatable

commands = typer.Typer(help="Page services of the embedded ERP, while it is stopped.", no_args_is_help=True)

StateDirectory = Annotated[Path, typer.Option("--state", help="Directory of the services' records.")]
Names = Annotated[
    list[str] | None, typer.Argument(help="Services, such as ItemCard CustomerCard.", show_default=False)
]
Every = Annotated[bool, typer.Option("--all", help="All services.")]

_COLUMNS = (Column(key="service", caption="Service"), Column(key="published", caption="Published"))


@commands.command("list")
def list_services(state: StateDirectory = Path("sandbox"), *, as_json: Json = False) -> None:
    """List the page services, and whether each is published.

    Example: interlace sandbox erp-services list --state sandbox
    """
    from interlace.bootstrap.sandbox_users import services, stopped_erp

    with stopped_erp(state) as erp:
        held = services(erp)
    _show(held, as_json=as_json)


@commands.command()
def publish(
    names: Names = None,
    state: StateDirectory = Path("sandbox"),
    *,
    every: Every = False,
    as_json: Json = False,
) -> None:
    """Publish page services, as an administrator does on the page Web Services.

    Example: interlace sandbox erp-services publish ItemCard CustomerCard
    """
    _set_published(names or [], state, published=True, every=every, as_json=as_json)


@commands.command()
def unpublish(
    names: Names = None,
    state: StateDirectory = Path("sandbox"),
    *,
    every: Every = False,
    as_json: Json = False,
) -> None:
    """Publish page services no longer.

    Example: interlace sandbox erp-services unpublish ProductItemAvailability
    """
    _set_published(names or [], state, published=False, every=every, as_json=as_json)


def _set_published(names: list[str], state: Path, *, published: bool, every: bool, as_json: bool) -> None:
    from interlace.bootstrap.sandbox_users import publish as set_published
    from interlace.bootstrap.sandbox_users import services, stopped_erp

    if not names and not every:
        msg = translatable("Name the services, or give --all.")
        raise typer.BadParameter(msg, param_hint="NAMES")
    with stopped_erp(state) as erp:
        changed = set_published(erp, list(services(erp)) if every else names, published=published)
    _show(changed, as_json=as_json)


def _show(services: dict[str, bool], *, as_json: bool) -> None:
    rows = [{"service": name, "published": published} for name, published in services.items()]
    Output(as_json=as_json).rows(_COLUMNS, rows, empty="No service.")
