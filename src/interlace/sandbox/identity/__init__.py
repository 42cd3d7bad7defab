"""The sign-in service of the embedded services: a directory of applications and people that gives tokens out.

It stands for Microsoft Entra ID: the same addresses, grants, tokens and errors, for one tenant.
"""

from interlace.sandbox.identity.directory import Directory, open_directory
from interlace.sandbox.identity.registrations import Person, Registration
from interlace.sandbox.identity.service import IdentityService

__all__ = ["Directory", "IdentityService", "Person", "Registration", "open_directory"]
