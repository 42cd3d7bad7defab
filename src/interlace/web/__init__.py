"""The web client and the management API: two doors to the same desk."""
