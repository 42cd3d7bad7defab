"""The last verdict of each connection, and how far a further judgement is, as files of the state directory."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Final

import msgspec

from interlace.bootstrap.kept_files import STATE_FILE, STOP, is_at_work, read_struct, write_struct
from interlace.locale.kept_text import from_kept, to_kept
from interlace.locale.translatable import translatable
from interlace.management.verification import MappingVerdictShown, SideVerdict
from interlace.verify.verify_report import VerifyReport

DIRECTORY: Final = "verification"
_VERDICT = "verdict.json"


class KeptJudgement(msgspec.Struct, frozen=True, kw_only=True):
    """A judgement that was begun."""

    begun_by: str
    begun_at: datetime
    is_running: bool = True
    at_work: str = ""
    done: int = 0
    total: int = 0
    problem: tuple[str, ...] = ()
    is_stopped: bool = False
    """Somebody asked for its end."""


class KeptDifference(msgspec.Struct, frozen=True, kw_only=True):
    """Two fields of a pair that disagree."""

    erp_key: str
    crm_key: str
    erp_field: str
    crm_column: str
    erp_value: str
    crm_value: str


class KeptFinding(msgspec.Struct, frozen=True, kw_only=True):
    """A record that stands out, and why."""

    end: str
    key: str
    state: str
    reason: str


class KeptMapping(MappingVerdictShown, frozen=True, kw_only=True):
    """What was found for one mapping, with its records, at most KEPT_MAX of a kind."""

    differences: tuple[KeptDifference, ...] = ()
    creation_differences: tuple[KeptDifference, ...] = ()
    findings: tuple[KeptFinding, ...] = ()


class KeptVerdict(msgspec.Struct, frozen=True, kw_only=True):
    """What the last judgement that came to its end has found."""

    judged_by: str
    judged_at: datetime
    green: bool
    mappings: tuple[KeptMapping, ...]


class KeptVerdicts:
    """The verdicts of a state directory; every method blocks for a moment."""

    def __init__(self, state_directory: Path) -> None:
        self.directory = state_directory / DIRECTORY

    def place(self, connection: str) -> Path:
        """Return the directory of a connection."""
        return self.directory / connection

    def judgement(self, connection: str) -> KeptJudgement | None:
        """Return the newest judgement; one whose process has ended is told as broken off."""
        held = self._judgement(connection)
        if held is None or not held.is_running or is_at_work(self.place(connection)):
            return held
        # It may have ended between the two looks.
        again = self._judgement(connection)
        if again is None or not again.is_running:
            return again
        problem = (translatable("The verification was broken off."), translatable("Start it again."))
        return msgspec.structs.replace(again, is_running=False, at_work="", problem=problem)

    def ask_to_stop(self, connection: str) -> None:
        """Ask whoever judges a connection, in whichever process, to stop."""
        self.stop_sign(connection).touch(mode=0o600)

    def forget_stop(self, connection: str) -> None:
        """Forget that somebody asked: a further judgement begins."""
        self.stop_sign(connection).unlink(missing_ok=True)

    def stop_sign(self, connection: str) -> Path:
        """Return the file whose being there asks to stop."""
        return self.place(connection) / STOP

    def verdict(self, connection: str) -> KeptVerdict | None:
        """Return the last verdict."""
        held = read_struct(self.place(connection) / _VERDICT, KeptVerdict)
        return None if held is None else _with_texts(held, from_kept)

    def keep_judgement(self, connection: str, judgement: KeptJudgement) -> None:
        """Keep how far a judgement is."""
        write_struct(self.place(connection) / STATE_FILE, judgement)

    def keep_verdict(self, connection: str, report: VerifyReport, *, person: str, now: datetime) -> None:
        """Keep what was found; it takes the place of the verdict before."""
        told = report.as_json()
        verdict = KeptVerdict(
            judged_by=person,
            judged_at=now,
            green=report.is_green,
            mappings=msgspec.convert(told["mappings"], tuple[KeptMapping, ...]),
        )
        write_struct(self.place(connection) / _VERDICT, _with_texts(verdict, to_kept))

    def _judgement(self, connection: str) -> KeptJudgement | None:
        return read_struct(self.place(connection) / STATE_FILE, KeptJudgement)


def _with_texts(verdict: KeptVerdict, made: Callable[[str], str]) -> KeptVerdict:
    """Return the verdict with its reasons as they are kept, or as they are said."""

    def of_side(side: SideVerdict) -> SideVerdict:
        excluded = {made(reason): count for reason, count in side.excluded.items()}
        return msgspec.structs.replace(side, excluded=excluded)

    mappings = tuple(
        msgspec.structs.replace(
            each,
            erp=of_side(each.erp),
            crm=of_side(each.crm),
            findings=tuple(
                msgspec.structs.replace(found, reason=made(found.reason)) for found in each.findings
            ),
        )
        for each in verdict.mappings
    )
    return msgspec.structs.replace(verdict, mappings=mappings)
