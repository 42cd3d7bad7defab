"""Interlace keeps an ERP and a CRM in step."""
