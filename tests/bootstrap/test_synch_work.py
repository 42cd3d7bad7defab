"""What a background job's requests are made for."""

from pathlib import Path

import pytest

from interlace.bootstrap.application import Application
from interlace.bootstrap.connection_settings import ConnectionSettings
from interlace.bootstrap.synch_work import EngineSynchWork
from interlace.connectors.purpose import Purpose
from interlace.domain.job_queue_entry import JobQueueEntry, JobQueueEntryKind, JobQueueEntryStatus
from interlace.domain.keys import MappingName
from interlace.settings import load_config


@pytest.mark.parametrize(
    ("entry_id", "kind", "purpose"),
    [
        ("run", JobQueueEntryKind.SYNCH_MAPPING, Purpose.REQUESTED),
        ("synch:main:CUSTOMER", JobQueueEntryKind.RECURRING, Purpose.RECURRING),
    ],
)
def test_what_a_person_started_goes_before_recurring_runs(
    tmp_path: Path, entry_id: str, kind: JobQueueEntryKind, purpose: Purpose
) -> None:
    """A run that has an entry of its own was started by a person; recurring runs share the schedule's."""
    config = load_config(environment={}, overrides={"state.directory": str(tmp_path)})
    with Application(config) as application:
        settings = ConnectionSettings(
            name="main",
            erp_address="https://erp.example/BC",
            erp_company="Nordlicht",
            erp_user="INTERLACE",
            crm_address="https://crm.example",
            crm_token_url="https://crm.example/token",
            crm_client_id="client",
        )
        connection = application.add_connection(settings, {})
        application.state.job_queue_entries.store(
            JobQueueEntry(
                id=entry_id,
                connection_id=connection.id,
                kind=kind,
                mapping=MappingName("CUSTOMER"),
                run_id=entry_id,
                status=JobQueueEntryStatus.IN_PROCESS,
            )
        )
        assert EngineSynchWork(application)._purpose_of("run") is purpose  # noqa: SLF001 - what requests would show
