"""The desk put together from all areas."""

from collections.abc import Callable

from interlace.bootstrap.accounts import StoredAccounts
from interlace.bootstrap.desk.account_areas import add_account_areas
from interlace.bootstrap.desk.approvals import add_approvals
from interlace.bootstrap.desk.availability import add_availability
from interlace.bootstrap.desk.causes import add_causes
from interlace.bootstrap.desk.conflicts import add_conflicts
from interlace.bootstrap.desk.connection_card import add_connection_card
from interlace.bootstrap.desk.connection_list import add_connection_list
from interlace.bootstrap.desk.connections import add_connections
from interlace.bootstrap.desk.coupling_exchange import add_coupling_exchange
from interlace.bootstrap.desk.couplings import add_couplings
from interlace.bootstrap.desk.default_setup import add_default_setup
from interlace.bootstrap.desk.erasing import add_erasing
from interlace.bootstrap.desk.error_actions import add_error_actions
from interlace.bootstrap.desk.errors import add_errors
from interlace.bootstrap.desk.findings import add_findings
from interlace.bootstrap.desk.freezes import add_freezes
from interlace.bootstrap.desk.guides import add_guides
from interlace.bootstrap.desk.halts import add_halts
from interlace.bootstrap.desk.home import add_home
from interlace.bootstrap.desk.jobs import add_jobs
from interlace.bootstrap.desk.journal import add_journal
from interlace.bootstrap.desk.journal_list import add_journal_list
from interlace.bootstrap.desk.keys import add_keys
from interlace.bootstrap.desk.mappings import add_mappings
from interlace.bootstrap.desk.matching import add_matching
from interlace.bootstrap.desk.orders import add_orders
from interlace.bootstrap.desk.plan_list import add_plan_list
from interlace.bootstrap.desk.plans import add_plans
from interlace.bootstrap.desk.queue import add_queue
from interlace.bootstrap.desk.record_changes import add_record_changes
from interlace.bootstrap.desk.record_log import add_record_log
from interlace.bootstrap.desk.records import add_records
from interlace.bootstrap.desk.requests import add_requests
from interlace.bootstrap.desk.reviews import add_reviews
from interlace.bootstrap.desk.search import add_search
from interlace.bootstrap.desk.service_use import add_service_use
from interlace.bootstrap.desk.setup import add_setup
from interlace.bootstrap.desk.solution import add_solution
from interlace.bootstrap.desk.undo import add_undo
from interlace.bootstrap.desk.verification import add_verification
from interlace.bootstrap.desk.views import add_views
from interlace.bootstrap.serving import Server
from interlace.management.desk import Desk, Works
from interlace.management.operations import ALL_OPERATIONS

_AREAS: tuple[Callable[[Works, Server], None], ...] = (
    add_approvals,
    add_availability,
    add_causes,
    add_conflicts,
    add_connection_card,
    add_connection_list,
    add_connections,
    add_coupling_exchange,
    add_couplings,
    add_default_setup,
    add_error_actions,
    add_erasing,
    add_errors,
    add_findings,
    add_freezes,
    add_halts,
    add_home,
    add_jobs,
    add_journal,
    add_journal_list,
    add_keys,
    add_mappings,
    add_matching,
    add_orders,
    add_plan_list,
    add_plans,
    add_queue,
    add_record_changes,
    add_record_log,
    add_records,
    add_requests,
    add_reviews,
    add_guides,
    add_search,
    add_service_use,
    add_setup,
    add_solution,
    add_undo,
    add_verification,
    add_views,
)


def open_desk(server: Server, accounts: StoredAccounts) -> Desk:
    """Return the desk of a server; every declared operation is carried out."""
    works = Works()
    for add in _AREAS:
        add(works, server)
    add_account_areas(works, accounts)
    missing = {each.name for each in ALL_OPERATIONS} - works.names()
    assert not missing, f"nobody carries out {', '.join(sorted(missing))}"
    return Desk(works, accounts.audit)
