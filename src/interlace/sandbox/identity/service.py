"""The addresses of the sign-in service: discovery, keys, tokens, and the page on which a person signs in."""

from __future__ import annotations

import random
import re
from urllib.parse import parse_qsl, urlsplit

from interlace.sandbox.exchange import Request, Response
from interlace.sandbox.identity import sign_in_errors
from interlace.sandbox.identity.client_proof import ClientProof, with_basic
from interlace.sandbox.identity.device_flow import LIFE_SECONDS, DeviceFlow
from interlace.sandbox.identity.device_page import DEVICE_PAGE, DevicePage
from interlace.sandbox.identity.directory import Directory
from interlace.sandbox.identity.resources import read_resource, read_scope
from interlace.sandbox.identity.sign_in_errors import SignInRefused, json_response
from interlace.sandbox.identity.token_requests import TokenRequest, TokenRequests
from interlace.sandbox.identity.tokens import LIFE_SECONDS as TOKEN_SECONDS
from interlace.sandbox.identity.tokens import TokenOffice

_FIELDS_MAX = 100
_INTERVAL_SECONDS = 5
_ADDRESS = re.compile(
    r"/(?P<tenant>[^/]+)/(?P<rest>(v2\.0/)?\.well-known/openid-configuration|discovery/(instance|(v2\.0/)?keys)"
    r"|oauth2/(v2\.0/)?(token|devicecode|authorize))"
)


class IdentityService:
    """Answers the sign-in addresses of one tenant; put its `page` below `/`."""

    def __init__(
        self,
        directory: Directory,
        *,
        life_seconds: int = TOKEN_SECONDS,
        randomness: random.Random | None = None,
        interval_seconds: int = _INTERVAL_SECONDS,
    ) -> None:
        chosen = randomness if randomness is not None else random.SystemRandom()
        self.directory = directory
        self.tokens = TokenOffice(directory, life_seconds=life_seconds, randomness=chosen)
        self.interval_seconds = interval_seconds
        self._proof = ClientProof(directory, directory.now)
        self._devices = DeviceFlow(directory, self.tokens, chosen)
        self._token_requests = TokenRequests(directory, self._proof, self.tokens, self._devices)
        self._device_page = DevicePage(directory, self._devices)

    def page(self, request: Request) -> Response:
        """The answer to a request for one of its addresses; 404 for others."""
        if f"{request.path}/".startswith(DEVICE_PAGE):
            return self._device_page.answer(request)
        found = _ADDRESS.fullmatch(request.path)
        if found is None:
            return Response(status=404, headers=(("Content-Type", "text/plain"),), body=b"Not found")
        try:
            tenant = found["tenant"]
            if not self.directory.knows_tenant(tenant):
                raise sign_in_errors.unknown_tenant(tenant)
            return self._routed(request, tenant, found["rest"])
        except SignInRefused as refused:
            return refused.response(request, self.directory.now())

    def _routed(self, request: Request, tenant: str, rest: str) -> Response:
        is_former = "v2.0" not in rest
        name = rest.rpartition("/")[2]
        if name in {"token", "devicecode"}:
            if request.method != "POST":
                return _wrong_method("POST")
            asked = TokenRequest(
                form=with_basic(request, _form(request)),
                base=request.service_url,
                tenant=tenant,
                is_former=is_former,
            )
            return self._token_requests.answer(asked) if name == "token" else self._begin_device(asked)
        if request.method not in {"GET", "HEAD"}:
            return _wrong_method("GET")
        match name:
            case "openid-configuration":
                return json_response(200, self._configuration(request.service_url, is_former=is_former))
            case "keys":
                return json_response(200, {"keys": [self._published_key(request)]})
            case "instance":
                return json_response(200, self._instance(request))
            case _:
                # People sign in on another device; the redirect of a browser back to an application is not offered.
                return self._device_page.not_here()

    # --- documents

    def _configuration(self, base: str, *, is_former: bool) -> dict[str, object]:
        tenant_id = self.directory.tenant.tenant_id
        root, version = f"{base}{tenant_id}", "" if is_former else "/v2.0"
        return {
            "issuer": f"{root}{version or '/'}",
            "authorization_endpoint": f"{root}/oauth2{version}/authorize",
            "token_endpoint": f"{root}/oauth2{version}/token",
            "device_authorization_endpoint": f"{root}/oauth2{version}/devicecode",
            "jwks_uri": f"{root}/discovery{version}/keys",
            "token_endpoint_auth_methods_supported": [
                "client_secret_post",
                "private_key_jwt",
                "client_secret_basic",
            ],
            "response_types_supported": ["code"],
            "response_modes_supported": ["query", "fragment", "form_post"],
            "subject_types_supported": ["pairwise"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "scopes_supported": ["openid", "profile", "email", "offline_access"],
            "claims_supported": [
                "sub",
                "iss",
                "aud",
                "exp",
                "iat",
                "tid",
                "ver",
                "preferred_username",
                "name",
            ],
            "request_uri_parameter_supported": False,
            "http_logout_supported": False,
            "tenant_region_scope": None,
            "cloud_instance_name": urlsplit(base).hostname,
        }

    def _published_key(self, request: Request) -> dict[str, object]:
        issuer = f"{request.service_url}{self.directory.tenant.tenant_id}/v2.0"
        return {**self.directory.signing_key().published(), "issuer": issuer}

    def _instance(self, request: Request) -> dict[str, object]:
        host = urlsplit(request.service_url).netloc
        asked = dict(parse_qsl(request.query)).get("authorization_endpoint", "")
        named = urlsplit(asked).path.split("/")[1] if asked.count("/") > 3 else ""
        tenant = named if named and self.directory.knows_tenant(named) else self.directory.tenant.tenant_id
        document = f"{request.service_url}{tenant}/v2.0/.well-known/openid-configuration"
        return {
            "tenant_discovery_endpoint": document,
            "api-version": "1.1",
            "metadata": [{"preferred_network": host, "preferred_cache": host, "aliases": [host]}],
        }

    # --- sign-in on another device

    def _begin_device(self, asked: TokenRequest) -> Response:
        registration = self._proof.application(asked.form)
        scope = asked.form.get("scope", "")
        if not scope and asked.form.get("resource"):
            wanted = read_resource(asked.form["resource"], self.directory.tenant.domain)
            scope = f"{wanted.audience}/{wanted.permission} openid offline_access"
        if not scope:
            raise sign_in_errors.missing_parameter("resource" if asked.is_former else "scope")
        read_scope(scope, self.directory.tenant.domain)
        device_code, begun = self._devices.begin(registration.client_id, scope)
        page = f"{asked.base}{DEVICE_PAGE.strip('/')}"
        return json_response(
            200,
            {
                "user_code": begun.user_code,
                "device_code": device_code,
                "verification_uri": page,
                "verification_url": page,
                "expires_in": LIFE_SECONDS,
                "interval": self.interval_seconds,
                "message": f"To sign in, use a web browser to open the page {page} and enter the code "
                f"{begun.user_code} to authenticate.",
            },
        )


def _form(request: Request) -> dict[str, str]:
    """The fields of a posted form; raises `SignInRefused`."""
    try:
        pairs = parse_qsl(
            request.body.decode(), keep_blank_values=True, errors="strict", max_num_fields=_FIELDS_MAX
        )
    except ValueError as error:
        raise sign_in_errors.malformed_request() from error
    return dict(pairs)


def _wrong_method(right: str) -> Response:
    return Response(status=405, headers=(("Allow", right), ("Content-Type", "text/plain")), body=b"")
