"""How conditions of filters are written for people."""

import pytest

from interlace.bootstrap.mapping_conditions import condition_text
from interlace.domain.table_filter import Comparison, Condition
from interlace.domain.values import Value


@pytest.mark.parametrize(
    ("comparison", "value", "written"),
    [
        (Comparison.EQUAL, "NO", "Code = NO"),
        (Comparison.EQUAL, True, "Code = yes"),
        (Comparison.WITHOUT_TEXT, ",", 'Code without ","'),
        (Comparison.NOT_EQUAL, "_x0020_", 'Code <> ""'),
    ],
)
def test_a_value_is_seen(comparison: Comparison, value: Value, written: str) -> None:
    """What has no letters stands in quotation marks."""
    assert condition_text(Condition(field="Code", comparison=comparison, value=value)) == written
