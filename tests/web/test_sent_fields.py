"""What an operation can be asked, a page can ask: each field of each action is sent by a form of some page."""

from collections.abc import Mapping
from html.parser import HTMLParser
from pathlib import Path

import pytest
from msgspec import inspect
from tests.web import canned_desk
from tests.web.canned_desk import HOSTILE, canned_app
from tests.web.test_pages import PAGES

from interlace.management.operation import Effect
from interlace.management.operations import ALL_OPERATIONS
from interlace.web.addresses import DO, segment

CARDS = (
    "/account/two-step",
    f"/couplings?view={segment(HOSTILE)}&search=a&sort=erp_key&filters.mapping=CUSTOMER",
    "/coupling/CUSTOMER/C1?with=C2",
    "/mappings/CUSTOMER/fields/row",
    "/plans/p1?filters.kind=change",
    "/records/CUSTOMER?side=crm",
    "/tokens/new",
    "/tokens/new?replaces=t1",
    "/journal/erase?key=C1&mapping=CUSTOMER",
    "/undo?subject=C1&mapping=CUSTOMER&field=Name",
    "/users/ada",
    "/users/ada/password",
    "/new-user",
)
OWN_FORMS = {
    "/account": "account.change",
    "/account/password": "account.change-password",
    "/account/two-step": "account.begin-second-step",
    "/account/two-step/confirm": "account.confirm-second-step",
    "/connection": "connections.change",
    "/connections/new": "connections.begin",
    "/connections/rename": "connections.rename",
    "/couplings/exchange": "couplings.import",
    "/couplings/shadow": "couplings.shadow",
    "/mappings/new": "mappings.add",
    "/mappings/settings": "mappings.import",
    "/notifications/subscription": "notifications.subscribe",
    "/tokens/new": "tokens.create",
    "/users/ada": "users.change",
    "/users/ada/password": "users.set-password",
    "/new-user": "users.add",
}
"""Forms that a page takes itself, to show what was entered beside what is wrong with it."""
OWN_ENDINGS = {
    "/fields": "mappings.change_fields",
    "/fields/row": "mappings.change_row",
    "/filter": "mappings.change_filter",
    "/matching": "matching.change",
}
OTHERWISE: Mapping[str, Mapping[str, object]] = {
    "CountsOfMapping": {"left_out": {"change": 3}},
    "ConflictShown": {"kind": "deletion", "code": "IL-204", "choices": ("restore", "delete")},
    "Erasables": {"why_not": ""},
    "Halt": {"kind": "mass change", "side": "erp", "released_by": ""},
    "MappingListed": {"takes_part": True, "is_own": True},
    "PlanShown": {"kind": "synchronization", "purpose": "full", "state": "ready", "why_not": ""},
    "RecordShown": {"mapping": "CUSTOMER"},
    "RecordsCompared": {"erp_is_coupled_with": "", "crm_is_coupled_with": ""},
    "SetupQuestion": {"key": "erp.key", "kind": "secret"},
    "QueueRow": {"status": "On Hold", "kind": "Synchronization", "held_because": "", "is_recurring": True},
}
"""Another state of what pages show; besides, whatever was true is not."""
NOT_SENT: Mapping[str, str] = {
    "account.confirm-second-step: code": "the page of the step before, which is an answer to a form, asks for it",
    "account.end-session: session": "stands beside other sessions, of which the sample has none",
    "connections.make_default: connection": "stands beside connections where there are several",
    "errors.retry: synchronize": "a page synchronizes at once",
    "notifications.prove: user": "on pages everybody confirms his own address",
    "notifications.read: user": "on pages everybody reads his own",
    "notifications.send_code: user": "on pages everybody asks for himself",
    "notifications.subscribe: user": "on pages everybody chooses for himself",
    "reviews.leave_out: connection": "stands at lines that never began, of which the sample has none",
    "reviews.leave_out: mappings": "stands at lines that never began, of which the sample has none",
    "views.save: columns": "is sent once columns are chosen, as test_saved_views does",
    "views.save: layout": "is sent once tiles are chosen, as test_saved_views does",
    "setup.answer: only_keep": "the script adds it when a choice decides what is asked next",
    "tokens.create: connections": "is asked where there are several connections",
    "tokens.revoke: id": "stands beside keys, of which the sample has none",
    "users.change: name": "the address of the page names the user",
    "users.enable: name": "stands beside users who are disabled, of whom the sample has none",
    "users.end-second-step: name": "stands beside users with a second step, of whom the sample has none",
    "users.end-session: session": "stands beside other sessions, of which the sample has none",
    "users.set-password: name": "the address of the page names the user",
}
"""What no page of a sample sends, with the reason."""


class Forms(HTMLParser):
    """The forms of a page: each with its address and the names of the fields that it sends."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[tuple[str, set[str]]] = []
        self._by_id: dict[str, set[str]] = {}
        self._open: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a form, or a field of the form that is open or named."""
        held = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._open = self._by_id.setdefault(held["id"], set()) if "id" in held else set()
            self.sent.append((held.get("action", ""), self._open))
        elif tag in {"input", "select", "textarea", "button"}:
            fields = self._by_id.setdefault(held["form"], set()) if "form" in held else self._open
            fields.add(held.get("name", "").partition(".")[0])
            if "formaction" in held:
                self.sent.append((held["formaction"], fields))

    def handle_endtag(self, tag: str) -> None:
        """Leave a form."""
        if tag == "form":
            self._open = set()


def operation_at(address: str) -> str:
    """Return the operation that a form's address asks; blank if it asks none."""
    path = address.partition("?")[0]
    if path.startswith(f"{DO}/"):
        return path.removeprefix(f"{DO}/").replace("/", ".")
    if path in OWN_FORMS:
        return OWN_FORMS[path]
    if not path.startswith("/mappings/"):
        return ""
    return next((name for end, name in OWN_ENDINGS.items() if path.endswith(end)), "mappings.change")


async def fields_sent(
    directory: Path, extra: Mapping[str, Mapping[str, object]] | None = None
) -> dict[str, set[str]]:
    """Return the fields that the forms of all pages send, by the name of the operation."""
    place, _ = canned_app(directory, extra)
    await place.add("ada", "INTERLACE ADMIN")
    sent: dict[str, set[str]] = {}
    async with place.signed_in("ada") as browser:
        for path in (*PAGES, *CARDS):
            answer = await browser.get(path)
            assert answer.status_code == 200, path
            forms = Forms()
            forms.feed(answer.text)
            for address, fields in forms.sent:
                sent.setdefault(operation_at(address), set()).update(fields)
    place.close()
    # One form for both: the row that it names is blank for a new one.
    return {**sent, "mappings.add_row": sent["mappings.change_row"]}


async def test_each_field_of_an_action_is_sent_by_a_page(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A field that only the API and the command line know is missing on the page, or stands above with the reason."""
    sent = await fields_sent(tmp_path_factory.mktemp("yes"))
    monkeypatch.setattr(canned_desk, "PLAIN", {**canned_desk.PLAIN, inspect.BoolType: False})
    for name, fields in (await fields_sent(tmp_path_factory.mktemp("no"), OTHERWISE)).items():
        sent.setdefault(name, set()).update(fields)
    asked = {
        f"{each.name}: {field}": field in sent.get(each.name, ())
        for each in ALL_OPERATIONS
        if each.effect is Effect.WRITES
        for field in each.asked.__struct_fields__
    }
    assert {name for name, is_sent in asked.items() if not is_sent} - NOT_SENT.keys() == set()
    assert asked.keys() >= NOT_SENT.keys()
