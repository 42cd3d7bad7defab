"""Mappings are ordered by what they depend on."""

import pytest

from interlace.domain.dependency import DependencyCycle, order, waves
from interlace.domain.keys import MappingName as Name

DEFAULTS = {
    Name("CONTACT"): (Name("CUSTOMER"),),
    Name("CUSTOMER"): (Name("SALESPEOPLE"), Name("CURRENCY")),
    Name("SALESPEOPLE"): (),
    Name("CURRENCY"): (Name("NOT TAKING PART"),),
    Name("ITEM-PRODUCT"): (Name("UNIT OF MEASURE"),),
    Name("UNIT OF MEASURE"): (),
}


def test_each_wave_needs_only_earlier_ones() -> None:
    """Parents that take no part are not waited for; the given order is kept within a wave."""
    assert waves(DEFAULTS) == (
        ("SALESPEOPLE", "CURRENCY", "UNIT OF MEASURE"),
        ("CUSTOMER", "ITEM-PRODUCT"),
        ("CONTACT",),
    )


def test_the_order_is_that_of_the_waves() -> None:
    """Every mapping stands after its parents."""
    ordered = order(DEFAULTS)
    assert ordered[0] == "SALESPEOPLE"
    assert ordered.index(Name("CONTACT")) > ordered.index(Name("CUSTOMER"))
    assert order({}) == ()


@pytest.mark.parametrize(
    ("dependencies", "circle"),
    [
        ({"A": ("A",)}, ("A", "A")),
        ({"A": ("B",), "B": ("A",), "C": ()}, ("A", "B", "A")),
        ({"X": ("A",), "A": ("B",), "B": ("C",), "C": ("A",)}, ("A", "B", "C", "A")),
    ],
)
def test_a_circle_is_an_error_that_names_it(
    dependencies: dict[Name, tuple[Name, ...]], circle: object
) -> None:
    """The message shows the circle and the remedy."""
    with pytest.raises(DependencyCycle, match="Take one of these dependencies out") as caught:
        waves(dependencies)
    assert caught.value.circle == circle
