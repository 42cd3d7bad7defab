"""The way from what a service refused to the request that it answered so."""

from htpy import Element

from interlace.domain.filter_language import quoted
from interlace.ui.actions import action_link
from interlace.web.saved_views import FILTER
from interlace.web.visit import Visit


def requests_link(visit: Visit, correlation_id: str) -> Element | None:
    """Return what leads to the requests whose answers had an id; None without one."""
    if not correlation_id:
        return None
    query = {f"{FILTER}correlation_id": quoted(correlation_id)}
    return visit.seen("/requests", action_link(visit.words.t("Requests"), visit.to("/requests", query)))
