"""Declared settings: one table from which validation, help and documentation are made.

Precedence: command line, environment (INTERLACE_SECTION__KEY), the file, the default. Unknown keys are errors.
"""

import difflib
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from interlace.locale.translatable import as_sentence, translatable


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One setting: its dotted name, its default (whose type it has), and what it does."""

    name: str
    default: str | int | float
    help: str

    @property
    def variable(self) -> str:
        """The environment variable that sets it."""
        return "INTERLACE_" + self.name.replace(".", "__").upper()


SETTINGS: tuple[Setting, ...] = (
    Setting(
        name="state.directory",
        default=".interlace",
        help="Directory that holds everything Interlace remembers.",
    ),
    Setting(
        name="state.database_url",
        default="",
        help="Database of couplings, mappings, jobs and journal; blank: SQLite in the state directory. "
        "PostgreSQL: postgresql+psycopg://user@host/name",
    ),
    Setting(
        name="secrets.key_file",
        default="",
        help="File with the keys that open stored secrets, readable by its owner only; blank: secret.key of "
        "systemd's credentials (LoadCredential), else of the state directory. Keep it out of backups.",
    ),
    Setting(
        name="worker.name",
        default="worker-1",
        help="Name of this process among the workers of one database: unique, and the same after a restart.",
    ),
    Setting(
        name="worker.parallel_mappings",
        default=2,
        help="How many mappings one worker synchronizes at the same time.",
    ),
    Setting(
        name="synch.step_seconds",
        default=3.0,
        help="How long one durable step of a synchronization runs before it stores how far it got.",
    ),
    Setting(
        name="synch.sweep_minutes",
        default=15.0,
        help="How long after the last one a run sweeps the tables by key and version tag again: what a feed "
        "did not tell, deletions in the ERP above all, is found then.",
    ),
    Setting(
        name="http.timeout_seconds",
        default=120.0,
        help="How long to wait for a service's answer before its outcome counts as unknown.",
    ),
    Setting(
        name="limits.erp",
        default="auto",
        help="What the ERP allows its user: REQUESTS/SECONDS such as 6000/300, published (6000/300), off, or auto: "
        "published for Business Central online, otherwise what answers tell.",
    ),
    Setting(
        name="limits.crm",
        default="auto",
        help="The same for the CRM; auto: published for Dynamics 365 online, otherwise what answers tell.",
    ),
    Setting(
        name="server.host",
        default="127.0.0.1",
        help="Address on which `interlace serve` listens; 0.0.0.0 or :: for every one of the machine.",
    ),
    Setting(
        name="server.port",
        default=8100,
        help="Port on which `interlace serve` listens; 0 chooses a free one.",
    ),
    Setting(
        name="server.allowed_hosts",
        default="",
        help="Host names under which browsers reach the server, with commas between; those of this machine and of "
        "server.public_address are allowed without being named.",
    ),
    Setting(
        name="server.public_address",
        default="",
        help="Where browsers reach the server when that is not server.host and server.port, such as "
        "https://interlace.example.com behind a reverse proxy.",
    ),
    Setting(
        name="server.tls_certificate",
        default="",
        help="File with the server's certificate and what it is signed with (PEM); blank: no TLS, for use on this "
        "machine or behind a proxy that has it.",
    ),
    Setting(
        name="server.tls_key",
        default="",
        help="File with the private key of server.tls_certificate (PEM).",
    ),
    Setting(
        name="server.metrics",
        default="local",
        help="Who may read /metrics: local (programs on this machine that ask directly, not through a proxy), open "
        "or off.",
    ),
    Setting(
        name="webhooks.address",
        default="",
        help="Where Business Central reaches this server with notices of changes, an https address such as "
        "https://interlace.example.com; blank: changes are found by looking for them only.",
    ),
    Setting(
        name="mail.server",
        default="",
        help="Mail server that takes notifications, HOST or HOST:PORT; blank: there are no e-mails.",
    ),
    Setting(
        name="mail.encryption",
        default="starttls",
        help="How the way to the mail server is protected: starttls (port 587), tls (port 465), or none, for a mail "
        "server on this machine only.",
    ),
    Setting(
        name="mail.sender",
        default="",
        help="Address from which e-mails come, such as interlace@example.com.",
    ),
    Setting(
        name="mail.user",
        default="",
        help="User name at the mail server; blank: it asks for none.",
    ),
    Setting(
        name="mail.password_file",
        default="",
        help="File with the password of mail.user, which nobody else may read.",
    ),
    Setting(
        name="mail.ca_file",
        default="",
        help="File with the certificates of a private authority (PEM) that vouches for the mail server, beside the "
        "public ones.",
    ),
    Setting(
        name="log.level",
        default="WARNING",
        help="Least severity that is logged: DEBUG, INFO, WARNING or ERROR.",
    ),
)

_BY_NAME = {setting.name: setting for setting in SETTINGS}
CONFIG_FILE_VARIABLE = "INTERLACE_CONFIG"


class SettingsError(Exception):
    """The settings can't be used; the text names the setting and the remedy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """The settings in force."""

    state_directory: Path
    database_url: str
    key_file: str
    worker_name: str
    parallel_mappings: int
    step_seconds: float
    sweep_minutes: float
    timeout_seconds: float
    erp_limits: str
    crm_limits: str
    log_level: str
    host: str
    port: int
    allowed_hosts: tuple[str, ...]
    public_address: str
    tls_certificate: str
    tls_key: str
    metrics: str
    webhook_address: str
    mail_server: str
    mail_encryption: str
    mail_sender: str
    mail_user: str
    mail_password_file: str
    mail_ca_file: str
    origins: Mapping[str, str]
    """Where each setting's value came from, by name."""


def load_config(
    *,
    file: Path | None = None,
    environment: Mapping[str, str] | None = None,
    overrides: Mapping[str, str] | None = None,
) -> Config:
    """Gather the settings; raises SettingsError for an unknown key or a value of the wrong kind."""
    environment = os.environ if environment is None else environment
    if file is None and environment.get(CONFIG_FILE_VARIABLE):
        file = Path(environment[CONFIG_FILE_VARIABLE])
    held: dict[str, object] = {setting.name: setting.default for setting in SETTINGS}
    origins = dict.fromkeys(held, "default")
    sources = [(str(file), _read_file(file))] if file is not None else []
    sources.append(("environment", _read_environment(environment)))
    sources.append(("command line", dict(overrides or {})))
    for origin, values in sources:
        for name, value in values.items():
            held[name] = _parse(_known(name, origin), value, origin)
            origins[name] = origin
    directory = Path(str(held["state.directory"])).expanduser().absolute()
    url = str(held["state.database_url"]) or f"sqlite:///{directory / 'interlace.db'}"
    return Config(
        state_directory=directory,
        database_url=url,
        key_file=str(held["secrets.key_file"]),
        worker_name=str(held["worker.name"]),
        parallel_mappings=int(str(held["worker.parallel_mappings"])),
        step_seconds=float(str(held["synch.step_seconds"])),
        sweep_minutes=float(str(held["synch.sweep_minutes"])),
        timeout_seconds=float(str(held["http.timeout_seconds"])),
        erp_limits=str(held["limits.erp"]),
        crm_limits=str(held["limits.crm"]),
        log_level=str(held["log.level"]),
        host=str(held["server.host"]),
        port=int(str(held["server.port"])),
        allowed_hosts=_names(str(held["server.allowed_hosts"])),
        public_address=str(held["server.public_address"]).rstrip("/"),
        tls_certificate=str(held["server.tls_certificate"]),
        tls_key=str(held["server.tls_key"]),
        metrics=str(held["server.metrics"]),
        webhook_address=str(held["webhooks.address"]).rstrip("/"),
        mail_server=str(held["mail.server"]).strip(),
        mail_encryption=str(held["mail.encryption"]),
        mail_sender=str(held["mail.sender"]).strip(),
        mail_user=str(held["mail.user"]),
        mail_password_file=str(held["mail.password_file"]),
        mail_ca_file=str(held["mail.ca_file"]),
        origins=origins,
    )


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())


def _read_file(file: Path) -> dict[str, object]:
    try:
        tree = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        msg = translatable(
            "The settings file {file} can't be read: {problem}. Correct it or name another one.",
            file=str(file),
            problem=str(problem),
        )
        raise SettingsError(msg) from problem
    flat: dict[str, object] = {}
    for section, values in tree.items():
        if not isinstance(values, dict):
            flat[section] = values
            continue
        flat.update({f"{section}.{key}": value for key, value in values.items()})
    return flat


def _read_environment(environment: Mapping[str, str]) -> dict[str, object]:
    known = {setting.variable: setting.name for setting in SETTINGS}
    found: dict[str, object] = {}
    for variable, value in environment.items():
        if variable in known:
            found[known[variable]] = value
        elif variable.startswith("INTERLACE_") and "__" in variable:
            found[variable.removeprefix("INTERLACE_").replace("__", ".").lower()] = value
    return found


def _known(name: str, origin: str) -> Setting:
    if name in _BY_NAME:
        return _BY_NAME[name]
    near = difflib.get_close_matches(name, _BY_NAME, n=1)
    if near:
        raise SettingsError(
            translatable(
                "Unknown setting {name} ({origin}). Did you mean {near}?",
                name=name,
                origin=origin,
                near=near[0],
            )
        )
    raise SettingsError(
        translatable(
            "Unknown setting {name} ({origin}). `interlace settings` lists all of them.",
            name=name,
            origin=origin,
        )
    )


def _parse(setting: Setting, value: object, origin: str) -> str | int | float:
    wanted = type(setting.default)
    try:
        if isinstance(value, bool):
            raise ValueError  # noqa: TRY004, TRY301 - one message for every wrong kind
        return wanted(str(value))
    except ValueError as problem:
        kinds = {
            str: translatable("a text"),
            int: translatable("a whole number"),
            float: translatable("a number"),
        }
        raise SettingsError(
            translatable(
                "Setting {name} ({origin}) must be {kind}, not {value}.",
                name=setting.name,
                origin=origin,
                kind=as_sentence(kinds[wanted]),
                value=repr(value),
            )
        ) from problem
