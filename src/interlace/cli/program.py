"""The command line: its commands, and how an ended command becomes an exit code."""

import sys
from collections.abc import Sequence
from importlib import metadata
from typing import Annotated

import typer

# Typer carries a command-line library of its own and publishes only some of its exceptions.
from typer._click.exceptions import ClickException

from interlace.bootstrap.connection_settings import ConnectionProblem
from interlace.bootstrap.mapping_busy import MappingBusy
from interlace.bootstrap.plan_file import PlanFileError
from interlace.bootstrap.sandbox_server import SandboxNotStarted
from interlace.cli import (
    audit,
    availability,
    backup,
    conflicts,
    connection,
    couplings,
    demo,
    doctor,
    erp_services,
    errors,
    explain,
    fault_proxy,
    full_synch,
    halts,
    journal,
    keys,
    listings,
    mappings,
    orders,
    plan,
    prices,
    privileges,
    queue,
    records,
    recover,
    remote,
    restorations,
    sandbox,
    serve,
    setup,
    solution,
    statistics,
    synch,
    tokens,
    undo,
    users,
    verify,
)
from interlace.cli.exit_codes import ExitCode
from interlace.cli.spoken import VARIABLE, said, speak, speaking
from interlace.client.unanswered import Unanswered
from interlace.domain.conflict import DecisionRefused
from interlace.engine.planning_store import PlanImpossible
from interlace.engine.service import ServiceMismatch, ServiceUnavailable, SignInRefused
from interlace.jobs.ports import NothingToRestart
from interlace.locale.translatable import text_of, translatable
from interlace.management.refusal import RefusalKind, Refused
from interlace.sandbox.fault_file import FaultFileError
from interlace.settings import SettingsError
from interlace.store.backup_file import BackupUnusable
from interlace.store.connections import ConnectionNameTaken
from interlace.store.journal_files import JournalNotWritable
from interlace.store.secrets import SecretUnreadable

_CONFIGURATION = (
    BackupUnusable,
    ConnectionProblem,
    ConnectionNameTaken,
    DecisionRefused,
    FaultFileError,
    NothingToRestart,
    PlanFileError,
    PlanImpossible,
    SandboxNotStarted,
    SecretUnreadable,
    ServiceMismatch,
    SettingsError,
)

_CODES = {
    RefusalKind.NOT_SIGNED_IN: ExitCode.SIGN_IN,
    RefusalKind.SIGN_IN_AGAIN: ExitCode.SIGN_IN,
    RefusalKind.FORBIDDEN: ExitCode.SIGN_IN,
    RefusalKind.SERVICE_FAILED: ExitCode.ERROR,
    RefusalKind.DEFECT: ExitCode.ERROR,
}
"""Of what an operation refused; all else is a matter of what was asked."""

program = typer.Typer(
    name="interlace",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _show_version(wanted: bool) -> None:
    if wanted:
        sys.stdout.write(f"interlace {metadata.version('interlace')}\n")
        raise typer.Exit


@program.callback()
def interlace(
    *,
    version: Annotated[
        bool,
        typer.Option("--version", help="Show the version and end.", is_eager=True, callback=_show_version),
    ] = False,
    language: Annotated[
        str,
        typer.Option(
            help=f"Language of tables and messages, such as nb-NO (also {VARIABLE}).", show_default=False
        ),
    ] = "",
) -> None:
    """Keeps an ERP (Dynamics NAV / Business Central) and a CRM (Dynamics 365 Sales) in step."""
    if language:
        speak(language)


program.command("demo")(demo.demo)
program.add_typer(sandbox.commands, name="sandbox")
program.command("serve")(serve.serve)
program.command("worker")(serve.worker)
program.command("setup")(setup.setup)
program.add_typer(connection.commands, name="connection")
program.add_typer(solution.commands, name="solution")
program.add_typer(privileges.commands, name="privileges")
program.add_typer(erp_services.commands, name="erp-services")
program.add_typer(full_synch.commands, name="full-synch")
program.command("synch")(synch.synch)
program.command("plan")(plan.plan)
program.command("apply")(plan.apply)
program.command("undo")(undo.undo)
program.add_typer(queue.commands, name="queue")
program.command("jobs")(listings.jobs)
program.add_typer(conflicts.commands, name="conflicts")
program.add_typer(errors.commands, name="errors")
program.add_typer(halts.commands, name="halts")
program.command("restorations")(restorations.restorations)
program.add_typer(mappings.commands, name="mappings")
program.add_typer(couplings.commands, name="couplings")
program.add_typer(records.commands, name="records")
program.command("explain")(explain.explain)
program.add_typer(journal.commands, name="journal")
program.add_typer(prices.commands, name="prices")
program.add_typer(availability.commands, name="availability")
program.add_typer(orders.commands, name="orders")
program.command("statistics")(statistics.statistics)
program.command("verify")(verify.verify)
program.command("recover")(recover.recover)
program.command("doctor")(doctor.doctor)
program.add_typer(backup.commands, name="backup")
program.add_typer(keys.commands, name="keys")
program.add_typer(users.commands, name="users")
program.add_typer(tokens.commands, name="tokens")
program.add_typer(audit.commands, name="audit")
program.command("remote")(remote.remote)
program.command("settings")(listings.settings)
program.command("fault-proxy")(fault_proxy.fault_proxy)


def run_program(arguments: Sequence[str]) -> int:
    """Run a command line and return its exit code; problems are told in words, never as a traceback."""
    with speaking():
        return _run(arguments)


def _run(arguments: Sequence[str]) -> int:
    command = typer.main.get_command(program)
    try:
        result = command.main(args=list(arguments), prog_name="interlace", standalone_mode=False)
    except typer.Exit as end:
        # Typer turns Ctrl-C into this end; who pressed it wants to know what becomes of the rest.
        return _stopped() if end.exit_code == ExitCode.INTERRUPTED else end.exit_code
    except typer.Abort:
        return _say(translatable("Stopped."), ExitCode.INTERRUPTED)
    except ClickException as problem:
        problem.show()
        return ExitCode.CONFIGURATION
    except KeyboardInterrupt:
        return _stopped()
    except SignInRefused as problem:
        return _say(text_of(problem), ExitCode.SIGN_IN)
    except _CONFIGURATION as problem:
        return _say(text_of(problem), ExitCode.CONFIGURATION)
    except Refused as refused:
        return _say(_told(refused), _CODES.get(refused.kind, ExitCode.CONFIGURATION))
    except (ServiceUnavailable, MappingBusy, JournalNotWritable, Unanswered) as problem:
        return _say(text_of(problem), ExitCode.ERROR)
    except BrokenPipeError:
        return ExitCode.OK
    return result if isinstance(result, int) else ExitCode.OK


def _told(refused: Refused) -> str:
    """Say why something was refused as sentences in the command's language."""
    title = said(refused.title)
    sentences = (title if title.endswith(".") else f"{title}.", said(refused.why), said(refused.next_step))
    return " ".join(sentence for sentence in sentences if sentence)


def _stopped() -> int:
    return _say(translatable("Stopped. What is unfinished goes on at the next start."), ExitCode.INTERRUPTED)


def _say(text: str, code: ExitCode) -> int:
    sys.stderr.write(said(text) + "\n")
    return code
