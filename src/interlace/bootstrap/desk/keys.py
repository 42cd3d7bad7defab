"""Carries out Encryption Management: what is stored, and a new key for it."""

from interlace.bootstrap.application import Application
from interlace.bootstrap.desk.carry_out import off_loop
from interlace.bootstrap.secret_age import days_old, is_old
from interlace.bootstrap.secret_sources import SOURCES
from interlace.bootstrap.serving import Server
from interlace.management import keys
from interlace.management.caller import Caller
from interlace.management.desk import Works
from interlace.management.keys import KeyRotated, RotateKey, SecretKeys, SecretShown, ShowKeys
from interlace.management.translatable import translatable

_CAPTIONS = {each.secret: each.caption for each in SOURCES}


def add_keys(works: Works, server: Server) -> None:
    """Let these operations be carried out."""
    application = server.application

    async def show(_caller: Caller, _asked: ShowKeys) -> SecretKeys:
        """Tell what is stored."""
        return await off_loop(_shown, application)

    async def rotate(_caller: Caller, _asked: RotateKey) -> KeyRotated:
        """Make a new key and wrap everything with it."""
        return await off_loop(_rotated, application)

    works.add(keys.SHOW, show)
    works.add(keys.ROTATE, rotate)


def _shown(application: Application) -> SecretKeys:
    names = {str(each.id): each.settings.name for each in application.connections()}
    file = application.state.key_file
    return SecretKeys(
        key=file.newest.key_id.hex(),
        is_given=file.is_kept,
        stored=tuple(
            SecretShown(
                connection=names[each.connection_id],
                caption=_CAPTIONS.get(each.name, each.name),
                entered_at=each.entered_at,
                is_old=is_old(days_old(each)),
                is_readable=bool(each.fingerprint),
            )
            for each in application.state.secret_traces(application.seals())
        ),
    )


def _rotated(application: Application) -> KeyRotated:
    count, is_gone = application.state.rotate_key(application.seals())
    message = translatable("Every stored secret is wrapped with a new key.")
    if not is_gone:
        message = translatable(
            "Every stored secret is wrapped with a new key. Old copies may still stand in free space of the database: "
            "if somebody may know the old key, renew the secrets at their services."
        )
    return KeyRotated(message=message, count=count, are_old_copies_gone=is_gone)
