"""The embedded ERP service: API v2.0 and OData V4 page web services over one persistent company."""

from interlace.sandbox.erp.application_server import ErpSandbox, ErpSandboxOptions, create_erp_sandbox
from interlace.sandbox.erp.row_loading import load_rows

__all__ = ["ErpSandbox", "ErpSandboxOptions", "create_erp_sandbox", "load_rows"]
