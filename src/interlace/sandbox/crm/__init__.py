"""The embedded CRM: the Dataverse Web API over a persistent store."""

from interlace.sandbox.crm.first_start import SalesUser
from interlace.sandbox.crm.sandbox import CrmSandbox, SandboxOptions, create_crm_sandbox

__all__ = ["CrmSandbox", "SalesUser", "SandboxOptions", "create_crm_sandbox"]
