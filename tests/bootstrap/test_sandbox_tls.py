"""Both embedded services as processes, bare and over TLS, with one directory between them."""

import json
import ssl
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from interlace.bootstrap.sandbox_server import SandboxProcess
from interlace.sandbox.identity.resources import BC_AUDIENCE

pytestmark = pytest.mark.slow


def _call(address: str, context: ssl.SSLContext, form: dict[str, str] | None = None, token: str = "") -> Any:
    body = None if form is None else urlencode(form).encode()
    request = urllib.request.Request(address, body, {"Authorization": f"Bearer {token}"} if token else {})
    try:
        with urllib.request.urlopen(request, timeout=30, context=context) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as refused:
        with refused:
            return {"status": refused.code, **json.load(refused)}


def test_one_sign_in_serves_both_services(tmp_path: Path) -> None:
    """A token of the CRM's address opens the ERP; clients trust the one authority of the state directory."""
    where = ["--state", str(tmp_path / "state"), "--port", "0", "--tls", "--bare"]
    erp = SandboxProcess.start(["erp", *where], tmp_path / "erp.log")
    try:
        crm = SandboxProcess.start(["crm", *where], tmp_path / "crm.log")
        try:
            _both(erp.announcement, crm.announcement)
        finally:
            crm.stop()
    finally:
        erp.stop()


def _both(erp: dict[str, str], crm: dict[str, str]) -> None:
    assert erp["tls_authority_file"] == crm["tls_authority_file"]
    assert crm["crm_address"].startswith("https://")
    context = ssl.create_default_context(cafile=crm["tls_authority_file"])
    form = {
        "grant_type": "client_credentials",
        "client_id": crm["crm_client_id"],
        "client_secret": crm["crm_client_secret"],
    }

    def token(scope: str, **changes: str) -> str:
        given = _call(crm["crm_token_url"], context, {**form, **changes, "scope": f"{scope}/.default"})
        assert "access_token" in given, given
        return str(given["access_token"])

    integration = token(crm["crm_address"])
    who = f"{crm['crm_address']}/api/data/v9.2/WhoAmI"
    assert _call(who, context, token=integration)["error"]["code"] == "0x80072560"
    administration = token(
        crm["crm_address"],
        client_id=crm["crm_administrator_client_id"],
        client_secret=crm["crm_administrator_client_secret"],
    )
    assert _call(who, context, token=administration)["UserId"]
    companies = f"{erp['erp_address']}/api/v2.0/companies"
    refused = _call(companies, context, token=token(BC_AUDIENCE))
    assert "is not set up in the ERP" in refused["error"]["message"]
    assert _call(companies, context, token=integration)["status"] == 401
    with pytest.raises(urllib.error.URLError, match="CERTIFICATE_VERIFY_FAILED"):
        urllib.request.urlopen(companies, timeout=30, context=ssl.create_default_context())
