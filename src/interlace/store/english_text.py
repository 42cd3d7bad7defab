"""Compares kept texts by their English words alone, without the pattern and values that stand behind them."""

from typing import Any

from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler

from interlace.locale.kept_text import BEHIND
from interlace.store.computed_text import ComputedText


class EnglishText(ComputedText):
    """The English text of a column that `to_kept` filled."""

    inherit_cache = True


@compiles(EnglishText, "postgresql")
def _in_postgresql(element: EnglishText, compiler: SQLCompiler, **options: Any) -> str:  # noqa: ANN401
    return f"split_part({compiler.process(element.clauses, **options)}, chr({ord(BEHIND)}), 1)"


@compiles(EnglishText, "sqlite")
def _in_sqlite(element: EnglishText, compiler: SQLCompiler, **options: Any) -> str:  # noqa: ANN401
    kept = compiler.process(element.clauses, **options)
    # The mark is put behind the text once more, so that there is always one to end it.
    return f"substr({kept}, 1, instr({kept} || char({ord(BEHIND)}), char({ord(BEHIND)})) - 1)"
