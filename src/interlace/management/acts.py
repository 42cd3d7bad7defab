"""Acts that no operation stands for: what commands do on the machine itself, and what leaves Interlace as a file."""

from typing import Final

from interlace.management.translatable import translatable

LIST_EXPORT: Final = "lists.export"
SECRETS_USE: Final = "secrets.use"

ACTS: Final = {
    "backup.make": translatable("Backup made"),
    "backup.erase": translatable("Erased from a backup"),
    "backup.restore": translatable("Backup restored"),
    "connections.add": translatable("Connection made by command"),
    "connections.rebind": translatable("Connection bound to this memory anew"),
    "connections.sign-in": translatable("Signed in to a service with a code"),
    "couplings.recover": translatable("Couplings rebuilt from both services"),
    "keys.create": translatable("Key file made"),
    LIST_EXPORT: translatable("List exported"),
    SECRETS_USE: translatable("Stored secrets used"),
}
"""What was done, by the name in the audit log; all else there is an operation, or happened at the door."""
