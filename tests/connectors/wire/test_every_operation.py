"""Every operation of the connectors has a golden: what is new in them goes out as documented, or fails here."""

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator, Mapping
from types import FunctionType, ModuleType
from typing import TypeAlias

import pytest
from tests.connectors.wire import (
    test_business_central_documents,
    test_business_central_reads,
    test_business_central_requests,
    test_dataverse_administration,
    test_dataverse_messages,
    test_dataverse_reads,
    test_dataverse_requests,
    test_sign_in_requests,
    test_subscription_requests,
)

import interlace.connectors
from interlace.connectors.business_central.feed_token import issue_feed_token
from interlace.connectors.business_central.service import BusinessCentralService
from interlace.connectors.business_central.subscriptions import SubscriptionKeeper
from interlace.connectors.dataverse.api_version import answering_version
from interlace.connectors.dataverse.crm_users import CrmUsers
from interlace.connectors.dataverse.service import DataverseService
from interlace.connectors.dataverse.solutions import CrmSolutions
from interlace.connectors.dataverse.tracking import ChangeTracking
from interlace.connectors.sign_in import BasicSignIn, ClientCredentialsSignIn
from interlace.connectors.sign_in_directory import DirectorySignIn

Operation: TypeAlias = Callable[..., object]

_CRM: Mapping[Operation, Operation] = {
    DataverseService.facts: test_dataverse_reads.test_who_we_are_and_the_base_currency_are_asked,
    DataverseService.organization_id: test_dataverse_reads.test_who_we_are_and_the_base_currency_are_asked,
    DataverseService.privileges: test_dataverse_reads.test_privileges_are_asked_of_our_user,
    DataverseService.columns: test_dataverse_reads.test_a_table_is_learned_once,
    DataverseService.table: test_dataverse_reads.test_a_table_is_learned_once,
    DataverseService.tables: test_dataverse_reads.test_a_table_is_learned_once,
    DataverseService.capabilities: test_dataverse_reads.test_a_table_is_learned_once,
    DataverseService.create_document: test_dataverse_reads.test_a_table_is_learned_once,
    DataverseService.fields: test_dataverse_reads.test_columns_are_described_by_the_metadata,
    DataverseService.count: test_dataverse_reads.test_a_table_is_counted_by_the_services_last_count,
    DataverseService.read_page: test_dataverse_requests.test_pages_are_read_and_followed,
    DataverseService.read_keys: test_dataverse_requests.test_records_are_read_by_key_and_by_value,
    DataverseService.find_records: test_dataverse_requests.test_records_are_read_by_key_and_by_value,
    DataverseService.search_records: test_dataverse_requests.test_records_are_searched_in_one_request,
    DataverseService.read_changes: test_dataverse_requests.test_changes_are_read_by_delta_links,
    DataverseService.write: test_dataverse_requests.test_updates_and_deletions_are_conditional,
    DataverseService.delete: test_dataverse_requests.test_updates_and_deletions_are_conditional,
    DataverseService.perform: test_dataverse_messages.test_each_message_is_sent_where_it_is_declared,
    DataverseService.read_marker: test_dataverse_reads.test_markers_are_rows_of_our_own_table,
    DataverseService.advance_marker: test_dataverse_reads.test_markers_are_rows_of_our_own_table,
    DataverseService.read_last_change: test_dataverse_reads.test_who_changed_a_record_is_asked_by_name,
    answering_version: test_dataverse_reads.test_the_highest_version_that_answers_is_found,
}
_ADMINISTRATION: Mapping[Operation, Operation] = {
    ChangeTracking.untracked: test_dataverse_administration.test_tables_without_tracking_are_asked_of_the_metadata,
    ChangeTracking.switch_on: test_dataverse_requests.test_change_tracking_is_switched_on_by_a_whole_definition,
    CrmSolutions.installed: test_dataverse_administration.test_solutions_are_found_promoted_published_and_removed,
    CrmSolutions.finish_upgrade: (
        test_dataverse_administration.test_solutions_are_found_promoted_published_and_removed
    ),
    CrmSolutions.publish: test_dataverse_administration.test_solutions_are_found_promoted_published_and_removed,
    CrmSolutions.remove: test_dataverse_administration.test_solutions_are_found_promoted_published_and_removed,
    CrmSolutions.import_package: test_dataverse_administration.test_a_solution_is_imported_and_watched,
    CrmUsers.caller: test_dataverse_administration.test_who_signs_in_is_read_with_his_roles,
    CrmUsers.caller_id: test_dataverse_administration.test_who_signs_in_is_read_with_his_roles,
    CrmUsers.user: test_dataverse_administration.test_who_signs_in_is_read_with_his_roles,
    CrmUsers.of_application: test_dataverse_administration.test_users_are_found_by_application_and_by_name,
    CrmUsers.named: test_dataverse_administration.test_users_are_found_by_application_and_by_name,
    CrmUsers.add_application: test_dataverse_administration.test_a_user_is_made_for_an_application,
    CrmUsers.role: test_dataverse_administration.test_roles_are_found_and_given_by_reference,
    CrmUsers.give: test_dataverse_administration.test_roles_are_found_and_given_by_reference,
    CrmUsers.give_team: test_dataverse_administration.test_roles_are_found_and_given_by_reference,
    CrmUsers.mark_as_integration: test_dataverse_administration.test_the_integration_user_is_marked,
    CrmUsers.base_currency: test_dataverse_administration.test_the_base_currency_hangs_on_the_organization,
    CrmUsers.team: test_dataverse_administration.test_a_team_of_owners_is_made_and_found,
    CrmUsers.add_team: test_dataverse_administration.test_a_team_of_owners_is_made_and_found,
}
_ERP: Mapping[Operation, Operation] = {
    BusinessCentralService.facts: test_business_central_reads.test_company_and_local_currency_are_asked,
    BusinessCentralService.company_id: test_business_central_reads.test_pages_are_learned_once,
    BusinessCentralService.columns: test_business_central_reads.test_pages_are_learned_once,
    BusinessCentralService.fields: test_business_central_reads.test_pages_are_learned_once,
    BusinessCentralService.gaps: test_business_central_reads.test_pages_are_learned_once,
    BusinessCentralService.extension: test_business_central_reads.test_pages_are_learned_once,
    BusinessCentralService.permissions: test_business_central_reads.test_permissions_are_a_page_of_their_own,
    BusinessCentralService.require_readable: test_business_central_reads.test_permissions_are_a_page_of_their_own,
    BusinessCentralService.capabilities: test_business_central_reads.test_number_series_are_asked_by_the_setup,
    BusinessCentralService.count: test_business_central_reads.test_a_page_is_counted,
    BusinessCentralService.refresh_virtual_fields: (
        test_business_central_reads.test_fields_of_other_pages_are_read_whole
    ),
    BusinessCentralService.read_page: test_business_central_requests.test_pages_are_read_in_the_company,
    BusinessCentralService.read_keys: test_business_central_requests.test_keys_are_read_by_one_field,
    BusinessCentralService.find_records: test_business_central_reads.test_texts_are_found_in_any_case,
    BusinessCentralService.search_records: (
        test_business_central_reads.test_records_are_searched_by_number_and_by_words
    ),
    BusinessCentralService.read_changes: test_business_central_reads.test_stock_is_followed_by_ledger_entries,
    BusinessCentralService.write: test_business_central_requests.test_writes_go_in_json_batches,
    BusinessCentralService.delete: test_business_central_requests.test_deletions_carry_their_etag,
    BusinessCentralService.create_document: (
        test_business_central_documents.test_an_order_goes_with_its_lines_in_one_request
    ),
    BusinessCentralService.perform: (
        test_business_central_reads.test_orders_are_released_and_reopened_by_their_page
    ),
    BusinessCentralService.read_marker: test_business_central_reads.test_markers_are_rows_of_our_own_page,
    BusinessCentralService.advance_marker: test_business_central_reads.test_markers_are_rows_of_our_own_page,
    BusinessCentralService.read_last_change: (
        test_business_central_reads.test_who_changed_a_record_is_asked_of_its_page_or_set
    ),
    BusinessCentralService.record_ids: test_business_central_reads.test_ids_of_records_are_asked_of_their_set,
    SubscriptionKeeper.keep: test_subscription_requests.test_a_subscription_is_made,
    SubscriptionKeeper.supported: (
        test_subscription_requests.test_what_can_be_subscribed_to_is_asked_of_the_runtime
    ),
    issue_feed_token: test_business_central_reads.test_a_feed_token_is_issued_by_the_users_page,
}
_SIGN_INS: Mapping[Operation, Operation] = {
    BasicSignIn.authorization: test_sign_in_requests.test_a_user_and_a_key_are_one_header,
    ClientCredentialsSignIn.authorization: (
        test_sign_in_requests.test_a_secret_is_changed_at_a_plain_token_address
    ),
    DirectorySignIn.authorization: test_sign_in_requests.test_a_secret_is_changed_at_the_directory,
    DirectorySignIn.sign_person_in: (
        test_sign_in_requests.test_a_person_signs_in_with_a_code_and_stays_signed_in
    ),
}
GOLDENS: Mapping[Operation, Operation] = {**_CRM, **_ADMINISTRATION, **_ERP, **_SIGN_INS}
"""One golden of each operation; there may be more of it."""
PARTS = frozenset(
    {
        "business_central.changes.StampReader",
        "business_central.company.CompanyReader",
        "business_central.document_requests.DocumentRequests",
        "business_central.extension_reading.ExtensionReader",
        "business_central.extension_writing.ExtendedWriter",
        "business_central.identified_creates.IdentifiedCreates",
        "business_central.last_change.last_change_of",
        "business_central.named_pages.NamedPagesChannel",
        "business_central.number_series.NumberSeriesReader",
        "business_central.page_document_requests.PageDocumentRequests",
        "business_central.permissions.read_permissions",
        "business_central.record_ids.ids_of_set",
        "business_central.tables.TableCatalog",
        "business_central.virtual_fields.VirtualSource",
        "business_central.writing.ErpWriter",
        "dataverse.administration.Administration",
        "dataverse.changes.ChangeFeed",
        "dataverse.choices.ChoiceTable",
        "dataverse.column_facts.read_column_facts",
        "dataverse.last_change.read_last_change",
        "dataverse.messages.MessageSender",
        "dataverse.privileges.held_privileges",
        "dataverse.record_count.count_now",
        "dataverse.record_count.last_count",
        "dataverse.row_versions.RowVersions",
        "dataverse.tables.TableCatalog",
        "dataverse.writing.CrmWriter",
    }
)
"""What words the requests of the operations above; nobody outside the connectors asks it for anything."""
WITHOUT_REQUESTS = frozenset({"sign_in.NoSignIn", "sign_in.SignIn"})
OVER_CONNECTIONS = frozenset({"sign_in_windows.SignedInConnections", "sign_in_windows.WindowsSignIn"})
"""They sign connections in, not requests: tests/connectors/test_sign_in_windows.py has both ends of one."""
_SPOKEN = ("business_central.", "dataverse.", "sign_in")
"""Modules that word requests; the others carry what they are given."""


def _modules() -> Iterator[tuple[str, ModuleType]]:
    root = f"{interlace.connectors.__name__}."
    for each in pkgutil.walk_packages(interlace.connectors.__path__, root):
        name = each.name.removeprefix(root)
        if name.startswith(_SPOKEN):
            yield name, importlib.import_module(each.name)


def _is_operation(name: str, held: object) -> bool:
    is_awaited = inspect.iscoroutinefunction(held) or inspect.isasyncgenfunction(held)
    return is_awaited and not name.startswith("_")


def _offered() -> dict[str, list[Operation]]:
    """Return the operations of each public class, and each public function that is one, by name and module."""
    found: dict[str, list[Operation]] = {}
    for module_name, module in _modules():
        for name, held in vars(module).items():
            if getattr(held, "__module__", None) != module.__name__ or name.startswith("_"):
                continue
            members = vars(held).items() if inspect.isclass(held) else ((name, held),)
            operations = [member for each, member in members if _is_operation(each, member)]
            if operations:
                found[f"{module_name}.{name}"] = operations
    return found


def _named(operation: Operation) -> str:
    assert isinstance(operation, FunctionType)
    return operation.__qualname__


def test_each_operation_has_a_golden() -> None:
    """A new one is printed in this folder as its documentation has it, then named above; a part of one likewise."""
    offered = _offered()
    apart = PARTS | WITHOUT_REQUESTS | OVER_CONNECTIONS
    assert apart <= offered.keys(), "these are gone: take them out"
    operations = [each for name, held in offered.items() if name not in apart for each in held]
    assert sorted(map(_named, operations)) == sorted(map(_named, GOLDENS))


@pytest.mark.parametrize("operation", GOLDENS, ids=_named)
def test_each_golden_calls_what_it_is_a_golden_of(operation: Operation) -> None:
    """It asks for the operation by its name, and looks at what went onto the wire."""
    golden = GOLDENS[operation]
    assert isinstance(golden, FunctionType)
    called = golden.__code__.co_names
    assert _named(operation).rpartition(".")[2] in called
    assert "taken" in called
