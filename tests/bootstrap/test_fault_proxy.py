"""The fault proxy before an embedded service, both as processes started by the command line."""

import json
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

import pytest

from interlace.bootstrap.sandbox_server import SandboxProcess

RULES = """
[[rule]]
fault = "answer"
status = 503
retry_after = 1
path = "*/accounts"
requests = [1]
"""


@contextmanager
def proxy_before(target: str, rules: Path) -> Iterator[str]:
    """Run the proxy and give its address."""
    command = [sys.executable, "-m", "interlace", "fault-proxy", "--target", target, "--faults", str(rules)]
    process = subprocess.Popen(
        [*command, "--json"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    assert process.stdout is not None
    try:
        yield json.loads(process.stdout.readline())["address"]
    finally:
        process.terminate()
        process.wait(10)
        process.stdout.close()


def test_requests_go_through_and_links_lead_back_through_the_proxy(tmp_path: Path) -> None:
    """Sign-in, a struck request, then pages whose next link names the proxy and works."""
    rules = tmp_path / "faults.toml"
    rules.write_text(RULES, encoding="utf-8")
    where = ["crm", "--seed-company", "--port", "0", "--state", str(tmp_path)]
    crm = SandboxProcess.start(where, tmp_path / "log")
    try:
        facts = crm.announcement
        with proxy_before(facts["crm_address"], rules) as address:
            form = {
                "grant_type": "client_credentials",
                "client_id": facts["crm_client_id"],
                "client_secret": facts["crm_client_secret"],
                "scope": f"{address}/.default",
            }
            token_url = facts["crm_token_url"].replace(facts["crm_address"], address)
            with urllib.request.urlopen(token_url, urlencode(form).encode(), timeout=10) as answer:
                headers = {"Authorization": f"Bearer {json.load(answer)['access_token']}"}
            first = urllib.request.Request(f"{address}/api/data/v9.2/accounts", headers=headers)
            with pytest.raises(urllib.error.HTTPError) as refused:
                urllib.request.urlopen(first, timeout=10)
            assert (refused.value.code, refused.value.headers["Retry-After"]) == (503, "1")
            refused.value.close()
            headers["Prefer"] = "odata.maxpagesize=1"
            link: str | None = f"{address}/api/data/v9.2/systemusers?$select=fullname"
            seen = 0
            while link is not None:
                assert link.startswith(address)
                page = urllib.request.Request(link, headers=headers)
                with urllib.request.urlopen(page, timeout=10) as answer:
                    content = json.load(answer)
                seen += len(content["value"])
                link = content.get("@odata.nextLink")
            assert seen > 1
    finally:
        crm.stop()


def test_a_service_that_is_away_is_told_as_a_bad_gateway(tmp_path: Path) -> None:
    """The proxy answers 502 itself."""
    rules = tmp_path / "faults.toml"
    rules.write_text("", encoding="utf-8")
    with (
        proxy_before("http://127.0.0.1:9", rules) as address,
        pytest.raises(urllib.error.HTTPError) as refused,
    ):
        urllib.request.urlopen(f"{address}/x", timeout=10)
    with refused.value:
        assert refused.value.code == 502
