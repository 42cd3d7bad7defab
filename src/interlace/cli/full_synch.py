"""`interlace full-synch`: the first complete synchronization, its review and its restart."""

from typing import Annotated

import typer

from interlace.bootstrap.background_full_synch import BackgroundFullSynch
from interlace.bootstrap.connection_settings import ConnectionProblem
from interlace.bootstrap.full_synchronization import FullSynchronization, Watch
from interlace.bootstrap.job_place import working
from interlace.bootstrap.paused_full_synch import hold_entries
from interlace.cli.exit_codes import ExitCode
from interlace.cli.forecast_table import show_forecast
from interlace.cli.options import ConnectionName, Json, State, opened
from interlace.cli.output import Output
from interlace.cli.review_table import ReviewDisplay, has_errors, show_review
from interlace.locale.translatable import translatable

commands = typer.Typer(help="Full synchronization: start, status, restart.", no_args_is_help=True)


@commands.command()
def start(
    connection: ConnectionName = None,
    state: State = None,
    *,
    recommend_full: Annotated[
        list[str] | None,
        typer.Option(help="Mapping that creates what is missing though both sides are filled; repeatable."),
    ] = None,
    forecast: Annotated[
        bool, typer.Option("--forecast", help="Tell how many calls and minutes it will take; start nothing.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Start a full synchronization, or go on with one that was interrupted, and follow it to its end.

    Example: interlace full-synch start
    """
    output = Output(as_json=as_json)
    with opened(state) as application:
        held = application.connection(connection)
        full = FullSynchronization(application=application)
        wanted = application.known_mappings(held, recommend_full) if recommend_full else []
        if forecast:
            show_forecast(output, *full.forecast(held, wanted))
            return
        with ReviewDisplay(output) as display:
            watch: Watch = display.show
            if full.paused(held) is not None and not wanted:
                review = full.restart(held, watch, every=False)
            else:
                review = full.run(held, full.unfinished(held) or full.plan(held, wanted), watch)
    show_review(output, review)
    raise typer.Exit(ExitCode.REMAINING if has_errors(review) else ExitCode.OK)


@commands.command()
def status(connection: ConnectionName = None, state: State = None, *, as_json: Json = False) -> None:
    """Show the newest full synchronization line by line.

    Example: interlace full-synch status --json
    """
    output = Output(as_json=as_json)
    with opened(state) as application:
        review = FullSynchronization(application=application).latest(application.connection(connection))
    if review is None:
        output.message("There is no full synchronization yet. Start one with `interlace full-synch start`.")
        return
    show_review(output, review)
    raise typer.Exit(ExitCode.REMAINING if has_errors(review) else ExitCode.OK)


@commands.command()
def restart(
    connection: ConnectionName = None,
    state: State = None,
    *,
    every: Annotated[bool, typer.Option("--all", help="Every line from its first record.")] = False,
    only: Annotated[
        list[str] | None,
        typer.Option("--mapping", help="Only this line, from its first record; repeatable."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Run the lines that ended with an error, and those they blocked, once more from where they stopped.

    Example: interlace full-synch restart --all
    """
    output = Output(as_json=as_json)
    with opened(state) as application:
        held = application.connection(connection)
        with ReviewDisplay(output) as display:
            watch: Watch = display.show
            names = application.known_mappings(held, only) if only else []
            full = FullSynchronization(application=application)
            review = full.restart(held, watch, every=every, only=names)
    show_review(output, review)
    raise typer.Exit(ExitCode.REMAINING if has_errors(review) else ExitCode.OK)


@commands.command()
def reset(connection: ConnectionName = None, state: State = None, *, as_json: Json = False) -> None:
    """Count both sides and lay the lines out anew, with fresh recommendations; nothing is started.

    Example: interlace full-synch reset
    """
    output = Output(as_json=as_json)
    with opened(state) as application:
        held = application.connection(connection)
        with working(application) as place:
            review = BackgroundFullSynch(application, place.client).reset(held)
    show_review(output, review)


@commands.command("leave-out")
def leave_out(
    mappings: Annotated[
        list[str], typer.Argument(metavar="MAPPING...", help="Lines to leave out.", show_default=False)
    ],
    connection: ConnectionName = None,
    state: State = None,
    *,
    as_json: Json = False,
) -> None:
    """Take mappings out of the full synchronization before they are started; others don't wait for them.

    Example: interlace full-synch leave-out OPPORTUNITY
    """
    output = Output(as_json=as_json)
    with opened(state) as application:
        held = application.connection(connection)
        names = application.known_mappings(held, mappings)
        with working(application) as place:
            review = BackgroundFullSynch(application, place.client).leave_out(held, names)
    show_review(output, review)


@commands.command()
def cancel(connection: ConnectionName = None, state: State = None, *, as_json: Json = False) -> None:
    """Stop the full synchronization after the records at hand; start or restart goes on from there.

    Example: interlace full-synch cancel
    """
    output = Output(as_json=as_json)
    with opened(state) as application:
        held = application.connection(connection)
        full = FullSynchronization(application=application)
        review = full.unfinished(held)
        if review is None:
            raise ConnectionProblem(
                translatable("No full synchronization is running, so there is nothing to stop.")
            )
        with working(application) as place:
            place.client.cancel_full_synch(review.run_id)
        hold_entries(application, held, review)
        shown = full.latest(held)
    assert shown is not None
    show_review(output, shown)
