"""Logs hold no credentials, whatever a message or a traceback says."""

import logging

import pytest

from interlace.bootstrap.log_redaction import HIDDEN, RedactingFormatter, start_logging, without_credentials

SECRET = "s3cretValue+/=42"


@pytest.mark.parametrize(
    "text",
    [
        f"Authorization: Basic {SECRET}",
        f"{{'Authorization': 'Bearer {SECRET}', 'Accept': 'x'}}",
        f"authorization=Bearer {SECRET}",
        f"Cookie: {SECRET}; other={SECRET}",
        f"Set-Cookie: {SECRET}",
        f"POST https://login.example/t/oauth2/v2.0/token?client_secret={SECRET}&scope={SECRET}",
        f"client_id=me&client_secret={SECRET}&scope=x",
        f'{{"access_token": "{SECRET}", "expires_in": 3600}}',
        f'{{"refresh_token":"{SECRET}"}}',
        f"client_assertion={SECRET}",
        f"GET /api/data/v9.2/accounts?$deltatoken={SECRET}",
        f"GET /api/data/v9.2/accounts?%24deltatoken={SECRET}&x=1",
        f"connect to postgresql+psycopg://user:{SECRET}@host/db",
        f"-----BEGIN PRIVATE KEY-----\n{SECRET}\n-----END PRIVATE KEY-----",
        f"-----BEGIN EC PRIVATE KEY-----\n{SECRET}",
        f"password='{SECRET}'",
        f"token eyJ0eXAiOiJKV1QiLCJ.{SECRET.replace('+/=', '')}aaaa.bbbb",
    ],
)
def test_security_s6_what_looks_like_a_credential_is_hidden(text: str) -> None:
    """The value goes, its name stays."""
    shown = without_credentials(text)
    assert SECRET not in shown
    assert SECRET.replace("+/=", "") not in shown
    assert HIDDEN in shown


def test_ordinary_text_stays_as_it_is() -> None:
    """Nothing is hidden that a person needs."""
    text = (
        "CUSTOMER 10000: the ERP refused to change Name (Application_DialogException): Basic data is missing."
    )
    assert without_credentials(text) == text


def test_security_s6_a_traceback_is_hidden_too_and_no_line_can_be_forged(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """An error's text may quote what was sent; a message may hold line breaks of another system."""
    start_logging("WARNING", ["of_this_test"])
    start_logging("WARNING", ["of_this_test"])
    logger = logging.getLogger("of_this_test")
    try:
        _ = dict[str, str]()[f"client_secret={SECRET}"]
    except KeyError:
        logger.exception("first line\nERROR interlace: forged %s", f"Bearer {SECRET}")
    logger.info("not shown")
    for handler in list(logger.handlers):
        assert isinstance(handler.formatter, RedactingFormatter)
        logger.removeHandler(handler)
    written = capsys.readouterr().err
    assert SECRET not in written
    assert written.startswith("ERROR of_this_test: first line\\x0aERROR interlace: forged Bearer ***\n")
    assert written.count("first line") == 1
    assert "not shown" not in written
