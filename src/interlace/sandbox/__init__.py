"""The embedded ERP and CRM services: ordinary OData services with persistent storage."""
