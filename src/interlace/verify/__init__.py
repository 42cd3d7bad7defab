"""The judge: reads both ends afresh and proves them equal, knowing nothing of the engine or its mappings."""

from interlace.verify.compare import verify
from interlace.verify.own_conditions import SettingNotUnderstood
from interlace.verify.own_settings import OwnSettings
from interlace.verify.plain_reader import End, PlainReader, Row
from interlace.verify.reference_book import VerifyFacts
from interlace.verify.verify_report import OpenError, RecordState, VerifyReport

__all__ = [
    "End",
    "OpenError",
    "OwnSettings",
    "PlainReader",
    "RecordState",
    "Row",
    "SettingNotUnderstood",
    "VerifyFacts",
    "VerifyReport",
    "verify",
]
