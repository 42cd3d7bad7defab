"""A backup of the CRM is put back behind Interlace's back: noticed in one banner, repaired, nothing spread."""

import shutil
from pathlib import Path
from urllib.parse import urlsplit

from tests.acceptance.conftest import CUSTOMERS, Installation, connected, json_lines
from tests.acceptance.outsider import Outsider

from interlace.bootstrap.demo import demo_sandboxes


def ports_of(installation: Installation) -> tuple[int, int]:
    """Return where both services listen."""
    ends = installation.ends
    addresses = (ends.erp["erp_address"], ends.crm["crm_address"])
    erp, crm = (urlsplit(each).port or 0 for each in addresses)
    return erp, crm


def test_a_restored_crm_is_noticed_and_repaired(synchronized_state: Path, tmp_path: Path) -> None:
    """Old values are written over with the ERP's, what was created since is created again, and people are told once."""
    crm, backup = tmp_path / "sandbox" / "crm", tmp_path / "backup"
    with connected(synchronized_state) as held:
        ports = ports_of(held)
    shutil.copytree(crm, backup)
    with demo_sandboxes(tmp_path, CUSTOMERS, ports):
        Outsider(held).change_customer("C00010", Name="Renamed after the backup")
        assert held.interlace("synch", "CUSTOMER").returncode in {0, 3}
        assert Outsider(held).account_of("C00010")["name"] == "Renamed after the backup"
    shutil.rmtree(crm)
    shutil.copytree(backup, crm)
    with demo_sandboxes(tmp_path, CUSTOMERS, ports):
        outsider = Outsider(held)
        assert outsider.account_of("C00010")["name"] != "Renamed after the backup"
        run = held.interlace("synch")
        assert run.stderr.count("The CRM seems to have been restored") == 1, run.stderr
        assert outsider.account_of("C00010")["name"] == "Renamed after the backup"
        assert outsider.customer("C00010")["Name"] == "Renamed after the backup"
        assert held.interlace("verify").returncode == 0
        (event,) = json_lines(held.interlace("restorations", "--json").stdout)
        assert (event["restored"], event["mappings"], event["doubtful"]) == ("CRM", "CUSTOMER", 0)
        before = outsider.writes()
        held.interlace("synch")
        assert outsider.writes() == before
