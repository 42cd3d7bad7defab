"""What an embedded service announces when it is ready: where it answers, and as whom to sign in.

Secrets are told only while they hold: those that somebody has changed since are his.
"""

from interlace.sandbox.crm.sandbox import CrmSandbox
from interlace.sandbox.erp.application_server import ErpSandbox
from interlace.sandbox.identity import Directory
from interlace.sandbox.identity.founding import INTEGRATION_CLIENT_ID, INTEGRATION_SECRET
from interlace.sandbox.identity.registrations import password_fits
from interlace.sandbox.windows_accounts import (
    ADMINISTRATOR_ACCOUNT,
    INTEGRATION_ACCOUNT,
    PASSWORD,
    windows_name,
)


def erp_facts(erp: ErpSandbox, address: str) -> dict[str, str]:
    """The facts of the ERP."""
    directory = erp.identity.directory
    return {
        "erp_address": f"{address}/BC",
        "erp_company": erp.company.name,
        "erp_user": "INTERLACE",
        "erp_access_key": erp.access_key,
        "erp_authority": f"{address}/{directory.tenant.tenant_id}",
        "erp_client_id": INTEGRATION_CLIENT_ID,
        "erp_client_secret": _secret(directory, INTEGRATION_CLIENT_ID, INTEGRATION_SECRET),
    }


def crm_facts(crm: CrmSandbox, address: str) -> dict[str, str]:
    """The facts of the CRM."""
    directory, options = crm.identity.directory, crm.options
    authority = f"{address}/{directory.tenant.tenant_id}"
    administration = options.administrator_client_id
    return {
        "crm_address": f"{address}/{options.organization}" if options.organization else address,
        "crm_token_url": f"{authority}/oauth2/v2.0/token",
        "crm_authority": authority,
        "crm_client_id": options.client_id,
        "crm_client_secret": _secret(directory, options.client_id, options.client_secret),
        "crm_public_client_id": options.public_client_id,
        "crm_administrator": options.administrator_email,
        "crm_administrator_password": _password(
            directory, options.administrator_email, options.administrator_password
        ),
        "crm_administrator_client_id": administration,
        "crm_administrator_client_secret": _secret(
            directory, administration, options.administrator_client_secret
        ),
        "crm_sales_app": f"{address}/app/",
        "crm_sales_app_password": options.sales_app_password,
    }


def windows_facts() -> dict[str, str]:
    """The Windows accounts that the services know from their beginning."""
    return {
        "windows_account": windows_name(INTEGRATION_ACCOUNT),
        "windows_administrator": windows_name(ADMINISTRATOR_ACCOUNT),
        "windows_password": PASSWORD,
    }


def _secret(directory: Directory, client_id: str, secret: str) -> str:
    held = directory.application(client_id)
    return secret if held is not None and held.accepts(secret, directory.now()) else ""


def _password(directory: Directory, name: str, password: str) -> str:
    held = directory.person(name)
    return password if held is not None and password_fits(password, held.password) else ""
