"""What a client raises when no Interlace answers."""


class Unanswered(Exception):
    """The server did not answer, or what answered is no Interlace; the text says which and what to do."""
