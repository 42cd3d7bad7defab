"""Who calls the CRM: the user behind a bearer token, found as the service finds him.

An application is the user that bears its client id; a person is the user of his sign-in name.
"""

from __future__ import annotations

from interlace.odata.filter_values import fold_text
from interlace.sandbox.crm import errors
from interlace.sandbox.crm.records import Records
from interlace.sandbox.entity_store import SqlClause
from interlace.sandbox.exchange import Refusal
from interlace.sandbox.identity.registrations import Person
from interlace.sandbox.identity.resources import DEFAULT_SCOPE, Service, WantedScope
from interlace.sandbox.identity.tokens import Principal, TokenOffice

_AUDIENCE = "http://127.0.0.1"
_BASE = f"{_AUDIENCE}/"


class Callers:
    """Finds users of tokens, and gives tokens of users."""

    def __init__(self, records: Records, tokens: TokenOffice, administrator_client_id: str) -> None:
        self._records = records
        self._tokens = tokens
        self._administrator_client_id = administrator_client_id.lower()
        # Every request asks: an answer holds as long as the user's row says the same.
        self._found: dict[Principal, str] = {}

    def caller(self, token: str) -> str | None:
        """The user of a token, None when the token is not one, or not any more; raises `Refusal` for no user."""
        principal = self._tokens.principal(token, Service.CRM)
        if principal is None:
            return None
        known = self._found.get(principal)
        if known is None or not self._is_user(known, principal):
            known = self._found[principal] = self._find(principal)
        return known

    def of_account(self, account: str) -> str:
        """The user of a Windows account; raises `Refusal` where it is none's."""
        where = SqlClause('"domainname" = ?', (fold_text(account),))
        for (key,) in self._records.store.find_keys("systemuser", where, limit=1):
            return str(key)
        raise Refusal(
            403, errors.USER_NOT_MEMBER, f"The account {account} is not a member of the organization."
        )

    def give(self, user_id: str) -> str:
        """A token of a user, without the detour over the sign-in service."""
        row = self._records.required_row("systemuser", user_id)
        if row["applicationid"] is not None:
            return self._tokens.for_application(str(row["applicationid"]), _AUDIENCE, _BASE)
        person = Person(object_id=user_id, principal_name=str(row["domainname"]), name=str(row["fullname"]))
        wanted = WantedScope(audience=_AUDIENCE, service=Service.CRM, permission=DEFAULT_SCOPE)
        return self._tokens.for_person(person, self._administrator_client_id, wanted, _BASE)

    def _is_user(self, user_id: str, principal: Principal) -> bool:
        row = self._records.row("systemuser", user_id)
        if row is None:
            return False
        if not principal.is_application:
            return fold_text(str(row["domainname"])) == fold_text(principal.principal_name)
        return row["applicationid"] == principal.client_id or self._administers(principal)

    def _administers(self, principal: Principal) -> bool:
        return principal.client_id == self._administrator_client_id

    def _find(self, principal: Principal) -> str:
        if principal.is_application:
            where = SqlClause('"applicationid" = ?', (principal.client_id,))
        else:
            where = SqlClause('"domainname" = ?', (fold_text(principal.principal_name),))
        for (key,) in self._records.store.find_keys("systemuser", where, limit=1):
            return str(key)
        if principal.is_application and self._administers(principal):
            return str(self._records.store.read_state("administrator"))
        raise Refusal(403, errors.USER_NOT_MEMBER, "The user is not a member of the organization.")
