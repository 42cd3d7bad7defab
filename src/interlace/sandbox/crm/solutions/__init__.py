"""Solutions of the CRM: packages are read, applied to the organization, upgraded and taken away again."""
