"""The TLS lint refuses sources that would not verify a server."""

import pytest
from tools.tls_lint import findings_in, in_sources

REFUSED = [
    "httpx.AsyncClient(verify=False)",
    "session.verify = False",
    "context.verify_mode = ssl.CERT_NONE",
    "context.verify_mode = CERT_OPTIONAL",
    "aiohttp.TCPConnector(ssl=False)",
    "context.check_hostname = False",
    "context = ssl._create_unverified_context()",
    "context.minimum_version = ssl.TLSVersion.TLSv1_1",
    "ssl.PROTOCOL_TLSv1",
]


@pytest.mark.parametrize("line", REFUSED)
def test_security_o4_a_source_that_does_not_verify_is_named_with_its_line(line: str) -> None:
    """Each way of looking away is a finding on its own line."""
    found = list(findings_in(f"fine\n{line}\n", "a.py"))
    assert [finding.line for finding in found] == [2]


@pytest.mark.parametrize(
    "line",
    [
        "ssl.CERT_REQUIRED",
        "verify=context",
        "is_verified = False",
        "ssl.TLSVersion.TLSv1_2",
        "ssl=rules.tls()",
    ],
)
def test_a_source_that_verifies_passes(line: str) -> None:
    """What verifies, and what only sounds alike, is no finding."""
    assert list(findings_in(line, "a.py")) == []


def test_security_o4_no_source_looks_away() -> None:
    """Nothing that is installed talks to a server that it does not verify."""
    assert list(in_sources()) == []
