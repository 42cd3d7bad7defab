"""The Connection Setup card: what is entered comes back with what is wrong, and a renewed key is tried at once."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.web.accounts_desk import Place
from tests.web.canned_desk import canned_app, sample

from interlace.management.caller import Caller
from interlace.management.connection_card import ChangeConnection, ConnectionForm, ShowConnectionForm
from interlace.management.connections import ConnectionChanged, OneConnection
from interlace.management.refusal import RefusalKind, Refused
from interlace.management.solution import CrmVersions

ENTERED = {"connection": "c1", "end": "crm", "seen": "s1", "answers.erp.address": "https://typed.example.com"}


class Asked:
    """What the page asked, and how it is answered."""

    def __init__(self, refused: Refused | None = None) -> None:
        self.forms: list[ShowConnectionForm] = []
        self.changes: list[ChangeConnection] = []
        self._refused = refused

    async def form(self, _caller: Caller, asked: ShowConnectionForm) -> Any:
        """Answer with a sample."""
        self.forms.append(asked)
        known: dict[str, dict[str, object]] = {
            "SetupQuestion": {"kind": "text", "key": "erp.address"},
            "ConnectionForm": {"is_enabled": False},
        }
        return sample(ConnectionForm, known)

    async def change(self, _caller: Caller, asked: ChangeConnection) -> ConnectionChanged:
        """Keep it, or refuse it."""
        self.changes.append(asked)
        if self._refused is not None:
            raise self._refused
        return ConnectionChanged(message="Kept.")


@contextmanager
def opened(directory: Path, asked: Asked) -> Iterator[Place]:
    """Open a web client whose card is answered so."""
    works = {"connections.form": asked.form, "connections.change": asked.change}
    place, _ = canned_app(directory, works_of=works)
    try:
        yield place
    finally:
        place.close()


async def test_what_is_wrong_stands_beside_the_field(tmp_path: Path) -> None:
    """The page comes back with what was entered, marked, and nothing of a secret."""
    refused = Refused(RefusalKind.INVALID, "Not kept", fields={"answers.erp.address": "No such place."})
    asked = Asked(refused)
    with opened(tmp_path, asked) as place:
        await place.add("ada", "INTERLACE ADMIN")
        async with place.signed_in("ada") as browser:
            answer = await browser.post("/connection", data={**ENTERED, "secrets.erp.key_file": "hush-hush"})
    assert answer.status_code == refused.status
    assert "No such place." in answer.text
    assert "hush-hush" not in answer.text
    assert asked.forms[-1].answers == {"erp.address": "https://typed.example.com"}
    assert asked.changes[-1].secrets == {"erp.key_file": "hush-hush"}


async def test_another_way_to_sign_in_only_lays_the_form_out_anew(tmp_path: Path) -> None:
    """Nothing is asked to be kept until Save is pressed."""
    asked = Asked()
    with opened(tmp_path, asked) as place:
        await place.add("ada", "INTERLACE ADMIN")
        async with place.signed_in("ada") as browser:
            answer = await browser.post("/connection", data={**ENTERED, "only_look": "1"})
    assert answer.status_code == 200
    assert not asked.changes
    assert asked.forms[-1].answers == {"erp.address": "https://typed.example.com"}


async def test_a_renewed_key_is_tried_at_once(tmp_path: Path) -> None:
    """Keeping leads back to the card, with its test where a secret was entered."""
    asked = Asked()
    with opened(tmp_path, asked) as place:
        await place.add("ada", "INTERLACE ADMIN")
        async with place.signed_in("ada") as browser:
            plain = await browser.post("/connection", data={**ENTERED, "secrets.erp.key_file": ""})
            renewed = await browser.post("/connection", data={**ENTERED, "secrets.erp.key_file": "new"})
    assert (plain.status_code, plain.headers["location"]) == (303, "/connection")
    assert renewed.headers["location"] == "/connection?test=1"


async def test_who_may_only_look_sees_no_form(tmp_path: Path) -> None:
    """The card shows what people told, as text."""
    asked = Asked()
    with opened(tmp_path, asked) as place:
        await place.add("bo", "INTERLACE VIEW")
        async with place.signed_in("bo") as browser:
            answer = await browser.get("/connection")
    assert answer.status_code == 200
    assert 'action="/connection"' not in answer.text
    assert not asked.forms


async def test_an_older_solution_is_marked(tmp_path: Path) -> None:
    """Both versions stand on the card, with the way to bring ours."""

    async def versions(_caller: Caller, _asked: OneConnection) -> CrmVersions:
        """Tell of a CRM that nobody has upgraded."""
        return CrmVersions(crm="9.2.24051", solution="1.0.0.0", brought="1.1.0.0", is_older=True)

    place, _ = canned_app(tmp_path, works_of={"connections.versions": versions})
    await place.add("ada", "INTERLACE ADMIN")
    async with place.signed_in("ada") as browser:
        answer = await browser.get("/connection")
    place.close()
    for told in ("9.2.24051", "1.0.0.0", "1.1.0.0", "Older than ours", 'href="/connection/solution"'):
        assert told in answer.text
