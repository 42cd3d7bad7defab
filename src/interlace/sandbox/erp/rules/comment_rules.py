"""Comments on sales documents: what a new line is given, and how comments follow or go with their document."""

from typing import Final

from interlace.sandbox.erp.application import Application, Rules, Values
from interlace.sandbox.erp.declaration import BLANK_DATE
from interlace.sandbox.erp.record_layout import Record

_TABLE: Final = "Sales_Comment_Line"
_LINE_STEP: Final = 10_000


def comments_of(erp: Application, kind: str, number: str) -> list[Record]:
    """Return the comments on a document and on its lines."""
    found = erp.records.find_equal(_TABLE, No=number)
    return [comment for comment in found if comment.text("Document_Type") == kind]


def copy_comments(erp: Application, source: Record, kind: str, number: str) -> None:
    """Give the comments of an open document to another one, posted or not."""
    for comment in comments_of(erp, source.text("Document_Type"), source.text("No")):
        erp.records.insert(comment.table, {**comment.values, "Document_Type": kind, "No": number})


def delete_comments(erp: Application, header: Record) -> None:
    """Let the comments go with their document."""
    for comment in comments_of(erp, header.text("Document_Type"), header.text("No")):
        erp.records.delete(comment)


def delete_line_comments(erp: Application, line: Record) -> None:
    """Let the comments on a document's line go with it."""
    for comment in comments_of(erp, line.text("Document_Type"), line.text("Document_No")):
        if comment.values["Document_Line_No"] == line.values["Line_No"]:
            erp.records.delete(comment)


def _complete(erp: Application, values: Values, given: frozenset[str]) -> None:
    if values["Date"] == BLANK_DATE and "Date" not in given:
        values["Date"] = erp.records.today
    if not values["Line_No"]:
        beside = comments_of(erp, str(values["Document_Type"]), str(values["No"]))
        numbers = [
            int(str(each.values["Line_No"]))
            for each in beside
            if each.values["Document_Line_No"] == values["Document_Line_No"]
        ]
        values["Line_No"] = max(numbers, default=0) + _LINE_STEP


COMMENT_RULES: Final = Rules(complete=_complete)
