"""What is said of the solution's import and of the account that Interlace works with."""

from interlace.locale.translatable import translatable


def not_there_text(imported: str, found: str) -> str:
    """Say that an import without an error left another version there, or none."""
    if found:
        return translatable(
            "The CRM reported no error, but shows version {found} where {imported} was imported. Import it again.",
            found=found,
            imported=imported,
        )
    return translatable(
        "The CRM reported no error, but shows nothing of it where {imported} was imported. Import it again.",
        imported=imported,
    )


def administrator_text(name: str) -> str:
    """Say that the account that Interlace works with may do too much."""
    return translatable(
        "{name}, the account that Interlace works with, is a System Administrator of the CRM. Take that role away from "
        "the account in the CRM: the roles of the solution are enough, and Interlace gives them by itself.",
        name=name,
    )
