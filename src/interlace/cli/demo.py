"""`interlace demo`: both ends on this machine, connected, synchronized and verified."""

import signal
import threading
import time
from pathlib import Path
from typing import Annotated

import typer

from interlace.bootstrap.application import Application, Connection
from interlace.bootstrap.demo import DemoEnds, demo_connection, demo_sandboxes
from interlace.bootstrap.full_synchronization import FullSynchronization
from interlace.bootstrap.verification import verify_connection
from interlace.cli.exit_codes import ExitCode
from interlace.cli.options import Json, opened
from interlace.cli.output import Output
from interlace.cli.review_table import ReviewDisplay, review_rows, show_review
from interlace.cli.verify import show_report
from interlace.domain.full_synch_review import FullSynchReview
from interlace.verify.verify_report import VerifyReport


def demo(
    *,
    once: Annotated[bool, typer.Option("--once", help="End after verify, with its exit code.")] = False,
    customers: Annotated[int, typer.Option(help="Customers of the demo company.", min=1)] = 1000,
    state: Annotated[Path, typer.Option("--state", help="Directory of the demo.")] = Path(".interlace"),
    erp_port: Annotated[int, typer.Option(help="Port of the embedded ERP.", min=0, max=65_535)] = 7048,
    crm_port: Annotated[int, typer.Option(help="Port of the embedded CRM.", min=0, max=65_535)] = 7148,
    as_json: Json = False,
) -> None:
    """Start both embedded services, connect them, run the full synchronization, verify, and stay up.

    Example: interlace demo --once --customers 200
    """
    output = Output(as_json=as_json)
    began = time.monotonic()
    state = state.absolute()
    output.message(f"Starting the embedded ERP and CRM with a company of {customers:,} customers …")
    with demo_sandboxes(state, customers, (erp_port, crm_port)) as ends, opened(state) as application:
        output.message("Connecting them …")
        connection = demo_connection(application, ends)
        review = _synchronize(application, connection, output)
        output.message("Verifying: reading both ends afresh …")
        report = verify_connection(application, connection)
        if as_json:
            output.record(_summary(review, report))
        else:
            show_review(output, review)
            show_report(output, report)
            _tell_where(output, ends, state, time.monotonic() - began)
        if not once:
            _wait_for_interrupt(output)
    raise typer.Exit(ExitCode.OK if report.is_green else ExitCode.ERROR)


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


def _summary(review: FullSynchReview, report: VerifyReport) -> dict[str, object]:
    return {"run": review.run_id, "lines": review_rows(review), "verify": report.as_json()}


def _tell_where(output: Output, ends: DemoEnds, state: Path, seconds: float) -> None:
    output.message("")
    output.message(f"Done in {seconds:.0f} seconds. Where to look:")
    output.message(f"  ERP, OData V4    {ends.erp['erp_address']}/ODataV4/")
    output.message(f"  ERP, API v2.0    {ends.erp['erp_address']}/api/v2.0/")
    output.message(f"       user {ends.erp['erp_user']}, web service access key {ends.erp['erp_access_key']}")
    output.message(f"  CRM, Web API     {ends.crm['crm_address']}/api/data/v9.2/")
    output.message(f"       token from {ends.crm['crm_token_url']}")
    output.message(f"       client id {ends.crm['crm_client_id']}, secret {ends.crm['crm_client_secret']}")
    where = "" if state == Path(".interlace").absolute() else f" --state {state}"
    output.message(
        f"  What happened    interlace jobs{where}, interlace errors{where}, interlace verify{where}"
    )


def _wait_for_interrupt(output: Output) -> None:
    output.message("")
    output.message("Both services stay up. Ctrl-C ends the demo; its state stays.")
    stopped = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stopped.set())
    try:
        while not stopped.wait(0.5):
            pass
    except KeyboardInterrupt:
        output.message("Ending …")
