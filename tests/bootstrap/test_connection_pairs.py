"""Two connections never join the same ERP company with the same CRM organization."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from tests.bootstrap.serving_ends import application_at

from interlace.bootstrap.application import Application
from interlace.bootstrap.change_connection import apply_change
from interlace.bootstrap.connection_pairs import require_own_pair
from interlace.bootstrap.connection_settings import ConnectionProblem, ConnectionSettings

SETTINGS = ConnectionSettings(
    name="north",
    erp_address="https://erp.example.com/BC",
    erp_company="Nordlicht AS",
    erp_user="INTERLACE",
    crm_address="https://nordlicht.crm4.dynamics.com",
    crm_token_url="https://login.microsoftonline.com/T/oauth2/v2.0/token",
    crm_client_id="client",
)
SECRETS = {"erp_key": "k", "crm_secret": "s"}


@pytest.fixture
def application(tmp_path: Path) -> Iterator[Application]:
    """A state directory with one connection."""
    with application_at(tmp_path) as opened:
        opened.add_connection(SETTINGS, SECRETS)
        yield opened


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"erp_company": "NORDLICHT  as"},
        {"erp_address": "https://ERP.example.com/bc/"},
        {
            "erp_address": "https://other.example.com/BC",
            "erp_company_id": "1b",
            "crm_organization_id": "2c",
        },
    ],
)
def test_the_same_pair_in_any_spelling_is_refused_by_the_other_connections_name(
    changes: dict[str, str],
) -> None:
    """By address, company and organization, or by the ids that both services gave."""
    held = replace(SETTINGS, erp_company_id="1B", crm_organization_id="2c")
    with pytest.raises(ConnectionProblem, match="The connection north joins the company Nordlicht AS"):
        require_own_pair(ConnectionSettings.load({**SETTINGS.dump(), **changes, "name": "south"}), [held])


@pytest.mark.parametrize(
    "changes",
    [{"erp_company": "Sydlicht"}, {"crm_address": "https://sydlicht.crm4.dynamics.com"}, {"erp_company": ""}],
)
def test_another_company_or_organization_is_another_pair(changes: dict[str, str]) -> None:
    """One company may meet two organizations, and the other way round; what is blank is nobody's."""
    changed = ConnectionSettings.load({**SETTINGS.dump(), **changes})
    require_own_pair(changed, [SETTINGS, replace(SETTINGS, erp_company="")])


def test_neither_a_new_connection_nor_a_changed_one_takes_the_pair_of_another(
    application: Application,
) -> None:
    """Nothing of it is kept then; a connection's own pair is no obstacle to it."""
    with pytest.raises(ConnectionProblem, match="Go on with that one"):
        application.add_connection(replace(SETTINGS, name="south"), SECRETS)
    south = application.add_connection(replace(SETTINGS, name="south", erp_company="Sydlicht"), SECRETS)
    with pytest.raises(ConnectionProblem, match="The connection north"):
        apply_change(application, south, {"erp_company": "Nordlicht AS"}, {})
    assert application.connection("south").settings.erp_company == "Sydlicht"
    north = apply_change(application, application.connection("north"), {"erp_company": "Nordlicht AS"}, {})
    assert north.settings.erp_company == "Nordlicht AS"
