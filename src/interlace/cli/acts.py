"""Which command is which act of the audit log, by the name that pages and the API know it by.

Commands that are not named only read, or begin something of its own; what is asked of that leaves entries there.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from interlace.management.acts import LIST_EXPORT


@dataclass(frozen=True, slots=True)
class Act:
    """An act, and for which command lines the command is that one."""

    name: str
    only_with: tuple[str, ...] = ()
    """Parameters of which one at least is given; none: it doesn't matter."""
    without: tuple[str, ...] = ()
    """Parameters that make the command another act, or let it only read."""
    exported: str = ""
    """The list that leaves as a file."""

    def is_asked(self, given: Collection[str]) -> bool:
        """Whether a command line with these parameters means this act."""
        if not set(self.without).isdisjoint(given):
            return False
        return not self.only_with or not set(self.only_with).isdisjoint(given)


def _exporting(name: str) -> Act:
    return Act(LIST_EXPORT, only_with=("export",), exported=name)


_DRY: Final = ("dry_run",)
_ORDER_SETTINGS: Final = (
    "order_integration",
    "bidirectional_orders",
    "write_in_item",
    "write_in_resource",
    "no_write_in",
    "check_credit_limit",
    "require_salesperson",
    "payment_discount_from_order",
)

ACTS_OF_COMMANDS: Final[Mapping[str, tuple[Act, ...]]] = {
    "setup": (Act("setup.answer", without=("show", "example")),),
    "connection add": (Act("connections.add"),),
    "connection change": (Act("connections.change"),),
    "connection sign-in": (Act("connections.sign-in"),),
    "connection use-defaults": (Act("connections.use_defaults", without=_DRY),),
    "connection rename": (Act("connections.rename"),),
    "connection default": (Act("connections.make_default"),),
    "connection test": (Act("connections.test"),),
    "connection enable": (Act("connections.enable"),),
    "connection rebind": (Act("connections.rebind"),),
    "connection disable": (Act("connections.disable"),),
    "connection remove": (Act("connections.remove"),),
    "solution import": (Act("connections.redeploy_solution"),),
    "full-synch start": (Act("reviews.start", without=("forecast",)),),
    "full-synch restart": (Act("reviews.restart"),),
    "full-synch reset": (Act("reviews.reset"),),
    "full-synch leave-out": (Act("reviews.leave_out"),),
    "full-synch cancel": (Act("reviews.cancel"),),
    "synch": (
        Act("mappings.run_full", only_with=("full",), without=_DRY),
        Act("mappings.synchronize", only_with=("mappings",), without=_DRY),
        Act("connections.synchronize", without=_DRY),
    ),
    "plan": (Act("plans.make", only_with=("keep", "out")),),
    "apply": (Act("plans.apply"),),
    "plans leave-out": (Act("plans.leave_out"),),
    "plans take-in": (Act("plans.take_in"),),
    "plans approve": (Act("plans.approve"),),
    "plans reject": (Act("plans.reject"),),
    "plans stop": (Act("plans.stop"),),
    "plans remove": (Act("plans.remove"),),
    "undo": (
        Act("undo.carry_out", only_with=("yes",)),
        Act("plans.undo", only_with=("keep", "out")),
    ),
    "queue run": (Act("queue.run"),),
    "queue hold": (Act("queue.hold"),),
    "queue resume": (Act("queue.resume"),),
    "queue every": (Act("queue.set_minutes"),),
    "plans list": (_exporting("plans.list"),),
    "halts list": (_exporting("halts.list"),),
    "errors list": (_exporting("errors.list"),),
    "conflicts list": (_exporting("conflicts.list"),),
    "conflicts resolve": (Act("conflicts.resolve"),),
    "errors retry": (Act("errors.retry"),),
    "errors settle": (Act("errors.settle"),),
    "errors find-deleted": (Act("errors.find_deleted"),),
    "approvals set": (Act("approvals.change"),),
    "freeze add": (Act("freezes.add"),),
    "freeze remove": (Act("freezes.remove"),),
    "halts release": (Act("halts.release"),),
    "mappings set": (Act("mappings.change"),),
    "mappings reset": (Act("mappings.reset"),),
    "mappings export": (Act("mappings.export"),),
    "mappings import": (Act("mappings.import", without=_DRY),),
    "mappings add-row": (Act("mappings.add_row", without=_DRY),),
    "mappings change-row": (Act("mappings.change_row", without=_DRY),),
    "mappings remove-row": (Act("mappings.remove_row"),),
    "mappings add": (Act("mappings.add"),),
    "mappings remove": (Act("mappings.remove"),),
    "couplings list": (_exporting("couplings.list"),),
    "couplings add": (Act("couplings.add"),),
    "couplings remove": (Act("couplings.remove"),),
    "couplings remove-all": (Act("couplings.remove_all"),),
    "couplings import": (Act("couplings.import", without=_DRY),),
    "couplings shadow": (Act("couplings.shadow"),),
    "couplings export": (Act("couplings.export"),),
    "couplings match": (Act("couplings.match", without=_DRY),),
    "couplings criteria": (Act("matching.change", only_with=("wanted", "create_new", "clear")),),
    "records synchronize": (Act("records.synchronize"),),
    "records create": (Act("records.create"),),
    "notifications read": (Act("notifications.read"),),
    "notifications subscribe": (Act("notifications.subscribe"),),
    "notifications send-code": (Act("notifications.send_code"),),
    "notifications prove": (Act("notifications.prove"),),
    "requests list": (_exporting("requests.list"),),
    "requests show": (Act("requests.exchange", only_with=("raw",)),),
    "requests keep-all": (Act("requests.keep_whole"),),
    "availability publish": (Act("availability.publish"),),
    "availability unpublish": (Act("availability.unpublish"),),
    "orders settings": (Act("connections.change_orders", only_with=_ORDER_SETTINGS),),
    "orders process": (Act("orders.process"),),
    "orders retry": (Act("orders.retry"),),
    "statistics": (Act("records.update_statistics"),),
    "verify": (
        Act("verification.stop", only_with=("stop",)),
        Act("verification.start", without=("last",)),
    ),
    "findings list": (_exporting("verification.findings"),),
    "recover": (Act("couplings.recover", without=_DRY),),
    "erase": (Act("erasing.erase", only_with=("yes",)),),
    "backup make": (Act("backup.make"),),
    "backup restore": (Act("backup.restore"),),
    "backup erase": (Act("backup.erase"),),
    "keys rotate": (Act("keys.rotate"),),
    "keys create": (Act("keys.create"),),
    "users add": (Act("users.add"),),
    "users change": (Act("users.change"),),
    "users disable": (Act("users.disable"),),
    "users enable": (Act("users.enable"),),
    "users delete": (Act("users.delete"),),
    "users set-password": (Act("users.set-password"),),
    "users end-second-step": (Act("users.end-second-step"),),
    "users end-session": (Act("users.end-session"),),
    "users end-all": (Act("users.end-all"),),
    "tokens create": (Act("tokens.create"),),
    "tokens revoke": (Act("tokens.revoke"),),
    "audit export": (Act("audit.export"),),
}
"""By the words of the command; of several acts the first one that is asked for."""


def act_of(command: str, given: Collection[str]) -> Act | None:
    """Return the act that a command line with these parameters is; None: it only reads."""
    return next((each for each in ACTS_OF_COMMANDS.get(command, ()) if each.is_asked(given)), None)
