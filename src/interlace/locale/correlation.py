"""The correlation id of a service's answer: it travels unseen with the text that was made of the answer.

Who asks the service's owner about a refusal names it; the text itself stays the same for all records with that trouble.
"""

from typing import Final

from interlace.locale.translatable import Sentence

_NAME: Final = "correlation_id"


def correlated(text: str, correlation_id: str) -> str:
    """Return a text with the id of the answer that it tells of; a text without parts can't carry one."""
    if not correlation_id or not isinstance(text, Sentence):
        return text
    return Sentence(text.pattern, {**text.values, _NAME: correlation_id})


def correlation_of(text: str) -> str:
    """Return the id that a text carries, or a text that stands in it; blank if none does."""
    if not isinstance(text, Sentence):
        return ""
    own = text.values.get(_NAME)
    if isinstance(own, str):
        return str(own)
    found = (correlation_of(each) for each in text.values.values() if isinstance(each, Sentence))
    return next((each for each in found if each), "")
