"""Settings: precedence, unknown keys, wrong kinds."""

from pathlib import Path

import pytest

from interlace.settings import SETTINGS, SettingsError, load_config


def test_defaults_put_a_sqlite_file_into_the_state_directory() -> None:
    """Nothing set: one directory, one SQLite file."""
    config = load_config(environment={})
    assert config.database_url == f"sqlite:///{config.state_directory / 'interlace.db'}"
    assert set(config.origins.values()) == {"default"}


def test_the_command_line_beats_the_environment_and_the_environment_the_file(tmp_path: Path) -> None:
    """Each source overrides the ones before it, and the origin tells which one it was."""
    file = tmp_path / "interlace.toml"
    file.write_text('[log]\nlevel = "INFO"\n[worker]\nname = "from-file"\nparallel_mappings = 5\n')
    environment = {"INTERLACE_WORKER__NAME": "from-environment", "INTERLACE_LOG__LEVEL": "ERROR"}
    config = load_config(file=file, environment=environment, overrides={"log.level": "DEBUG"})
    assert (config.parallel_mappings, config.worker_name, config.log_level) == (
        5,
        "from-environment",
        "DEBUG",
    )
    assert config.origins["log.level"] == "command line"
    assert config.origins["worker.name"] == "environment"
    assert config.origins["worker.parallel_mappings"] == str(file)


def test_an_unknown_key_is_an_error_with_a_suggestion() -> None:
    """A misspelled setting is never silently ignored."""
    with pytest.raises(SettingsError, match=r"Did you mean log\.level"):
        load_config(environment={"INTERLACE_LOG__LEVLE": "INFO"})


def test_a_value_of_the_wrong_kind_names_setting_and_origin() -> None:
    """The message says what was expected and where the value came from."""
    with pytest.raises(
        SettingsError, match=r"worker\.parallel_mappings \(environment\) must be a whole number"
    ):
        load_config(environment={"INTERLACE_WORKER__PARALLEL_MAPPINGS": "many"})


def test_an_unreadable_file_names_the_file(tmp_path: Path) -> None:
    """A broken file is refused as a whole."""
    file = tmp_path / "broken.toml"
    file.write_text("[log\n")
    with pytest.raises(SettingsError, match=r"broken\.toml"):
        load_config(file=file, environment={})


def test_every_setting_says_what_it_does() -> None:
    """Help is written for each one."""
    assert all(setting.help.endswith((".", "name")) for setting in SETTINGS)
