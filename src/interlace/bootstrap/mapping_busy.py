"""What is said when another run is at work on a mapping."""

from interlace.domain.keys import MappingName
from interlace.locale.translatable import translatable


class MappingBusy(Exception):
    """Another run is at work on the mapping."""

    def __init__(self, mapping: MappingName) -> None:
        super().__init__(
            translatable(
                "Another run is at work on the mapping {mapping}, so this one did not begin or go on. "
                "Wait until it has finished, then run the command again. The claim of a run that was killed "
                "on another machine ends by itself after two minutes.",
                mapping=mapping,
            )
        )
