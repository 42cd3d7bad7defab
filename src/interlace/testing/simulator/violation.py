"""What the oracle raises when a promise is broken."""


class Violation(Exception):
    """A promise was broken: which one, by which record, how."""

    def __init__(self, invariant: str, message: str) -> None:
        super().__init__(f"{invariant}: {message}")
        self.invariant = invariant
        self.message = message
