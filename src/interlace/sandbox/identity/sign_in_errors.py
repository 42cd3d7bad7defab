"""The refusals of the sign-in service: error word, AADSTS number, status and text, as Microsoft Entra ID answers.

One function a situation; the texts are worded like the service's own, because people search for them.
"""

from __future__ import annotations

import uuid
from datetime import datetime

from interlace.sandbox import json_codec
from interlace.sandbox.exchange import Request, Response


class SignInRefused(Exception):
    """A request for tokens that is refused."""

    def __init__(
        self, error: str, number: int, text: str, *, status: int = 400, suberror: str | None = None
    ) -> None:
        super().__init__(text)
        self.error = error
        self.number = number
        self.text = text
        self.status = status
        self.suberror = suberror

    def response(self, request: Request, now: datetime) -> Response:
        """The answer, with the identifiers that a support case asks for."""
        trace_id = str(uuid.uuid4())
        correlation_id = request.header("client-request-id") or str(uuid.uuid4())
        stamp = f"{now:%Y-%m-%d %H:%M:%SZ}"
        described = (
            f"AADSTS{self.number}: {self.text} Trace ID: {trace_id} Correlation ID: {correlation_id} "
            f"Timestamp: {stamp}"
        )
        body: dict[str, object] = {
            "error": self.error,
            "error_description": described,
            "error_codes": [self.number],
            "timestamp": stamp,
            "trace_id": trace_id,
            "correlation_id": correlation_id,
            "error_uri": f"{request.service_url}error?code={self.number}",
        }
        if self.suberror is not None:
            body["suberror"] = self.suberror
        return json_response(self.status, body)


def json_response(status: int, value: dict[str, object]) -> Response:
    """An answer that nobody may keep."""
    headers = (
        ("Content-Type", "application/json; charset=utf-8"),
        ("Cache-Control", "no-store, no-cache"),
        ("Pragma", "no-cache"),
        ("X-Content-Type-Options", "nosniff"),
    )
    return Response(status=status, headers=headers, body=json_codec.encode(value))


# --- the request


def missing_parameter(name: str) -> SignInRefused:
    """The form lacks a field."""
    return SignInRefused(
        "invalid_request", 900144, f"The request body must contain the following parameter: '{name}'."
    )


def malformed_request() -> SignInRefused:
    """The body is no form."""
    return SignInRefused("invalid_request", 9002313, "Invalid request. Request is malformed or invalid.")


def unknown_tenant(tenant: str) -> SignInRefused:
    """The address names another organization."""
    return SignInRefused(
        "invalid_tenant",
        90002,
        f"Tenant '{tenant}' not found. Check to make sure you have the correct tenant ID and are signing into the "
        "correct cloud. Check with your subscription administrator, this may happen if there are no active "
        "subscriptions for the tenant.",
    )


def unsupported_grant(grant: str) -> SignInRefused:
    """A way to get tokens that the service doesn't offer."""
    return SignInRefused(
        "unsupported_grant_type", 70003, f"The app requested an unsupported grant type '{grant}'."
    )


def scope_without_default(scope: str) -> SignInRefused:
    """Applications on their own ask for everything they were granted."""
    return SignInRefused(
        "invalid_scope",
        1002012,
        f"The provided value for scope {scope} is not valid. Client credential flows must have a scope value with "
        "/.default suffixed to the resource identifier (application ID URI).",
    )


def scope_unreadable(scope: str) -> SignInRefused:
    """The scope names no service, or several."""
    return SignInRefused(
        "invalid_scope",
        70011,
        f"The provided request must include a 'scope' input parameter. The provided value for the input parameter "
        f"'scope' is not valid. The scope {scope} is not valid.",
    )


def unknown_resource(resource: str, tenant: str) -> SignInRefused:
    """The tenant has no such service."""
    return SignInRefused(
        "invalid_resource",
        500011,
        f"The resource principal named {resource} was not found in the tenant named {tenant}. This can happen if "
        "the application has not been installed by the administrator of the tenant or consented to by any user in "
        "the tenant. You might have sent your authentication request to the wrong tenant.",
    )


# --- the application


def unknown_application(client_id: str, tenant: str) -> SignInRefused:
    """Nobody registered this client id."""
    return SignInRefused(
        "unauthorized_client",
        700016,
        f"Application with identifier '{client_id}' was not found in the directory '{tenant}'. This can happen if "
        "the application has not been installed by the administrator of the tenant or consented to by any user in "
        "the tenant. You may have sent your authentication request to the wrong tenant.",
    )


def application_disabled(client_id: str, name: str) -> SignInRefused:
    """An administrator switched the application off."""
    return SignInRefused("unauthorized_client", 7000112, f"Application '{client_id}'({name}) is disabled.")


def proof_missing_for(grant: str) -> SignInRefused:
    """An application on its own proved nothing."""
    return SignInRefused(
        "invalid_client",
        7000216,
        f"'client_assertion', 'client_secret' or 'request' is required for the '{grant}' grant type.",
        status=401,
    )


def proof_missing() -> SignInRefused:
    """An application that isn't public came without secret or assertion."""
    return SignInRefused(
        "invalid_client",
        7000218,
        "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
        status=401,
    )


def wrong_secret(client_id: str) -> SignInRefused:
    """The secret is none of the application's."""
    return SignInRefused(
        "invalid_client",
        7000215,
        "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, "
        f"not the client secret ID, for a secret added to app '{client_id}'.",
        status=401,
    )


def expired_secret(client_id: str) -> SignInRefused:
    """The secret was right once."""
    return SignInRefused(
        "invalid_client",
        7000222,
        f"The provided client secret keys for app '{client_id}' are expired. Visit the Azure portal to create new "
        "keys for your app: https://aka.ms/NewClientSecret, or consider using certificate credentials for added "
        "security: https://aka.ms/certCreds.",
        status=401,
    )


def assertion_malformed(why: str) -> SignInRefused:
    """The assertion is no token, or lacks what it must say."""
    return SignInRefused(
        "invalid_client",
        50027,
        f"JWT token is invalid or malformed. {why}",
        status=401,
    )


def assertion_unsigned(why: str, thumbprint: str) -> SignInRefused:
    """The signature is not one of a registered certificate."""
    return SignInRefused(
        "invalid_client",
        700027,
        "The certificate with identifier used to sign the client assertion is not registered on application, or "
        f"its signature is wrong. [Reason - {why}, Thumbprint of key used by client: '{thumbprint}']",
        status=401,
    )


def assertion_out_of_time(now: datetime, expires: datetime) -> SignInRefused:
    """The assertion is too old, or not valid yet."""
    return SignInRefused(
        "invalid_client",
        700024,
        f"Client assertion is not within its valid time range. Current time: {now.isoformat()}, expiry time of "
        f"assertion {expires.isoformat()}.",
        status=401,
    )


def assertion_for_others(audience: str) -> SignInRefused:
    """The assertion was made for another service."""
    return SignInRefused(
        "invalid_client",
        700023,
        f"Client assertion audience claim does not match Realm issuer. Audience of the assertion: {audience}.",
        status=401,
    )


def certificate_out_of_time() -> SignInRefused:
    """The certificate itself has ended, or not begun."""
    return SignInRefused(
        "invalid_client",
        1000502,
        "The provided certificate is not within its specified validity window.",
        status=401,
    )


# --- the person


def wrong_password() -> SignInRefused:
    """Name or password is wrong."""
    return SignInRefused(
        "invalid_grant", 50126, "Error validating credentials due to invalid username or password."
    )


def person_disabled() -> SignInRefused:
    """An administrator switched the account off."""
    return SignInRefused("invalid_grant", 50057, "The user account is disabled.")


def consent_missing(client_id: str, name: str) -> SignInRefused:
    """Nobody let the application use the service in people's names."""
    return SignInRefused(
        "invalid_grant",
        65001,
        f"The user or administrator has not consented to use the application with ID '{client_id}' named '{name}'. "
        "Send an interactive authorization request for this user and resource.",
        suberror="consent_required",
    )


def password_refused() -> SignInRefused:
    """Passwords alone are not enough in tenants with security defaults."""
    return SignInRefused(
        "invalid_grant",
        50076,
        "Due to a configuration change made by your administrator, or because you moved to a new location, you must "
        "use multi-factor authentication to access this service.",
        suberror="basic_action",
    )


def authorization_pending() -> SignInRefused:
    """The person has not decided yet."""
    return SignInRefused(
        "authorization_pending",
        70016,
        "OAuth 2.0 device flow error. Authorization is pending. Continue polling.",
    )


def authorization_declined() -> SignInRefused:
    """The person said no."""
    return SignInRefused("authorization_declined", 65004, "User declined to consent to access the app.")


def device_code_expired() -> SignInRefused:
    """The person took too long."""
    return SignInRefused(
        "expired_token", 70019, "Verification code expired. Have the user retry the sign-in."
    )


def device_code_unknown() -> SignInRefused:
    """Nobody was given this code."""
    return SignInRefused(
        "bad_verification_code",
        70018,
        "Invalid verification code due to user typing in wrong user code for device code flow.",
    )


def refresh_token_unknown() -> SignInRefused:
    """Nobody was given this token, or another application was."""
    return SignInRefused("invalid_grant", 9002313, "Invalid request. Request is malformed or invalid.")


def refresh_token_expired() -> SignInRefused:
    """The token was not used for too long."""
    return SignInRefused(
        "invalid_grant",
        700082,
        "The refresh token has expired due to inactivity. Send a new interactive authorization request for this user "
        "and resource.",
        suberror="bad_token",
    )


def password_changed() -> SignInRefused:
    """The password under which the person signed in is no longer his."""
    return SignInRefused(
        "invalid_grant",
        50173,
        "The provided grant has expired due to it being revoked, a fresh auth token is needed. The user might have "
        "changed or reset their password.",
        suberror="bad_token",
    )
