"""Names the person at the keyboard, for what is to be remembered with a name."""

import getpass


def person_name() -> str:
    """Return the name of the machine's user; some machines have none."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "command line"
