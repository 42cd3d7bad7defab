"""The token endpoint: which grants there are, and what each answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from interlace.sandbox import json_codec
from interlace.sandbox.exchange import Response
from interlace.sandbox.identity import sign_in_errors
from interlace.sandbox.identity.client_proof import ClientProof
from interlace.sandbox.identity.device_flow import DeviceFlow, digest
from interlace.sandbox.identity.directory import Directory
from interlace.sandbox.identity.registrations import Person, Registration
from interlace.sandbox.identity.resources import (
    DEFAULT_SCOPE,
    Service,
    WantedScope,
    read_resource,
    read_scope,
)
from interlace.sandbox.identity.sign_in_errors import json_response
from interlace.sandbox.identity.signing import encode_part
from interlace.sandbox.identity.tokens import TokenOffice

DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
_FORMER_DEVICE_GRANT = "device_code"
_REFRESH_DAYS = 90
_PASSWORD_MARK_LENGTH = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenRequest:
    """A form that was sent to the token endpoint, and where."""

    form: Mapping[str, str]
    base: str
    """The origin of the service with a slash behind it."""
    tenant: str
    is_former: bool
    """Sent to the older address, which names a resource instead of a scope."""

    @property
    def addresses(self) -> frozenset[str]:
        """What an assertion may name as its audience."""
        root = f"{self.base}{self.tenant}"
        return frozenset(
            {f"{root}/oauth2/v2.0/token", f"{root}/oauth2/token", f"{root}/v2.0", f"{root}/", root}
        )


class TokenRequests:
    """Answers the token endpoint."""

    def __init__(
        self, directory: Directory, proof: ClientProof, tokens: TokenOffice, devices: DeviceFlow
    ) -> None:
        self._directory = directory
        self._proof = proof
        self._tokens = tokens
        self._devices = devices

    def answer(self, asked: TokenRequest) -> Response:
        """Tokens; raises `SignInRefused`."""
        grant = asked.form.get("grant_type", "")
        match grant:
            case "":
                raise sign_in_errors.missing_parameter("grant_type")
            case "client_credentials":
                return self._application(asked)
            case "refresh_token":
                return self._refresh(asked)
            case "password":
                self._proof.application(asked.form)
                raise sign_in_errors.password_refused()
            case _ if grant in {DEVICE_GRANT, _FORMER_DEVICE_GRANT}:
                return self._device(asked)
            case _:
                raise sign_in_errors.unsupported_grant(grant)

    # --- applications on their own

    def _application(self, asked: TokenRequest) -> Response:
        registration = self._proof.application(asked.form)
        if not self._proof.proves(registration, asked.form, asked.addresses):
            raise sign_in_errors.proof_missing_for("client_credentials")
        wanted = self._wanted(asked)
        if wanted.permission != DEFAULT_SCOPE:
            raise sign_in_errors.scope_without_default(asked.form.get("scope", ""))
        may_write = wanted.service is Service.ERP and Service.ERP.value in registration.consents
        token = self._tokens.for_application(
            registration.client_id, wanted.audience, asked.base, roles=may_write
        )
        return self._given(asked, wanted, {"access_token": token})

    def _wanted(self, asked: TokenRequest) -> WantedScope:
        tenant = self._directory.tenant.domain
        scope, resource = asked.form.get("scope"), asked.form.get("resource")
        if resource and (asked.is_former or not scope):
            return read_resource(resource, tenant)
        if not scope:
            raise sign_in_errors.missing_parameter("resource" if asked.is_former else "scope")
        return read_scope(scope, tenant)

    # --- people

    def _device(self, asked: TokenRequest) -> Response:
        registration = self._public_or_proved(asked)
        code = asked.form.get("device_code") or asked.form.get("code")
        if not code:
            raise sign_in_errors.missing_parameter("device_code")
        principal_name, wanted = self._devices.redeem(registration.client_id, code)
        return self._person(asked, registration, self._living(principal_name), wanted)

    def _refresh(self, asked: TokenRequest) -> Response:
        registration = self._public_or_proved(asked)
        given = asked.form.get("refresh_token")
        if not given:
            raise sign_in_errors.missing_parameter("refresh_token")
        kept = self._directory.refresh_token(digest(given))
        if kept is None or str(kept[1]["client_id"]).lower() != registration.client_id.lower():
            raise sign_in_errors.refresh_token_unknown()
        expires, document = kept
        if expires <= self._directory.now().timestamp():
            raise sign_in_errors.refresh_token_expired()
        person = self._living(str(document["principal_name"]))
        if document["password"] != _password_mark(person):
            raise sign_in_errors.password_changed()
        if asked.form.get("scope") or asked.form.get("resource"):
            wanted = self._wanted(asked)
        else:
            wanted = read_scope(str(document["scope"]), self._directory.tenant.domain)
        return self._person(asked, registration, person, wanted)

    def _public_or_proved(self, asked: TokenRequest) -> Registration:
        registration = self._proof.application(asked.form)
        if not self._proof.proves(registration, asked.form, asked.addresses) and not registration.is_public:
            raise sign_in_errors.proof_missing()
        return registration

    def _living(self, principal_name: str) -> Person:
        person = self._directory.person(principal_name)
        if person is None or person.is_disabled:
            raise sign_in_errors.person_disabled()
        return person

    def _person(
        self, asked: TokenRequest, registration: Registration, person: Person, wanted: WantedScope
    ) -> Response:
        if wanted.service.value not in registration.consents:
            raise sign_in_errors.consent_missing(registration.client_id, registration.name)
        fields: dict[str, object] = {
            "scope": f"{wanted.audience}/{wanted.permission}",
            "access_token": self._tokens.for_person(person, registration.client_id, wanted, asked.base),
        }
        if "offline_access" in wanted.openid or asked.is_former or asked.form.get("refresh_token"):
            fields["refresh_token"] = self._refresh_token(registration, person, wanted)
        if "openid" in wanted.openid or asked.is_former:
            fields["id_token"] = self._tokens.identity(person, registration, asked.base)
        if asked.form.get("client_info"):
            who = {"uid": person.object_id, "utid": self._directory.tenant.tenant_id}
            fields["client_info"] = encode_part(json_codec.encode(who))
        return self._given(asked, wanted, fields)

    def _refresh_token(self, registration: Registration, person: Person, wanted: WantedScope) -> str:
        token = self._tokens.random_text(64)
        expires = self._directory.now().timestamp() + _REFRESH_DAYS * 86_400
        openid = " ".join(sorted(wanted.openid))
        document: dict[str, object] = {
            "client_id": registration.client_id,
            "principal_name": person.principal_name,
            "scope": f"{wanted.audience}/{wanted.permission} {openid}",
            "password": _password_mark(person),
        }
        self._directory.put_refresh_token(digest(token), expires, document)
        return token

    # --- answers

    def _given(self, asked: TokenRequest, wanted: WantedScope, fields: dict[str, object]) -> Response:
        life = self._tokens.life_seconds
        if not asked.is_former:
            times: dict[str, object] = {"expires_in": life, "ext_expires_in": life}
        else:
            # The older endpoint writes numbers as text and repeats what the token is for.
            moment = int(self._directory.now().timestamp())
            times = {
                "expires_in": str(life),
                "ext_expires_in": str(life),
                "expires_on": str(moment + life),
                "not_before": str(moment),
                "resource": wanted.audience,
            }
        return json_response(200, {"token_type": "Bearer", **times, **fields})


def _password_mark(person: Person) -> str:
    """Which password a refresh token goes back to; another password has another salt."""
    return person.password[:_PASSWORD_MARK_LENGTH]
