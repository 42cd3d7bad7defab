"""The embedded CRM service: Dataverse Web API v9.2."""
