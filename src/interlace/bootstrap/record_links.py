"""Where people and programs find a record of either side."""

from urllib.parse import quote

from interlace.bootstrap.connection_settings import ConnectionSettings
from interlace.bootstrap.erp_web_client import record_page, web_client_of
from interlace.connectors.business_central.published_tables import PUBLISHED_TABLES
from interlace.domain.keys import KEY_SEPARATOR

_SERVICES = {each.name: each.service for each in PUBLISHED_TABLES}


def crm_record_link(settings: ConnectionSettings, table: str, key: str) -> str:
    """Return the address at which the CRM shows a record to people."""
    return f"{settings.crm_address}/main.aspx?etn={table}&pagetype=entityrecord&id={quote(key)}"


def erp_record_link(settings: ConnectionSettings, table: str, key: str) -> str:
    """Return the address at which the ERP's web client shows a record to people; blank where none is known."""
    web_client = web_client_of(settings.erp_address, settings.erp_web_client)
    return record_page(web_client, settings.erp_company, table, key)


def erp_resource(settings: ConnectionSettings, table: str, key: str) -> str:
    """Return the address at which programs read an ERP record: that of its page service."""
    company = quote(settings.erp_company.replace("'", "''"), safe="")
    # Pages of one kind of document are addressed without the document's type.
    *_, number = key.split(KEY_SEPARATOR)
    record = quote(number.replace("'", "''"), safe="")
    # A table of a mapping that users added may be called as its page service is.
    service = _SERVICES.get(table, table)
    return f"{settings.erp_address}/ODataV4/Company('{company}')/{service}('{record}')"
