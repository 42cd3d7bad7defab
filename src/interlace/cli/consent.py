"""Asks before something is taken away; never where nobody can answer."""

from interlace.bootstrap.connection_settings import ConnectionProblem
from interlace.cli.asking import confirm, may_ask
from interlace.cli.spoken import said
from interlace.locale.translatable import joined, translatable


def require_consent(question: str, *, given: bool) -> None:
    """Go on only if a person agrees or --yes was given; raises Abort, or ConnectionProblem where nobody is asked."""
    if given:
        return
    if not may_ask():
        nobody = translatable(
            "Nobody can answer here: repeat the command with --yes if that is what you want."
        )
        raise ConnectionProblem(joined([question, nobody]))
    confirm(said(question), abort=True)
