"""Compares kept texts by their English words alone, without the pattern and values that stand behind them."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from interlace.locale.kept_text import BEHIND


class EnglishText(FunctionElement[str]):
    """The English text of a column that `to_kept` filled."""

    type = sa.Text()
    inherit_cache = True
    nullable = False


@compiles(EnglishText, "postgresql")
def _in_postgresql(element: EnglishText, compiler: SQLCompiler, **options: Any) -> str:  # noqa: ANN401
    return f"split_part({compiler.process(element.clauses, **options)}, chr({ord(BEHIND)}), 1)"


@compiles(EnglishText, "sqlite")
def _in_sqlite(element: EnglishText, compiler: SQLCompiler, **options: Any) -> str:  # noqa: ANN401
    kept = compiler.process(element.clauses, **options)
    # The mark is put behind the text once more, so that there is always one to end it.
    return f"substr({kept}, 1, instr({kept} || char({ord(BEHIND)}), char({ord(BEHIND)})) - 1)"
