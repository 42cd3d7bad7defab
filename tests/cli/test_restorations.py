"""`interlace restorations`: one banner a restored backup, whatever number of mappings noticed it."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.cli.both_ends import Interlace

from interlace.bootstrap.application import Application
from interlace.cli.restorations import banner, events_of
from interlace.domain.keys import MappingName
from interlace.domain.side import Side
from interlace.settings import load_config
from interlace.store.markers import Restoration

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
CUSTOMER, CONTACT = MappingName("CUSTOMER"), MappingName("CONTACT")


def noticed(mapping: MappingName, side: Side | None, minutes: int) -> Restoration:
    """Make what one mapping noticed some minutes after noon."""
    return Restoration(mapping=mapping, side=side, at=NOON + timedelta(minutes=minutes))


def test_what_several_mappings_notice_is_one_event() -> None:
    """Within an hour, and of the same service; another service, or another day, is another event."""
    found = [noticed(CUSTOMER, Side.CRM, 0), noticed(CONTACT, Side.CRM, 10), noticed(CUSTOMER, Side.ERP, 11)]
    found.append(noticed(CUSTOMER, Side.CRM, 60 * 24))
    events = events_of(found)
    assert [(event.side, sorted(event.mappings)) for event in events] == [
        (Side.CRM, [CUSTOMER]),
        (Side.ERP, [CUSTOMER]),
        (Side.CRM, [CONTACT, CUSTOMER]),
    ]
    assert events[-1].noticed == NOON


def test_banner_says_what_is_left_to_do() -> None:
    """Pairs in doubt and conflicts are named with the command that settles them; without any there is no to-do."""
    [event] = events_of([noticed(CUSTOMER, Side.CRM, 0)])
    assert "interlace conflicts list" in banner(event, 0, 4)
    assert "compared: 312" in banner(event, 312, 0)
    assert "interlace" not in banner(event, 0, 0)


def test_the_command_lists_what_was_noticed(synchronized: Interlace, tmp_path: Path) -> None:
    """The memory's list of restorations is shown with the pairs that are still in doubt."""
    assert "No restored backup" in synchronized("restorations").err
    overrides = {"state.directory": str(tmp_path / "state")}
    with Application(load_config(environment={}, overrides=overrides)) as application:
        store = application.connection_store(application.connection(None))
        pairs = store.count_couplings(CUSTOMER)
        store.note_restored(CUSTOMER, {Side.CRM}, at=NOON)
    row = synchronized("restorations", "--json").only
    assert (row["restored"], row["mappings"], row["doubtful"]) == ("CRM", "CUSTOMER", pairs)
    assert "The CRM seems to have been restored" in row["banner"]
