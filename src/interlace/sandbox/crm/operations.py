"""Functions and actions that are no tables: sign-in questions, versions, counts, option sets, orders."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from interlace.odata.keys import JsonArgument, KeyPredicate, ParameterAlias
from interlace.odata.literals import parse_literal
from interlace.odata.protocol_error import ProtocolError
from interlace.sandbox import json_codec
from interlace.sandbox.crm import errors
from interlace.sandbox.crm.bulk_deletion import bulk_delete
from interlace.sandbox.crm.call import Call
from interlace.sandbox.crm.document_kinds import BY_HEADER
from interlace.sandbox.crm.document_messages import DocumentMessages
from interlace.sandbox.crm.message_arguments import entity_argument
from interlace.sandbox.crm.privileges import privileges_of_role, privileges_of_user
from interlace.sandbox.crm.product_life_cycle import clone_product, publish_hierarchy, revert_product
from interlace.sandbox.crm.records import Records
from interlace.sandbox.crm.schema import NAMESPACE, Table
from interlace.sandbox.crm.solutions.jobs import ImportJobs
from interlace.sandbox.exchange import Refusal, Response

SERVICE_VERSION = "9.2.25044.00158"
VERSION_ON_PREMISES = "9.1.36.12"
# The number range of the publisher that every organization has.
DEFAULT_OPTION_PREFIX = 10_000
_MESSAGES = ("CreateMultiple", "UpdateMultiple", "UpsertMultiple")


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganizationFacts:
    """What the organization functions tell beside the tables."""

    tenant_id: str
    environment_id: str
    unique_name: str
    version: str = SERVICE_VERSION


class Operations:
    """Unbound and bound operations by name."""

    def __init__(self, records: Records, facts: OrganizationFacts, imports: ImportJobs) -> None:
        self._records = records
        self._facts = facts
        self.imports = imports
        self._documents = DocumentMessages(records)
        self._functions: Mapping[str, Callable[[Call], Response]] = {
            "WhoAmI": self._who_am_i,
            "RetrieveVersion": self._version,
            "RetrieveCurrentOrganization": self._organization,
            "RetrieveTotalRecordCount": self._total_record_count,
            "RetrieveExchangeRate": self._exchange_rate,
            "RetrieveAvailableLanguages": self._languages,
            "RetrieveProvisionedLanguages": self._languages,
            "RetrieveRolePrivilegesRole": self._role_privileges,
            "RetrieveTimestamp": self._timestamp,
            "RetrieveFormattedImportJobResults": self._import_results,
        }
        self._actions: Mapping[str, Callable[[Call], Response]] = {
            "InsertOptionValue": self._insert_option,
            "UpdateOptionValue": self._update_option,
            "DeleteOptionValue": self._delete_option,
            "OrderOption": self._order_option,
            "BulkDelete": lambda call: bulk_delete(records, call),
            "PublishAllXml": self._publish,
            "PublishXml": self._publish,
            "RevertProduct": self._revert_product,
            **self._documents.unbound,
            **imports.messages,
        }

    def find(self, name: str, method: str) -> Callable[[Call], Response] | None:
        """The unbound operation of that name, None when there is none."""
        operation = self._functions.get(name)
        if operation is not None:
            if method != "GET":
                raise Refusal(405, errors.FEATURE_REFUSED, f"The function '{name}' is called by GET.")
            return operation
        operation = self._actions.get(name)
        if operation is not None and method != "POST":
            raise Refusal(405, errors.FEATURE_REFUSED, f"The action '{name}' is called by POST.")
        return operation

    def bound(self, call: Call, table: Table, record_id: str, name: str) -> Response:
        """An operation bound to one record."""
        records = self._records
        if table.logical_name == "systemuser" and name == "RetrieveUserPrivileges":
            records.required_row("systemuser", record_id)
            found = privileges_of_user(records, record_id)
            return call.value({"RolePrivileges": found}, f"{NAMESPACE}.RetrieveUserPrivilegesResponse")
        if table.logical_name == "systemuser" and name == "RetrieveUserPrivilegeByPrivilegeName":
            wanted = self._argument(call, call.segments[-1].predicate, "PrivilegeName")
            found = [
                each for each in privileges_of_user(records, record_id) if each["PrivilegeName"] == wanted
            ]
            return call.value({"RolePrivileges": found}, f"{NAMESPACE}.RetrieveUserPrivilegesResponse")
        message = self._documents.bound.get((table.logical_name, name))
        if message is not None:
            self._require_method(call, "POST")
            return message(call, records.required_row(table.logical_name, record_id))
        if table.logical_name == "product":
            return self._product_message(call, record_id, name)
        return self._sales_function(call, table, record_id, name)

    def _require_method(self, call: Call, method: str) -> None:
        if call.request.method != method:
            kind = "function" if method == "GET" else "action"
            raise Refusal(405, errors.FEATURE_REFUSED, f"This {kind} is called by {method}.")

    def _product_message(self, call: Call, record_id: str, name: str) -> Response:
        records = self._records
        row = records.required_row("product", record_id)
        if name not in ("PublishProductHierarchy", "CloneProduct"):
            raise errors.missing_resource(name)
        self._require_method(call, "POST")
        if name == "PublishProductHierarchy":
            publish_hierarchy(records, row, call.author)
            return call.nothing()
        made = clone_product(records, row, call.author)
        context = f"{call.request.service_url}$metadata#products/$entity"
        return call.json(json_codec.encode({"@odata.context": context, **made}))

    def _sales_function(self, call: Call, table: Table, record_id: str, name: str) -> Response:
        records = self._records
        if name == "CalculateActualValueOpportunity" and table.logical_name == "opportunity":
            self._require_method(call, "GET")
            return self._documents.actual_value(call, records.required_row("opportunity", record_id))
        if name == "GetQuantityDecimal" and table.logical_name in BY_HEADER:
            self._require_method(call, "GET")
            records.required_row(table.logical_name, record_id)
            product = self._argument(call, call.segments[-1].predicate, "Product")
            body = {"Product": product}
            _, row = entity_argument(records, body, "Product", ("product",))
            return self._documents.quantity_decimals(call, row)
        raise errors.missing_resource(name)

    def _revert_product(self, call: Call) -> Response:
        _, row = entity_argument(self._records, call.body("RevertProduct"), "Target", ("product",))
        revert_product(self._records, row, call.author)
        return call.nothing()

    # --- functions

    def _who_am_i(self, call: Call) -> Response:
        records = self._records
        user = records.required_row("systemuser", call.author.user_id)
        return call.value(
            {
                "BusinessUnitId": user["_businessunitid_value"],
                "UserId": call.author.user_id,
                "OrganizationId": records.organization_id,
            },
            f"{NAMESPACE}.WhoAmIResponse",
        )

    def _version(self, call: Call) -> Response:
        return call.value({"Version": self._facts.version}, f"{NAMESPACE}.RetrieveVersionResponse")

    def _timestamp(self, call: Call) -> Response:
        stamp = f"{self._records.store.version}!{self._records.now():%m/%d/%Y %H:%M:%S}"
        return call.value({"Timestamp": stamp}, f"{NAMESPACE}.RetrieveTimestampResponse")

    def _languages(self, call: Call) -> Response:
        name = call.segments[0].name
        key = "RetrieveProvisionedLanguages" if "Provisioned" in name else "LocaleIds"
        return call.value({key: [1033]}, f"{NAMESPACE}.{name}Response")

    def _organization(self, call: Call) -> Response:
        row = self._records.required_row("organization", self._records.organization_id)
        base = call.request.service_url.partition("/api/")[0] + "/"
        endpoints = {
            "WebApplication": base,
            "OrganizationService": f"{base}XRMServices/2011/Organization.svc",
            "OrganizationDataService": f"{base}XRMServices/2011/OrganizationData.svc",
        }
        detail = {
            "OrganizationId": self._records.organization_id,
            "FriendlyName": row["name"],
            "OrganizationVersion": self._facts.version,
            "EnvironmentId": self._facts.environment_id,
            "DatacenterId": "00000000-0000-0000-0000-000000000000",
            "Geo": "EUR",
            "TenantId": self._facts.tenant_id,
            "UrlName": self._facts.unique_name,
            "UniqueName": self._facts.unique_name,
            "Endpoints": {
                "Count": len(endpoints),
                "IsReadOnly": False,
                "Keys": list(endpoints),
                "Values": list(endpoints.values()),
            },
            "State": "Enabled",
        }
        return call.value({"Detail": detail}, f"{NAMESPACE}.RetrieveCurrentOrganizationResponse")

    def _total_record_count(self, call: Call) -> Response:
        names = self._argument(call, call.segments[0].predicate, "EntityNames")
        if not isinstance(names, list):
            raise errors.refused(errors.INVALID_ARGUMENT, "The parameter EntityNames is missing.")
        counts = []
        for name in names:
            if name not in self._records.schema.tables:
                raise errors.refused("0x80041102", f"The table '{name}' does not exist.")
            counts.append(self._records.store.count(name))
        collection = {
            "Count": len(names),
            "IsReadOnly": False,
            "Keys": names,
            "Values": counts,
        }
        return call.value(
            {"EntityRecordCountCollection": collection}, f"{NAMESPACE}.RetrieveTotalRecordCountResponse"
        )

    def _exchange_rate(self, call: Call) -> Response:
        currency = self._argument(call, call.segments[0].predicate, "TransactionCurrencyId")
        rate = self._records.exchange_rate(str(currency))
        return call.value({"ExchangeRate": rate}, f"{NAMESPACE}.RetrieveExchangeRateResponse")

    def _role_privileges(self, call: Call) -> Response:
        role = str(self._argument(call, call.segments[0].predicate, "RoleId"))
        found = privileges_of_role(self._records, self._records.required_row("role", role))
        return call.value({"RolePrivileges": found}, f"{NAMESPACE}.RetrieveRolePrivilegesRoleResponse")

    def _import_results(self, call: Call) -> Response:
        job = str(self._argument(call, call.segments[0].predicate, "ImportJobId"))
        found = {"FormattedResults": self.imports.formatted_results(job)}
        return call.value(found, f"{NAMESPACE}.RetrieveFormattedImportJobResultsResponse")

    def _argument(self, call: Call, predicate: KeyPredicate | None, name: str) -> object:
        """An argument given in place or by alias; JSON lists are decoded."""
        value: object = None
        for key, given in predicate.parts if predicate is not None else ():
            if key == name:
                value = given
        if value is None:
            value = ParameterAlias(name)
        try:
            if isinstance(value, JsonArgument):
                return json_codec.decode(value.text)
            if isinstance(value, ParameterAlias):
                raw = call.options.aliases.get(value.name)
                if raw is None:
                    return None
                return json_codec.decode(raw) if raw.startswith(("[", "{")) else parse_literal(raw)
        except (ProtocolError, json_codec.JsonError) as error:
            raise errors.refused(errors.INVALID_ARGUMENT, f"The argument {name} is malformed.") from error
        return value

    # --- option sets

    def _option_place(self, body: Mapping[str, object]) -> tuple[str, str]:
        table, column = body.get("EntityLogicalName"), body.get("AttributeLogicalName")
        if not isinstance(table, str) or not isinstance(column, str):
            raise errors.refused(
                errors.INVALID_ARGUMENT, "Give EntityLogicalName and AttributeLogicalName of the choice."
            )
        return table, column

    def _insert_option(self, call: Call) -> Response:
        body = call.body("InsertOptionValue")
        value = body.get("Value")
        prefix = self._option_prefix(body.get("SolutionUniqueName"))
        new = self._records.option_sets.insert(
            *self._option_place(body), _label(body), value if isinstance(value, int) else None, prefix
        )
        return call.value({"NewOptionValue": new}, f"{NAMESPACE}.InsertOptionValueResponse")

    def _option_prefix(self, solution: object) -> int:
        """The first digits of new values: the publisher's of the solution that is named."""
        records = self._records
        if not isinstance(solution, str):
            return DEFAULT_OPTION_PREFIX
        found = records.find_by_key(records.schema.tables["solution"], {"uniquename": solution})
        if found is None:
            raise errors.refused(errors.INVALID_ARGUMENT, f"There is no solution '{solution}'.")
        publisher = records.required_row("solution", found)["_publisherid_value"]
        prefix = records.required_row("publisher", str(publisher))["customizationoptionvalueprefix"]
        return prefix if isinstance(prefix, int) else DEFAULT_OPTION_PREFIX

    def _update_option(self, call: Call) -> Response:
        body = call.body("UpdateOptionValue")
        self._records.option_sets.update(*self._option_place(body), _value(body), _label(body))
        return call.nothing()

    def _delete_option(self, call: Call) -> Response:
        body = call.body("DeleteOptionValue")
        self._records.option_sets.delete(*self._option_place(body), _value(body))
        return call.nothing()

    def _order_option(self, call: Call) -> Response:
        body = call.body("OrderOption")
        values = body.get("Values")
        if not isinstance(values, list) or not all(isinstance(value, int) for value in values):
            raise errors.refused(errors.INVALID_ARGUMENT, "Values must list the option values in order.")
        self._records.option_sets.order(*self._option_place(body), values)
        return call.nothing()

    def _publish(self, call: Call) -> Response:
        """Changes of metadata take effect at once here; publishing has nothing left to do."""
        return call.nothing()


def _label(body: Mapping[str, object]) -> str:
    label = body.get("Label")
    labels = label.get("LocalizedLabels") if isinstance(label, dict) else None
    first = labels[0] if isinstance(labels, list) and labels else None
    text = first.get("Label") if isinstance(first, dict) else None
    if not isinstance(text, str) or not text:
        raise errors.refused(errors.INVALID_ARGUMENT, "The label of the option is missing.")
    return text


def _value(body: Mapping[str, object]) -> int:
    value = body.get("Value")
    if not isinstance(value, int):
        raise errors.refused(errors.INVALID_ARGUMENT, "The value of the option is missing.")
    return value
