"""Captions of the ERP's fields in the reader's language."""

from interlace.management.field_captions import CAPTIONS, caption_of
from interlace.ui.explained import Explained
from interlace.ui.words import Words


def field_caption(words: Words, name: str) -> str:
    """Return what a field of the ERP is called; of one that isn't known its name, with spaces between the words."""
    caption = words.t(CAPTIONS[name]) if name in CAPTIONS else caption_of(name)
    return Explained(caption, words.t("The record's own field {name}.", name=name))
