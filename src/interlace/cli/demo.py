"""`interlace demo`: both ends on this machine, connected, synchronized and verified."""

import asyncio
import shlex
import time
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import typer

from interlace.bootstrap.application import Application, Connection
from interlace.bootstrap.demo import (
    DemoEnds,
    demo_connection,
    demo_sandboxes,
    free_port,
    publish_availability,
)
from interlace.bootstrap.full_synchronization import FullSynchronization
from interlace.bootstrap.sandbox_server import LOOPBACK
from interlace.bootstrap.verification import verify_connection
from interlace.cli.demo_story import Scenario, tell_story
from interlace.cli.exit_codes import ExitCode
from interlace.cli.options import Json, opened
from interlace.cli.output import Output
from interlace.cli.review_table import ReviewDisplay, review_rows, show_review
from interlace.cli.serve import serve_application
from interlace.cli.spoken import t, words
from interlace.cli.verify import show_report
from interlace.domain.full_synch_review import FullSynchReview
from interlace.locale.translatable import translatable
from interlace.verify.verify_report import VerifyReport

_SALESPERSON = "annika.boerensen@nordlicht.example"
"""Somebody of the demo company who may sell."""


def demo(
    *,
    scenario: Annotated[
        Scenario | None,
        typer.Option(
            help="Play a story over both services, step by step, before verify.", show_default=False
        ),
    ] = None,
    once: Annotated[bool, typer.Option("--once", help="End after verify, with its exit code.")] = False,
    customers: Annotated[int, typer.Option(help="Customers of the demo company.", min=1)] = 1000,
    state: Annotated[Path, typer.Option("--state", help="Directory of the demo.")] = Path(".interlace"),
    erp_port: Annotated[int, typer.Option(help="Port of the embedded ERP.", min=0, max=65_535)] = 7048,
    crm_port: Annotated[int, typer.Option(help="Port of the embedded CRM.", min=0, max=65_535)] = 7148,
    port: Annotated[int, typer.Option(help="Port of the web client.", min=0, max=65_535)] = 8100,
    as_json: Json = False,
) -> None:
    """Start both embedded services, connect them, run the full synchronization, verify, and serve the web client.

    A story that does not come as told ends the demo with 1, as does a difference that verify finds.

    Example: interlace demo --once --customers 200
    Example: interlace demo --scenario lead-to-cash
    """
    output = Output(as_json=as_json)
    began = time.monotonic()
    state = state.absolute()
    output.message(
        words().n(
            "Starting the embedded ERP and CRM with a company of {count} customer …",
            "Starting the embedded ERP and CRM with a company of {count} customers …",
            customers,
        )
    )
    if not (state / "sandbox" / "erp").exists():
        output.message("The first start makes the company: some seconds for each thousand customers.")
    given = {"server.host": LOOPBACK, "server.port": str(free_port(port))}
    with demo_sandboxes(state, customers, (erp_port, crm_port)) as ends, opened(state, given) as application:
        _tell_other_ports(output, ends, erp_port, crm_port)
        output.message("Connecting them …")
        connection = demo_connection(application, ends)
        review = _synchronize(application, connection, output)
        asyncio.run(publish_availability(application, connection))
        connection = application.connection(connection.id)
        told = None if scenario is None else tell_story(application, connection, output)
        output.message("Verifying: reading both ends afresh …")
        report = verify_connection(application, connection)
        if as_json:
            story = {} if told is None else {"story": told.as_json()}
            output.record({**_summary(ends, review, report), **story})
            output.stdout.flush()
        else:
            show_review(output, review)
            show_report(output, report)
            _tell_intended(output, report)
            seconds = round(time.monotonic() - began)
            output.message("\n" + words().n("Done in {count} second.", "Done in {count} seconds.", seconds))
            if not once:
                _tell_where(output, ends)
            _tell_commands(output, state, stays=not once)
        if not once:
            output.message("")
            output.message("Both services stay up, and records are synchronized as they change.")
            output.message("Ctrl-C ends the demo; its state stays.")
            serve_application(application, output)
    as_told = told is None or told.came_as_told
    raise typer.Exit(ExitCode.OK if report.is_green and as_told else ExitCode.ERROR)


def _synchronize(application: Application, connection: Connection, output: Output) -> FullSynchReview:
    full = FullSynchronization(application=application)
    review = full.unfinished(connection)
    if review is None:
        output.message("Running the full synchronization …")
        review = full.plan(connection)
    else:
        output.message("Going on with the full synchronization that was interrupted …")
    with ReviewDisplay(output) as display:
        return full.run(connection, review, display.show)


def _summary(ends: DemoEnds, review: FullSynchReview, report: VerifyReport) -> dict[str, object]:
    return {
        "run": review.run_id,
        "lines": review_rows(review),
        "verify": report.as_json(),
        "ends": {**ends.erp, **ends.crm},
    }


def _tell_other_ports(output: Output, ends: DemoEnds, erp_port: int, crm_port: int) -> None:
    asked_and_given = (
        ("ERP", erp_port, ends.erp["erp_address"]),
        ("CRM", crm_port, ends.crm["crm_address"]),
    )
    for end, asked, address in asked_and_given:
        if asked and urlsplit(address).port != asked:
            output.message(
                translatable(
                    "Port {port} is taken; the {end} answers at {address} instead.",
                    port=str(asked),
                    end=end,
                    address=address,
                )
            )


def _tell_intended(output: Output, report: VerifyReport) -> None:
    if any(verdict.failed for verdict in report.verdicts):
        output.message(
            "The demo company holds a few records that must fail, on purpose: a salesperson who is no CRM user,\n"
            "a web address that is too long, a credit limit below zero, an item without a unit."
        )


def _tell_where(output: Output, ends: DemoEnds) -> None:
    erp, crm = ends.erp, ends.crm
    places = (
        (t("ERP, OData V4"), f"{erp['erp_address']}/ODataV4/"),
        (t("ERP, API v2.0"), f"{erp['erp_address']}/api/v2.0/"),
        (
            "",
            t(
                "user {user}, web service access key {key}",
                user=erp["erp_user"],
                key=erp["erp_access_key"] or t("as it was changed"),
            ),
        ),
        (t("CRM, Web API"), f"{crm['crm_address']}/api/data/v9.2/"),
        ("", t("token from {address}", address=crm["crm_token_url"])),
        (
            "",
            t(
                "client id {client_id}, secret {secret}",
                client_id=crm["crm_client_id"],
                secret=crm["crm_client_secret"],
            ),
        ),
        (t("CRM, sales app"), crm["crm_sales_app"]),
        (
            "",
            t("user {user}, password {password}", user=_SALESPERSON, password=crm["crm_sales_app_password"]),
        ),
    )
    width = max(len(caption) for caption, _ in places)
    output.message("Where to look:")
    for caption, text in places:
        output.message(f"  {caption:<{width}}  {text}")


def _tell_commands(output: Output, state: Path, *, stays: bool) -> None:
    where = "" if state == Path(".interlace").absolute() else f" --state {shlex.quote(str(state))}"
    commands = [
        *("jobs", "errors", "couplings list", "orders list"),
        *(["synch --dry-run", "verify"] if stays else []),
    ]
    output.message(
        "In a second terminal:"
        if stays
        else "Both services have ended; their records and Interlace's memory stay."
    )
    for command in commands:
        output.message(f"  interlace {command}{where}")
