"""Texts that the database computes of a column, and that lists filter like the column itself."""

import sqlalchemy as sa
from sqlalchemy.sql.functions import FunctionElement


class ComputedText(FunctionElement[str]):
    """A text that is never missing; each kind says how either database computes it."""

    type = sa.Text()
    inherit_cache = True
    nullable = False
