"""Why a solution is not imported or not removed: the codes and texts of the service."""

from __future__ import annotations

GENERAL = "0x80048033"
BAD_ZIP = "0x80048060"
NOT_WELL_FORMED = "0x80048013"
INVALID_XML = "0x8004801a"
MANAGED_STAYS = "0x80048038"
MANAGED_OVER_UNMANAGED = "0x80048040"
UNMANAGED_OVER_MANAGED = "0x80048041"
WRONG_PUBLISHER = "0x8004801c"
MISSING_DEPENDENCIES = "0x8004801d"
ROLE_NOT_UNIQUE = "0x80048017"
UNKNOWN_PRIVILEGE = "0x80048058"
ALREADY_RUNNING = "0x80071151"
NOT_DECLARED = "0x8004803a"
STILL_NEEDED = "0x8004f01f"

BAD_ZIP_TEXT = (
    "The solution file is invalid. The compressed file must contain the following files at its root: "
    "solution.xml, customizations.xml, and [Content_Types].xml. Customization files exported from previous "
    "versions of Microsoft Dynamics 365 are not supported."
)
MANAGED_OVER_UNMANAGED_TEXT = (
    "The solution is already installed on this system as an unmanaged solution and the package supplied is "
    "attempting to install it in managed mode. Import can only update solutions when the modes match. "
    "Uninstall the current solution and try again."
)
UNMANAGED_OVER_MANAGED_TEXT = (
    "The solution is already installed on this system as a managed solution and the package supplied is "
    "attempting to install it in unmanaged mode. Import can only update solutions when the modes match. "
    "Uninstall the current solution and try again."
)


class SolutionRefused(Exception):
    """A package, or one `component` of it (its id in the results), cannot be taken."""

    def __init__(self, code: str, message: str, component: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.component = component
