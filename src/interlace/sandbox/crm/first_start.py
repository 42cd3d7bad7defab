"""The rows of a new organization: business unit, currency, roles, administrator, integration user."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from interlace.sandbox.crm.records import Author, Records
from interlace.sandbox.entity_store import RecordWrite

ADMINISTRATOR_TEMPLATE = "627090ff-40a3-4053-8790-584edc5be201"
CUSTOMIZER_TEMPLATE = "119f245c-3cc8-4b62-b31c-d1a046ced15d"
ROLES = (
    ("System Administrator", ADMINISTRATOR_TEMPLATE),
    ("System Customizer", CUSTOMIZER_TEMPLATE),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SalesUser:
    """A person of the CRM: name, e-mail address and phone."""

    full_name: str
    email: str
    phone: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Founding:
    """What a new organization is made of."""

    organization_name: str
    organization_id: str
    base_currency: tuple[str, str, str, int]
    administrator_email: str
    client_id: str
    integration_user_name: str | None
    """None: nobody has made a user for the integration's application yet."""
    expire_change_tracking_days: int


def stable_id(founding: Founding, name: str) -> str:
    """An id that is the same each time the same organization is founded."""
    return str(uuid.uuid5(uuid.UUID(founding.organization_id), name))


def found_organization(records: Records, founding: Founding) -> None:
    """Writes the first rows; inside one transaction, so that a crash leaves none of them."""
    store = records.store
    admin_id = stable_id(founding, "administrator")
    unit_id, currency_id = stable_id(founding, "business unit"), stable_id(founding, "base currency")
    records.organization_id = founding.organization_id
    records.root_business_unit_id = unit_id
    author = Author(admin_id)
    for name, value in (
        ("organization", founding.organization_id),
        ("base_currency", currency_id),
        ("root_business_unit", unit_id),
        ("administrator", admin_id),
    ):
        store.write_state(name, value)
    create = _Creation(records, author)
    code, name, symbol, precision = founding.base_currency
    records.base_currency_id = None
    _create_organization(create, founding)
    create("businessunit", {"businessunitid": unit_id, "name": founding.organization_name})
    create(
        "transactioncurrency",
        {
            "transactioncurrencyid": currency_id,
            "isocurrencycode": code,
            "currencyname": name,
            "currencysymbol": symbol,
            "currencyprecision": precision,
            "exchangerate": Decimal(1),
        },
    )
    records.base_currency_id = currency_id
    for table, record_id in (("organization", founding.organization_id), ("businessunit", unit_id)):
        row = records.required_row(table, record_id)
        if table == "organization":
            row["_basecurrencyid_value"] = currency_id
            row["basecurrencysymbol"], row["basecurrencyprecision"] = symbol, precision
        else:
            row["_transactioncurrencyid_value"] = currency_id
        records.rewrite(records.schema.tables[table], row)
    _create_roles(create, founding, unit_id)


class _Creation:
    """Creates one record of a table with plain wire values."""

    def __init__(self, records: Records, author: Author) -> None:
        self.records = records
        self._author = author

    def __call__(self, table: str, payload: Mapping[str, object]) -> str:
        declared = self.records.schema.tables[table]
        return str(self.records.create(declared, payload, self._author)[declared.key])


def _create_organization(create: _Creation, founding: Founding) -> None:
    create(
        "organization",
        {
            "organizationid": founding.organization_id,
            "name": founding.organization_name,
            "currencydecimalprecision": 2,
            "pricingdecimalprecision": 2,
            "discountcalculationmethod": 0,
            "oobpricecalculationenabled": True,
            "createproductswithoutparentinactivestate": False,
            "useinbuiltrulefordefaultpricelistselection": True,
            "issopintegrationenabled": False,
            "isduplicatedetectionenabled": True,
            "expirechangetrackingindays": founding.expire_change_tracking_days,
            "languagecode": 1033,
            "localeid": 1033,
            "orderprefix": "ORD",
            "quoteprefix": "QUO",
            "invoiceprefix": "INV",
            "uniquespecifierlength": 6,
            "maxuploadfilesize": 5_242_880,
            "maxproductsinbundle": 15,
        },
    )


def _create_roles(create: _Creation, founding: Founding, unit_id: str) -> None:
    records = create.records
    unit = {"businessunitid@odata.bind": f"/businessunits({unit_id})"}
    role_ids: dict[str, str] = {}
    for name, template in ROLES:
        role_id = create("role", {"roleid": stable_id(founding, f"role {name}"), "name": name, **unit})
        row = records.required_row("role", role_id)
        row["_roletemplateid_value"] = template
        row["_parentrootroleid_value"] = role_id
        records.rewrite(records.schema.tables["role"], row)
        role_ids[name] = role_id
    admin_id = stable_id(founding, "administrator")
    create(
        "systemuser",
        {
            "systemuserid": admin_id,
            "firstname": "System",
            "lastname": "Administrator",
            "domainname": founding.administrator_email,
            "internalemailaddress": founding.administrator_email,
            # Administrative access: no sales person, and no licence for it.
            "islicensed": False,
            "accessmode": 1,
            **unit,
        },
    )
    for role in ("System Administrator", "System Customizer"):
        link(records, "systemuserroles_association", admin_id, role_ids[role])
    if founding.integration_user_name is not None:
        _create_integration_user(create, founding, founding.integration_user_name, unit)
    team_id = create(
        "team",
        {
            "teamid": stable_id(founding, "default team"),
            "name": founding.organization_name,
            **unit,
            "administratorid@odata.bind": f"/systemusers({admin_id})",
        },
    )
    row = records.required_row("team", team_id)
    row["isdefault"] = True
    records.rewrite(records.schema.tables["team"], row)


def _create_integration_user(
    create: _Creation, founding: Founding, name: str, unit: Mapping[str, object]
) -> None:
    integration_id = stable_id(founding, "integration user")
    create.records.store.write_state("integration_user", integration_id)
    create(
        "systemuser",
        {
            "systemuserid": integration_id,
            "firstname": "#",
            "lastname": name,
            "domainname": f"{founding.client_id}@interlace.invalid",
            "applicationid": founding.client_id,
            "islicensed": False,
            "accessmode": 4,
            "isintegrationuser": True,
            **unit,
        },
    )


def name_accounts(records: Records, administrator: str, integration: str | None) -> None:
    """Gives the administrator and the integration user the names that they sign in by."""
    table = records.schema.tables["systemuser"]
    for state, name in (("administrator", administrator), ("integration_user", integration)):
        user_id = records.store.read_state(state)
        if user_id is None or name is None or not records.exists("systemuser", user_id):
            continue
        row = records.required_row("systemuser", user_id)
        if row["domainname"] != name:
            row["domainname"] = name
            records.rewrite(table, row)


def add_integration_account(records: Records, name: str, full_name: str) -> None:
    """Adds the user of the integration as an administrator makes him on premises: without a role, without a mark."""
    administrator = records.store.read_state("administrator")
    assert administrator is not None
    user_id = str(uuid.uuid5(uuid.UUID(records.organization_id), "integration user"))
    first, _, last = full_name.partition(" ")
    records.store.write_state("integration_user", user_id)
    records.create(
        records.schema.tables["systemuser"],
        {
            "systemuserid": user_id,
            "firstname": first,
            "lastname": last,
            "domainname": name,
            "accessmode": 4,
        },
        Author(administrator),
    )


def add_sales_users(records: Records, users: Iterable[SalesUser], administrator_id: str) -> None:
    """Adds the people that do not exist yet, told apart by e-mail address."""
    table = records.schema.tables["systemuser"]
    namespace = uuid.UUID(records.organization_id)
    for user in users:
        user_id = str(uuid.uuid5(namespace, f"user {user.email.casefold()}"))
        if records.exists("systemuser", user_id):
            continue
        first, _, last = user.full_name.partition(" ")
        records.create(
            table,
            {
                "systemuserid": user_id,
                "firstname": first,
                "lastname": last or first,
                "domainname": user.email,
                "internalemailaddress": user.email,
                "mobilephone": user.phone or None,
                "accessmode": 0,
            },
            Author(administrator_id),
        )


def link(records: Records, relation: str, first: str, second: str) -> None:
    """Adds a row to a many-to-many relationship; one that exists already stays."""
    if records.store.get(relation, (first, second)) is None:
        write = RecordWrite((first, second), b"{}", records.store.next_version(), "")
        records.store.insert(relation, write)
