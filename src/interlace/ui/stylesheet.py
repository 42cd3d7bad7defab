"""The one stylesheet, and the name under which it may be kept for ever."""

from __future__ import annotations

import functools
import hashlib
from importlib import resources


@functools.cache
def stylesheet() -> bytes:
    """The style of all pages."""
    return resources.files("interlace.ui").joinpath("style.css").read_bytes()


@functools.cache
def stylesheet_name() -> str:
    """The name of the stylesheet with a digest of its content."""
    return f"style-{hashlib.sha256(stylesheet()).hexdigest()[:12]}.css"
