"""docs/reference/data-and-keys.md: everything that enciphers, compares or makes secrets is on its list."""

import re
from pathlib import Path

import interlace

SOURCE = Path(interlace.__file__).parent
PAGE = SOURCE.parents[1] / "docs" / "reference" / "data-and-keys.md"
_OF_PROTECTION = re.compile(
    r"(?m)^\s*(?:import|from) (?:argon2|cryptography|hmac|msal|pyotp|secrets|spnego|ssl)\b"
)
_FOR_TRIALS = ("sandbox/", "simulation/", "testing/")


def test_every_source_that_protects_something_is_on_the_list() -> None:
    """What imports ciphers, random secrets, sign-in or TLS is told of with its algorithm; what is told of exists."""
    told = set(re.findall(r"`([a-z_/]+\.py)`", PAGE.read_text(encoding="utf-8")))
    assert {each for each in told if not (SOURCE / each).is_file()} == set()
    found = {
        path.relative_to(SOURCE).as_posix()
        for path in SOURCE.rglob("*.py")
        if _OF_PROTECTION.search(path.read_text(encoding="utf-8"))
    }
    assert {each for each in found if not each.startswith(_FOR_TRIALS)} <= told
