"""The company that a sandbox serves, kept in the store from the first start."""

import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass

from interlace.sandbox import json_codec
from interlace.sandbox.entity_store import EntityStore

_COMPANY = "company"
_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def _random_id() -> str:
    return str(uuid.uuid4())


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """One company: the name is its key in page services, the id its key in the API; NAV has no ids."""

    id: str
    name: str
    display_name: str

    def answers_to(self, wanted: str) -> bool:
        """Whether an address means this company: its id or its exact name."""
        text = wanted.strip().strip("{}")
        return text.lower() == self.id if _GUID.fullmatch(text.lower()) else wanted == self.name


def open_company(store: EntityStore, name: str, new_id: Callable[[], str] = _random_id) -> Company:
    """Return the store's company; the first call gives it its name and id."""
    kept = store.read_state(_COMPANY)
    if kept is None:
        content = {"id": new_id(), "name": name}
        with store.transaction():
            store.write_state(_COMPANY, json_codec.encode(content).decode())
    else:
        content = {key: str(value) for key, value in json_codec.decode_object(kept).items()}
    return Company(id=content["id"], name=content["name"], display_name=content["name"])


def company_entity(company: Company, *, is_api: bool) -> dict[str, object]:
    """Return how a service root lists the company; the page services of NAV tell no id."""
    if is_api:
        return {
            "id": company.id,
            "systemVersion": "26.0.0.0",
            "timestamp": 1,
            "name": company.name,
            "displayName": company.display_name,
            "businessProfileId": "",
        }
    named: dict[str, object] = {
        "Name": company.name,
        "Evaluation_Company": True,
        "Display_Name": company.display_name,
    }
    return {**named, "Id": company.id, "Business_Profile_Id": ""} if company.id else named
