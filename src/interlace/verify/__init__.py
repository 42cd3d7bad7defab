"""The judge: reads both ends afresh and proves them equal, knowing nothing of the engine or its mappings."""

from interlace.verify.compare import verify
from interlace.verify.plain_reader import End, PlainReader, Row
from interlace.verify.reference_book import VerifyFacts
from interlace.verify.verify_report import OpenError, RecordState, VerifyReport

__all__ = [
    "End",
    "OpenError",
    "PlainReader",
    "RecordState",
    "Row",
    "VerifyFacts",
    "VerifyReport",
    "verify",
]
