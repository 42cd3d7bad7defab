"""The one script, and the name under which it may be kept for ever."""

import functools
import hashlib
from importlib import resources


@functools.cache
def script() -> bytes:
    """The script of all pages."""
    return resources.files("interlace.web").joinpath("static/interlace.js").read_bytes()


@functools.cache
def script_name() -> str:
    """The name of the script with a digest of its content."""
    return f"interlace-{hashlib.sha256(script()).hexdigest()[:12]}.js"
