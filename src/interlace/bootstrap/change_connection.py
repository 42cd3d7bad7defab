"""Changes what people tell of a connection, as a whole: half a sign-in, and secrets sent elsewhere, are refused."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from interlace.bootstrap.application import Application, Connection
from interlace.bootstrap.connection_pairs import require_own_pair
from interlace.bootstrap.connection_settings import (
    ERP_KEY_SECRET,
    SALES_ORDER_KEY_SECRET,
    ConnectionProblem,
    ConnectionSettings,
)
from interlace.bootstrap.credentials import needed_secrets, seal_of
from interlace.bootstrap.secret_sources import SOURCES
from interlace.bootstrap.setup.question import Question
from interlace.locale.translatable import translatable

MOVING: Collection[str] = frozenset({"erp_address", "erp_company", "crm_address"})
"""What makes it another company or organization until a test shows otherwise."""


class SecretsToEnter(ConnectionProblem):
    """Secrets that are stored for other addresses, which must be entered again."""

    def __init__(self, questions: Sequence[Question]) -> None:
        self.questions = tuple(questions)
        options = " ".join(f"{each.option} FILE" for each in questions)
        super().__init__(
            translatable(
                "A stored secret is only sent to the addresses it was entered for, and these change. Enter "
                "it again in the same command: {options}",
                options=options,
            )
        )


def apply_change(
    application: Application, held: Connection, changes: Mapping[str, object], secrets: dict[str, str]
) -> Connection:
    """Apply what was told to a connection and keep it; raises ConnectionProblem, and nothing is kept then.

    Another address or company disables the connection until it is tested again.
    """
    settings = ConnectionSettings.load({**held.settings.dump(), **changes}).checked()
    is_kept = settings.sales_order_user and application.is_stored(held, SALES_ORDER_KEY_SECRET)
    require_order_sign_in(
        settings.sales_order_user, stored=bool(is_kept) or SALES_ORDER_KEY_SECRET in secrets
    )
    forgotten = _secrets_left_behind(application, held, settings, secrets)
    if not settings.sales_order_user:
        forgotten.append(SALES_ORDER_KEY_SECRET)
    if settings.feed_expires and (ERP_KEY_SECRET in secrets or "erp_user" in changes):
        # The token that CRM users read the stock with ended with the key: the next run has a new one issued.
        settings = replace(settings, feed_expires=datetime.now(UTC).isoformat())
    if MOVING & changes.keys():
        require_own_pair(replace(settings, erp_company_id=""), application.others_than(held))
        settings = replace(settings, enabled=False)
    kept = application.keep(replace(held, settings=settings), secrets)
    for name in forgotten:
        application.store_secret(kept, name, None)
    return kept


def require_order_sign_in(user: str, *, stored: bool) -> None:
    """Refuse half a sign-in of the sales order user: orders would be created by another user than was meant."""
    if user.strip() and not stored:
        raise ConnectionProblem(
            translatable(
                "The key of the sales order user {user} is missing. Give it with --sales-order-key-file FILE, or in "
                "the environment variable INTERLACE_SALES_ORDER_KEY.",
                user=user,
            )
        )
    if stored and not user.strip():
        raise ConnectionProblem(
            translatable(
                "A sales order user's key was given without the user. Name the user with --sales-order-user."
            )
        )


def _secrets_left_behind(
    application: Application, held: Connection, settings: ConnectionSettings, given: Collection[str]
) -> list[str]:
    """Return the secrets for other addresses that nobody entered; raises SecretsToEnter for those that somebody did."""
    wanted = [*needed_secrets(settings), *([SALES_ORDER_KEY_SECRET] if settings.sales_order_user else [])]
    moved = [
        name
        for name in wanted
        if name not in given
        and application.is_stored(held, name)
        and seal_of(held.settings, name) != seal_of(settings, name)
    ]
    again = [source for source in SOURCES if source.secret in moved]
    if again:
        raise SecretsToEnter(again)
    return moved
