"""The numbers of the demo company's records, each computed from the record's place without knowing the
others.
"""

from typing import Final

FIRST_CONTACT_OF_CUSTOMERS: Final = 1001

# Persons of eight customers in a row: two and a half for each.
_PERSONS: Final = (3, 2, 0, 5, 1, 4, 2, 3)
_PERSONS_BEFORE: Final = tuple(sum(_PERSONS[:place]) for place in range(len(_PERSONS)))


def customer_number(index: int) -> str:
    """Return the number of a customer."""
    return f"C{(index + 1) * 10:05d}"


def vendor_number(index: int) -> str:
    """Return the number of a vendor."""
    return f"V{(index + 1) * 10:05d}"


def contact_number(position: int) -> str:
    """Return the number of the contact at a position."""
    return f"CT{position:06d}"


def item_number(index: int) -> str:
    """Return the number of an item."""
    return str(1000 + index)


def resource_number(index: int) -> str:
    """Return the number of a resource."""
    return f"R{(index + 1) * 10:04d}"


def persons_of_customer(index: int) -> int:
    """Return how many persons of a customer are contacts."""
    return _PERSONS[index % len(_PERSONS)]


def persons_of_all(customers: int) -> int:
    """Return how many persons the first so many customers have together."""
    rounds, place = divmod(customers, len(_PERSONS))
    return rounds * sum(_PERSONS) + _PERSONS_BEFORE[place]


def company_contact_number(index: int) -> str:
    """Return the number of the contact that is a customer's company."""
    return contact_number(FIRST_CONTACT_OF_CUSTOMERS + index + persons_of_all(index))


def person_number(index: int, person: int) -> str:
    """Return the number of the n-th person of a customer, from zero."""
    return contact_number(FIRST_CONTACT_OF_CUSTOMERS + index + persons_of_all(index) + 1 + person)
