"""Texts that stand in declarations and are translated where they are shown."""

from interlace.locale.translatable import translatable

__all__ = ["translatable"]
