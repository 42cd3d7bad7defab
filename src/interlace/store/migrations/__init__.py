"""Brings an older database to the newest tables, by Alembic, inside the transaction given."""

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def migrate(connection: sa.Connection, revision: str = "head") -> None:
    """Run every migration up to a revision that this database has not seen yet."""
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def newest_migration() -> str | None:
    """Name the newest migration there is."""
    return ScriptDirectory.from_config(_config()).get_current_head()
