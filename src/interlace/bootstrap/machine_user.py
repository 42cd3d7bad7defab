"""The user of the machine that holds the state: in his name commands ask, and what they do is remembered."""

import getpass

from interlace.management.caller import Caller, Door
from interlace.management.permission import Permission


def machine_user_name() -> str:
    """Return the name of the machine's user; some machines have none."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "command line"


def machine_caller(language: str = "en_US") -> Caller:
    """Return the machine's user as who asks: the state's owner may do everything."""
    return Caller(
        user_id="",
        name=machine_user_name(),
        permissions=frozenset(Permission),
        door=Door.MACHINE,
        language=language,
    )
