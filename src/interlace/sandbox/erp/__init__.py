"""The embedded ERP service: API v2.0 and OData V4 page web services."""
