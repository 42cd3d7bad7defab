"""Business Central and NAV: page web services and API v2.0 as tables."""
