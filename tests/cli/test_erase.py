"""A person who is gone from both services is erased: no file below the state directory tells of them any more."""

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import msgspec
import pytest
from tests.bootstrap.serving_ends import server_at
from tests.cli.both_ends import NAME, Interlace
from tests.cli.canary import contents_of
from tests.cli.two_services import PARTIES, TwoServices, two_services
from tests.web.accounts_desk import cheap_hasher

from interlace.bootstrap.accounts import AccountRules, open_accounts
from interlace.bootstrap.desk.opened import open_desk
from interlace.cli.exit_codes import ExitCode
from interlace.cli.program import run_program
from interlace.domain.side import Side
from interlace.management import erasing, journal
from interlace.management.caller import Caller, Door
from interlace.management.erasing import Erase, FindErasable, ListErasures
from interlace.management.journal import ShowJournal
from interlace.management.permission import Permission
from interlace.store.backup_file import restore_backup

PERSON = "CT001003"
ANA = Caller(user_id="1", name="ana", permissions=frozenset(Permission), door=Door.MACHINE)
VALUES = (
    "Vera",
    "Ostermann",
    "vera.ostermann@moebelhaus-brandt-berlin.de.example",
    "Zwetschgengasse 77",
    "Quetzalcoatl",
    "Xylophonia",
    "wunderlich@quetzal.example",
)
"""What was ever known of the person; the first name was another one on each side once."""


@pytest.fixture
def services(tmp_path: Path, interlace: Interlace) -> Iterator[TwoServices]:
    """Both services, in which a person was edited, is in conflict, and stands in a kept plan."""
    with two_services(tmp_path, tmp_path / "state", interlace, customers=1) as opened:
        opened.interlace("synch", *PARTIES, "--full")
        partner = opened.partner("CONTACT", PERSON)
        opened.edit("CONTACT", Side.ERP, PERSON, {"Address": "Zwetschgengasse 77"})
        opened.edit("CONTACT", Side.CRM, partner, {"emailaddress1": "wunderlich@quetzal.example"})
        opened.interlace("synch", "CONTACT")
        opened.edit("CONTACT", Side.ERP, PERSON, {"First_Name": "Quetzalcoatl"})
        opened.edit("CONTACT", Side.CRM, partner, {"firstname": "Xylophonia"})
        assert opened.interlace("plan", "CONTACT", "--keep").code == ExitCode.OK
        opened.interlace("synch", "CONTACT")
        assert len(opened.interlace("conflicts", "list", "--json").objects) == 1
        yield opened


def known(directory: Path) -> set[str]:
    """Return which of the values stand in some file."""
    contents = contents_of(directory).values()
    return {value for value in VALUES if any(value.encode() in content for content in contents)}


def test_a_person_is_found_nowhere_once_erased(services: TwoServices, tmp_path: Path) -> None:
    """Nothing is erased before both services have deleted the record; then no file holds any of its values."""
    partner = services.partner("CONTACT", PERSON)
    backup, passphrase = tmp_path / "interlace.backup", tmp_path / "passphrase.txt"
    passphrase.write_text("a passphrase that is long enough", encoding="utf-8")
    assert services.interlace("backup", "make", str(backup), "--passphrase-file", str(passphrase)).code == 0
    assert known(services.state) == set(VALUES)

    def refusal() -> str:
        """Say why it is not erased yet."""
        ended = services.interlace("erase", PERSON, "--yes")
        assert ended.code == ExitCode.CONFIGURATION
        return ended.err

    assert "is still in the ERP. Delete it there first" in refusal()
    services.delete("CONTACT", Side.ERP, PERSON)
    assert "is still in the CRM. Delete it there first" in refusal()
    services.delete("CONTACT", Side.CRM, partner)
    assert "is still remembered. Let its mapping run once" in refusal()
    services.interlace("synch", "CONTACT")
    before = known(services.state)
    looked = services.interlace("erase", PERSON, "--json")
    assert (looked.code, known(services.state)) == (ExitCode.CHANGES_PENDING, before)

    certificate = tmp_path / "certificate.json"
    erased = services.interlace("erase", PERSON, "--certificate", str(certificate), "--yes", "--json")
    assert erased.code == ExitCode.OK
    assert known(services.state) == set()
    assert "uwe.nagel" in b"".join(contents_of(services.state).values()).decode(errors="replace")
    (told,) = msgspec.json.decode(certificate.read_bytes())
    assert (told["erp_key"], told["crm_key"], told["is_overwritten"]) == (PERSON, partner, True)
    assert told["entries"] == looked.objects[0]["entries"] > 1
    assert not any(value in certificate.read_text(encoding="utf-8") for value in VALUES)
    assert services.interlace("journal", "verify").code == ExitCode.OK
    assert "tells of no record" in refusal()
    shown = services.interlace("journal", "show", PERSON, "--json").objects
    assert not any(each[part] for each in shown for part in ("before", "after", "lost"))
    assert (shown[0]["erased"], shown[-1]["action"]) == (True, "erase")

    assert services.interlace("backup", "erase", str(backup), "--passphrase-file", str(passphrase)).code == 0
    restored = tmp_path / "restored"
    restore_backup(backup, restored, passphrase.read_text(encoding="utf-8"))
    assert known(restored) == set()
    assert run_program(["journal", "verify", "--state", str(restored)]) == ExitCode.OK


def test_what_an_erasure_left_can_be_changed_no_more_than_anything_else(services: TwoServices) -> None:
    """Neither an emptied entry, nor the entry that tells of it, nor an emptied line of a file."""
    assert services.interlace("conflicts", "resolve", PERSON, "--choose", "erp").code == ExitCode.OK
    services.delete("CONTACT", Side.CRM, services.partner("CONTACT", PERSON))
    services.delete("CONTACT", Side.ERP, PERSON)
    services.interlace("synch", "CONTACT")
    (erased,) = services.interlace("erase", PERSON, "--yes", "--json").objects[:1]
    assert erased["lines"] > 0
    (database,) = services.state.glob("interlace.db")
    last = erased["journal_entry"]

    def first_wrong_after(sql: str) -> int | None:
        """Change the journal, verify it, and change it back."""
        with closing(sqlite3.connect(database)) as connection:
            held = connection.execute("SELECT sequence, entry FROM journal").fetchall()
            with connection:
                assert connection.execute(sql).rowcount == 1
            verified = services.interlace("journal", "verify", "--json").only
            with connection:
                connection.executemany(
                    "UPDATE journal SET entry = ? WHERE sequence = ?", [(b, a) for a, b in held]
                )
        found: int | None = verified["first_wrong"]
        return found

    number = services.interlace("journal", "show", PERSON, "--json").objects[0]["sequence"]
    change = "UPDATE journal SET entry = replace(entry, '{}', '{}') WHERE sequence = {}"
    assert first_wrong_after(change.format('"after":{', '"after":{"a":"b"', number)) == number
    assert first_wrong_after(change.format("contact", "Contact", number)) is None
    assert first_wrong_after(change.format('"digest":"', '"digest":"0', last)) is not None
    path = next(
        each for each in services.state.glob("journal/*.jsonl") if b'"erased":true' in each.read_bytes()
    )
    path.write_bytes(path.read_bytes().replace(b'"erased":true}', b'"erased":null}', 1))
    verified = services.interlace("journal", "verify", "--json").only
    assert [each["first_wrong"] for each in verified["files"] if each["file"] == path.name] != [None]


def test_a_person_is_erased_by_the_desk(services: TwoServices) -> None:
    """What the page looks for says first why not; then it is erased, told of, and gone."""
    look = FindErasable(connection=NAME, key=PERSON)
    with server_at(services.state) as (server, _):
        desk = open_desk(server, open_accounts(server.application.state, AccountRules(hasher=cheap_hasher())))

        assert "is still in the ERP" in asyncio.run(desk.perform(erasing.FIND, ANA, look)).why_not
        services.delete("CONTACT", Side.CRM, services.partner("CONTACT", PERSON))
        services.delete("CONTACT", Side.ERP, PERSON)
        services.interlace("synch", "CONTACT")
        (found,) = asyncio.run(desk.perform(erasing.FIND, ANA, look)).records
        erased = asyncio.run(desk.perform(erasing.ERASE, ANA, Erase(connection=NAME, key=PERSON)))
        assert erased.message.startswith("The record is erased")
        shown = asyncio.run(desk.perform(journal.SHOW, ANA, ShowJournal(connection=NAME, key=PERSON))).writes
        assert (shown[0].is_erased, shown[0].fields, shown[-1].action) == (True, (), "erase")
        (told,) = asyncio.run(desk.perform(erasing.LIST, ANA, ListErasures(connection=NAME))).erasures
        assert (told.erp_key, told.entries, told.erased_by) == (PERSON, found.entries, ANA.name)
        assert "tells of no record" in asyncio.run(desk.perform(erasing.FIND, ANA, look)).why_not
