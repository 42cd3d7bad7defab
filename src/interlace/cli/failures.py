"""What a command that could not be carried out says, and which exit code it ends with."""

from interlace.bootstrap.connection_settings import ConnectionProblem
from interlace.bootstrap.mapping_busy import MappingBusy
from interlace.bootstrap.plan_file import PlanFileError
from interlace.bootstrap.sandbox_server import SandboxNotStarted
from interlace.cli.exit_codes import ExitCode
from interlace.cli.spoken import said
from interlace.client.unanswered import Unanswered
from interlace.domain.conflict import DecisionRefused
from interlace.engine.planning_store import PlanImpossible
from interlace.engine.service import ServiceMismatch, ServiceUnavailable, SignInRefused
from interlace.jobs.ports import NothingToRestart
from interlace.locale.translatable import text_of
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
_NOT_NOW = (ServiceUnavailable, MappingBusy, JournalNotWritable, Unanswered)
_CODES = {
    RefusalKind.NOT_SIGNED_IN: ExitCode.SIGN_IN,
    RefusalKind.SIGN_IN_AGAIN: ExitCode.SIGN_IN,
    RefusalKind.FORBIDDEN: ExitCode.SIGN_IN,
    RefusalKind.SERVICE_FAILED: ExitCode.ERROR,
    RefusalKind.DEFECT: ExitCode.ERROR,
}
"""Of what an operation refused; all else is a matter of what was asked."""


def told(problem: Exception) -> tuple[str, ExitCode] | None:
    """Return what to say and the exit code; None for what no command should have let through."""
    if isinstance(problem, SignInRefused):
        return text_of(problem), ExitCode.SIGN_IN
    if isinstance(problem, Refused):
        return _sentences(problem), _CODES.get(problem.kind, ExitCode.CONFIGURATION)
    if isinstance(problem, _CONFIGURATION):
        return text_of(problem), ExitCode.CONFIGURATION
    if isinstance(problem, _NOT_NOW):
        return text_of(problem), ExitCode.ERROR
    return None


def _sentences(refused: Refused) -> str:
    """Say why something was refused as sentences in the command's language."""
    title = said(refused.title)
    sentences = (title if title.endswith(".") else f"{title}.", said(refused.why), said(refused.next_step))
    return " ".join(sentence for sentence in sentences if sentence)
