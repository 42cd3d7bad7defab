"""Where values come from: every value that a user enters is unique and knows which value its user saw before."""


class Lineage:
    """All values of a schedule, each with the logical record it belongs to and the value it replaced."""

    def __init__(self) -> None:
        self._parents: dict[str, str | None] = {}
        self._owners: dict[str, int] = {}
        self._identities = 0

    def new_identity(self) -> int:
        """Begin a new logical record."""
        self._identities += 1
        return self._identities

    def fresh(self, owner: int, seen: str | None) -> str:
        """Make a new value of a logical record, entered by someone who saw `seen` in its place."""
        value = f"v{len(self._parents) + 1}"
        self._parents[value] = seen
        self._owners[value] = owner
        return value

    def replaces(self, value: str, seen: str | None) -> None:
        """Note afterwards what a value's user saw in its place."""
        self._parents[value] = seen

    def owner(self, value: object) -> int | None:
        """Return the logical record that a value was entered for."""
        return self._owners.get(value) if isinstance(value, str) else None

    def descends(self, value: object, ancestor: object) -> bool:
        """Tell whether a value is the other one, or was entered by someone who had seen it, step by step."""
        while value is not None:
            if value == ancestor:
                return True
            value = self._parents.get(value) if isinstance(value, str) else None
        return False
