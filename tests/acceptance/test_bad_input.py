"""What people get wrong: each is told in words, with the remedy and its exit code, and the rest goes on."""

import json
import socket
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from tests.acceptance.conftest import Installation, json_lines, run_command
from tests.acceptance.outsider import Outsider

Ended = subprocess.CompletedProcess[str]

CONFIGURATION, SIGN_IN, REMAINING = 4, 5, 3
LONG_ADDRESS = "https://" + "x" * 220 + ".example"


def told(ended: Ended, code: int, *words: str) -> str:
    """Check a refusal: its exit code, what it must name, and that no traceback shows; return the text."""
    text = ended.stdout + ended.stderr
    assert ended.returncode == code, text
    assert "Traceback" not in text, text
    # Tables fold long lines.
    unfolded = " ".join(text.split())
    for each in words:
        assert each in unfolded, text
    return unfolded


# A connection's set-up


@dataclass(frozen=True, slots=True, kw_only=True)
class WrongSetting:
    """One option of a connection that is wrong, and what is said about it."""

    option: str
    value: str
    code: int
    names: tuple[str, ...]


def _unused_address(path: str = "") -> str:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{unused.getsockname()[1]}{path}"


def _beside_demo(options: dict[str, str], changed: str) -> dict[str, str]:
    """Call a service by its host's other name where only a secret is wrong: the demo's connection has this pair."""
    for secret, service in (("--erp-key-file", "--erp"), ("--crm-secret-file", "--crm")):
        if secret == changed:
            return {**options, service: options[service].replace("127.0.0.1", "localhost")}
    return options


def _with_secrets(directory: Path, options: dict[str, str]) -> list[str]:
    for secret in ("--erp-key-file", "--crm-secret-file"):
        file = directory / secret.strip("-")
        file.write_text(options[secret], encoding="utf-8")
        options[secret] = str(file)
    return [part for pair in options.items() for part in pair]


def _options(installation: Installation) -> dict[str, str]:
    erp, crm = installation.ends.erp, installation.ends.crm
    return {
        "--erp": erp["erp_address"],
        "--company": erp["erp_company"],
        "--erp-user": erp["erp_user"],
        "--erp-key-file": erp["erp_access_key"],
        "--crm": crm["crm_address"],
        "--token-url": crm["crm_token_url"],
        "--client-id": crm["crm_client_id"],
        "--crm-secret-file": crm["crm_client_secret"],
    }


def test_wrong_settings_are_named_with_the_remedy_and_stop_nobody_else(
    installation: Installation, tmp_path: Path
) -> None:
    """Six wrong connections beside a right one: each refused with the remedy; the right one works."""
    nowhere = _unused_address()
    wrong = {
        "erp-address": WrongSetting(
            option="--erp", value=f"{nowhere}/BC", code=CONFIGURATION, names=(nowhere, "--erp URL")
        ),
        "crm-address": WrongSetting(
            option="--crm", value=nowhere, code=CONFIGURATION, names=(nowhere, "--crm URL")
        ),
        "no-instance": WrongSetting(
            option="--erp",
            value=installation.ends.erp["erp_address"].removesuffix("/BC") + "/NAV",
            code=CONFIGURATION,
            names=("/NAV", "--erp URL"),
        ),
        "access-key": WrongSetting(
            option="--erp-key-file", value="wrong", code=SIGN_IN, names=("The ERP", "--erp-key-file FILE")
        ),
        "secret": WrongSetting(
            option="--crm-secret-file", value="wrong", code=SIGN_IN, names=("--crm-secret-file FILE",)
        ),
        "company": WrongSetting(
            option="--company",
            value="Nowhere Ltd.",
            code=CONFIGURATION,
            names=("'Nowhere Ltd.'", installation.ends.erp["erp_company"], "--company NAME"),
        ),
    }
    for name, each in wrong.items():
        right = _beside_demo(_options(installation), each.option)
        options = _with_secrets(tmp_path, {**right, each.option: each.value})
        added = installation.interlace("connection", "add", name, *options)
        assert added.returncode == 0, added.stderr
        told(installation.interlace("connection", "test", name), each.code, *each.names)
    told(installation.interlace("connection", "enable", "company"), CONFIGURATION, "'Nowhere Ltd.'")
    told(
        installation.interlace("synch", "--connection", "company"),
        CONFIGURATION,
        "The connection company is not enabled. Enable it with `interlace connection enable company`.",
    )
    told(
        installation.interlace("synch", "CURRENCY", "NOSUCH", "-c", "demo"),
        CONFIGURATION,
        "There is no mapping 'NOSUCH'. Mappings: SALESPEOPLE,",
    )
    assert installation.interlace("synch", "CURRENCY", "--full", "-c", "demo").returncode == 0


@pytest.mark.parametrize(
    ("option", "value", "code", "words"),
    [
        ("--erp-key-file", "revoked", SIGN_IN, ("The ERP does not accept our sign-in", "key")),
        ("--crm-secret-file", "deleted", SIGN_IN, ("sign-in service refused", "deleted, make a new one")),
    ],
    ids=["access key", "client secret"],
)
def test_a_credential_that_is_revoked_later_ends_a_run_in_words(
    installation: Installation, tmp_path: Path, option: str, value: str, code: int, words: tuple[str, ...]
) -> None:
    """An enabled connection loses its credential: the run stops with the reason; the right one heals it."""
    options = _options(installation)
    file = tmp_path / "credential"
    file.write_text(value, encoding="utf-8")
    assert installation.interlace("connection", "change", "demo", option, str(file)).returncode == 0
    told(installation.interlace("synch", "CURRENCY"), code, *words)
    told(installation.interlace("verify"), code, *words)
    review = told(installation.interlace("full-synch", "start"), code, *words)
    assert "Running" not in review
    file.write_text(options[option], encoding="utf-8")
    assert installation.interlace("connection", "change", "demo", option, str(file)).returncode == 0
    assert installation.interlace("synch", "CURRENCY", "--full").returncode == 0


# Records


class Clerk(Outsider):
    """An outsider who enters records into the ERP."""

    def enter(self, page: str, **fields: object) -> None:
        """Create a record of a page."""
        company = quote(self._erp["erp_company"])
        address = f"{self._erp['erp_address']}/ODataV4/Company('{company}')/{page}"
        self._send("POST", address, self._basic, fields)


def _errors(installation: Installation, mapping: str) -> dict[str, dict[str, Any]]:
    ended = installation.interlace("errors", mapping, "--json")
    return {each["record"]: each for each in json_lines(ended.stdout)}


def test_records_that_cannot_go_are_named_with_the_remedy_and_the_rest_goes(
    installation: Installation,
) -> None:
    """Too long a value, a currency without partner, a salesperson who is no user: named; corrected, they go."""
    clerk = Clerk(installation)
    clerk.enter("SalespersonCard", Code="NOUSER", Name="Nora Nouser", E_Mail="nobody@nowhere.example")
    clerk.enter("Currencies", Code="XTS", Symbol="¤", Description="Coin without a rate")
    clerk.change_customer("C00010", Home_Page=LONG_ADDRESS)
    clerk.change_customer("C00040", Salesperson_Code="NOUSER")
    clerk.change_customer("C00050", Currency_Code="XTS")
    assert installation.interlace("full-synch", "start").returncode == REMAINING
    found = _errors(installation, "CUSTOMER")
    expected = {
        "C00010": ("IL-301", "Customer C00010", "websiteurl", "200", "Correct the record"),
        "C00040": ("IL-101", "Customer C00040", "'NOUSER' is not coupled (SALESPEOPLE)", "Couple it"),
        "C00050": ("IL-101", "Customer C00050", "'XTS' is not coupled (CURRENCY)", "synchronize CURRENCY"),
    }
    for number, (code, *words) in expected.items():
        assert found[number]["code"] == code
        for each in words:
            assert each in found[number]["message"], found[number]
    (rate,) = _errors(installation, "CURRENCY").values()
    assert "Currency XTS (Coin without a rate)" in rate["message"]
    assert "exchange rate" in rate["message"]
    told(installation.interlace("verify"), 0, "Verified: both ends are equal")

    clerk.enter(
        "CurrencyExchangeRates",
        Currency_Code="XTS",
        Starting_Date="2024-01-01",
        Exchange_Rate_Amount=2,
        Relational_Exch_Rate_Amount=1,
    )
    clerk.change_customer("C00010", Home_Page="https://short.example")
    clerk.change_customer("C00040", Salesperson_Code=clerk.customer("C00060")["Salesperson_Code"])
    installation.interlace("synch", "--full")
    assert not expected.keys() & _errors(installation, "CUSTOMER").keys()
    assert clerk.account_of("C00010")["websiteurl"] == "https://short.example"
    assert clerk.account_of("C00050")["name"] == clerk.customer("C00050")["Name"]
    told(installation.interlace("verify"), 0, "Verified: both ends are equal")


# Machine and command line


@pytest.mark.parametrize(
    "arguments",
    [
        ("connection", "list"),
        ("synch",),
        ("sandbox", "crm", "--port", "0"),
        ("sandbox", "both", "--port", "0", "--crm-port", "0"),
        ("demo", "--once", "--customers", "5"),
    ],
    ids=" ".join,
)
def test_a_state_directory_that_cannot_be_written_is_told(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    """The directory is named, and what to do."""
    (tmp_path / "file").write_text("not a directory", encoding="utf-8")
    state = str(tmp_path / "file" / "state")
    told(run_command(*arguments, "--state", state), CONFIGURATION, state, "Not a directory")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("[state\n", "can't be read"),
        ("[state]\ndirectry = 'x'\n", "Unknown setting state.directry"),
        ("[synch]\nstep_seconds = 'long'\n", "must be a number, not 'long'"),
    ],
    ids=["not TOML", "unknown name", "wrong kind"],
)
def test_a_broken_settings_file_is_told(tmp_path: Path, content: str, words: str) -> None:
    """File and setting are named."""
    file = tmp_path / "interlace.toml"
    file.write_text(content, encoding="utf-8")
    ended = run_command("connection", "list", settings={"INTERLACE_CONFIG": str(file)})
    told(ended, CONFIGURATION, words, str(file))


@pytest.mark.parametrize("service", ["erp", "crm"])
def test_a_port_in_use_is_told(tmp_path: Path, service: str) -> None:
    """The port is named, with the option for another one; nothing is left behind."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        ended = run_command("sandbox", service, "--port", port, "--state", str(tmp_path))
    told(ended, CONFIGURATION, f"Port {port}", "--port")


def test_a_demo_of_another_size_is_refused(tmp_path: Path) -> None:
    """A company that is there already keeps its size; both ways out are named."""
    (tmp_path / "demo.json").write_text(json.dumps({"customers": 20}), encoding="utf-8")
    ended = run_command("demo", "--once", "--customers", "30", "--state", str(tmp_path))
    told(ended, CONFIGURATION, "20 customers, not 30", "--customers 20", "--state")
