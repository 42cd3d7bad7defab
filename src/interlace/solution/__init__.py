"""The integration solution: plain files in `sources`, and the package that the CRM imports, built from them."""
