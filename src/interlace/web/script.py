"""The one script, and the name under which it may be kept for ever."""

import functools
import hashlib
from importlib import resources
from typing import Final

_PARTS: Final = ("keys.js", "rows.js", "tour.js", "interlace.js")


@functools.cache
def script() -> bytes:
    """The script of all pages, put together from its parts."""
    folder = resources.files("interlace.web").joinpath("static")
    return b"\n".join(folder.joinpath(name).read_bytes() for name in _PARTS)


@functools.cache
def script_name() -> str:
    """The name of the script with a digest of its content."""
    return f"interlace-{hashlib.sha256(script()).hexdigest()[:12]}.js"
