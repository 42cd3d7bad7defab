"""The user of the machine that holds the state: in his name commands ask, and what they do is remembered."""

import os
import pwd

from interlace.management.caller import Caller, Door
from interlace.management.permission import Permission


def machine_user_name() -> str:
    """Return the name of the machine's user who runs this; some machines have none.

    The environment has no say: a second person is none who only calls himself another.
    """
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
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
