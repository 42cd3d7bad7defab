"""The default mappings of the lead-to-cash path, as plain values.

They may know tables, fields and rules; they must not know how records are read, decided about or written.
"""

from interlace.lead_to_cash.default_mappings import DEFAULT_MAPPINGS

__all__ = ["DEFAULT_MAPPINGS"]
