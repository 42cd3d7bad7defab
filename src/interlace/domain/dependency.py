"""The order in which mappings run: each after the ones it depends on."""

from collections.abc import Mapping, Sequence

from interlace.domain.keys import MappingName
from interlace.locale.translatable import translatable

Dependencies = Mapping[MappingName, Sequence[MappingName]]
"""Each mapping with those it depends on; a parent that is not among the keys does not take part."""


class DependencyCycle(Exception):
    """Mappings depend on one another in a circle."""

    def __init__(self, circle: tuple[MappingName, ...]) -> None:
        super().__init__(
            translatable(
                "The mappings {mappings} depend on one another in a circle, so none can run first. Take one "
                "of these dependencies out.",
                mappings=" -> ".join(circle),
            )
        )
        self.circle = circle


def waves(dependencies: Dependencies) -> tuple[tuple[MappingName, ...], ...]:
    """Group the mappings: each wave needs only earlier ones. Raises DependencyCycle."""
    left = {name: {p for p in parents if p in dependencies} for name, parents in dependencies.items()}
    grouped = []
    while left:
        ready = tuple(name for name, parents in left.items() if not parents)
        if not ready:
            raise DependencyCycle(_circle_in(left))
        grouped.append(ready)
        left = {name: parents - set(ready) for name, parents in left.items() if name not in ready}
    return tuple(grouped)


def order(dependencies: Dependencies) -> tuple[MappingName, ...]:
    """Put every mapping after the ones it depends on. Raises DependencyCycle."""
    return tuple(name for wave in waves(dependencies) for name in wave)


def _circle_in(left: Mapping[MappingName, set[MappingName]]) -> tuple[MappingName, ...]:
    """Walk from parent to parent until a mapping comes again: what lies between is a circle."""
    walked = [next(iter(left))]
    while True:
        parent = min(left[walked[-1]])
        if parent in walked:
            return (*walked[walked.index(parent) :], parent)
        walked.append(parent)
