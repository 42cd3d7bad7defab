"""Users and sessions as answers show them: nothing secret of them."""

from interlace.management.users import SessionSummary, UserSummary
from interlace.store.sessions import StoredSession
from interlace.store.users import StoredUser


def user_summary(user: StoredUser, sessions: int) -> UserSummary:
    """Return what may be shown of a user."""
    return UserSummary(
        name=user.name,
        full_name=user.full_name,
        permission_sets=user.permission_sets,
        disabled=user.disabled,
        has_second_step=user.has_second_step,
        language=user.language,
        time_zone=user.time_zone,
        experience=user.experience,
        created_at=user.created_at,
        signed_in_at=user.signed_in_at,
        sessions=sessions,
    )


def session_summary(session: StoredSession, own: str) -> SessionSummary:
    """Return what may be shown of a session; `own` is the id of the asker's."""
    return SessionSummary(
        id=session.id,
        user=session.user.name if session.user is not None else "",
        signed_in_at=session.created_at,
        seen_at=session.seen_at,
        address=session.address,
        agent=session.agent,
        is_own=session.id == own,
    )
