"""Somebody's own records from CSV files: loaded by command, served, synchronized and proved equal."""

import subprocess
from contextlib import ExitStack
from pathlib import Path

from tests.acceptance.conftest import json_lines, run_command

from interlace.bootstrap.sandbox_server import SandboxProcess
from interlace.sandbox.erp.seed_company import seed_users

# Somebody who is a user of the embedded CRM, too: without an owner no account is made.
SALESPERSON = seed_users()[0]
FILES = {
    "Salesperson_Purchaser": f"Code,Name,E_Mail\nAN,{SALESPERSON.name},{SALESPERSON.email}\n",
    "Payment_Terms": "Code,Description,Due_Date_Calculation\n14 DAYS,Fourteen days,14D\n",
    "Unit_of_Measure": "Code,Description\nPCS,Piece\n",
    "Customer": (
        "No,Name,City,Salesperson_Code,Payment_Terms_Code,Credit_Limit_LCY\n"
        'K1,"Møbler, Stole & Sønn",Bergen,AN,14 DAYS,2500.50\n'
        "K2,Unknown salesperson,Oslo,QQ,,0\n"
        "K3,Bad number,Oslo,AN,,much\n"
        "K4,Good,Oslo,AN,,0\n"
    ),
    "Item": "No,Description,Base_Unit_of_Measure,Unit_Price\nI1,Stol,PCS,199.90\nI2,No such unit,CRATE,1\n",
    "Nonsense": "No\n1\n",
}


def _load(state: Path, directory: Path, *more: str) -> subprocess.CompletedProcess[str]:
    return run_command("sandbox", "erp", "load", str(directory), "--state", str(state), *more)


def _connect(state: Path, erp: dict[str, str], crm: dict[str, str]) -> None:
    key, secret = state / "key", state / "secret"
    key.write_text(erp["erp_access_key"], encoding="utf-8")
    secret.write_text(crm["crm_client_secret"], encoding="utf-8")
    where = ["--erp", erp["erp_address"], "--company", erp["erp_company"], "--erp-user", erp["erp_user"]]
    where += ["--crm", crm["crm_address"], "--token-url", crm["crm_token_url"]]
    where += [
        "--client-id",
        crm["crm_client_id"],
        "--erp-key-file",
        str(key),
        "--crm-secret-file",
        str(secret),
    ]
    for arguments in (["add", "own", *where], ["enable", "own"]):
        ended = run_command("connection", *arguments, "--state", str(state))
        assert ended.returncode == 0, ended.stderr


def test_a_company_of_csv_files_goes_all_the_way(tmp_path: Path) -> None:
    """Bad rows are refused by file, line and reason; the good ones load, reach the CRM, and are proved equal."""
    files, sandbox = tmp_path / "files", tmp_path / "sandbox"
    files.mkdir()
    for name, text in FILES.items():
        (files / f"{name}.csv").write_text(text, encoding="utf-8")
    ended = _load(sandbox, files, "--json")
    rows = json_lines(ended.stdout)
    assert ended.returncode == 3, ended.stderr
    loaded = {row["table"]: row["loaded"] for row in rows if "table" in row}
    assert loaded == {
        "Salesperson_Purchaser": 1,
        "Payment_Terms": 1,
        "Unit_of_Measure": 1,
        "Customer": 2,
        "Item": 1,
    }
    refused = {(row["file"], row["line"]): row["reason"] for row in rows if "file" in row}
    expected = {
        ("Customer.csv", 3): "QQ",
        ("Customer.csv", 4): "much",
        ("Item.csv", 3): "CRATE",
        ("Nonsense.csv", 0): "Nonsense",
    }
    assert refused.keys() == expected.keys()
    assert [place for place, word in expected.items() if word not in refused[place]] == []
    with ExitStack() as running:
        where = ["--port", "0", "--state", str(sandbox)]
        erp = SandboxProcess.start(["erp", *where], tmp_path / "erp.log")
        running.callback(erp.stop)
        crm = SandboxProcess.start(["crm", "--seed-company", *where], tmp_path / "crm.log")
        running.callback(crm.stop)
        busy = _load(sandbox, files)
        assert busy.returncode == 4
        assert "Stop it first" in busy.stderr
        _connect(tmp_path, erp.announcement, crm.announcement)
        ended = run_command("full-synch", "start", "--json", "--state", str(tmp_path))
        lines = {line["mapping"]: line for line in json_lines(ended.stdout)}
        assert ended.returncode == 0, ended.stdout + ended.stderr
        assert (lines["CUSTOMER"]["inserted"], lines["ITEM-PRODUCT"]["inserted"]) == (2, 1)
        verified = run_command("verify", "--state", str(tmp_path))
        assert verified.returncode == 0, verified.stdout + verified.stderr


def test_what_is_no_directory_of_files_is_told(tmp_path: Path) -> None:
    """A directory that isn't there, and one without files of known tables."""
    missing = _load(tmp_path / "state", tmp_path / "nowhere")
    assert (missing.returncode, "Traceback" in missing.stderr) == (4, False)
    assert str(tmp_path / "nowhere") in missing.stderr
    (tmp_path / "empty").mkdir()
    nothing = _load(tmp_path / "state", tmp_path / "empty")
    assert nothing.returncode == 0
    assert "No CSV file of a known table" in nothing.stderr
