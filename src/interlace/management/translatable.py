"""Texts that stand in declarations and are translated where they are shown."""


def translatable(text: str) -> str:
    """Return the text as it is; the name marks it for the catalogues."""
    return text
