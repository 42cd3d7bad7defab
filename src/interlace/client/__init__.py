"""A typed client of the management API: `Client(address, key).ask(conflicts.LIST, ListConflicts(connection="main"))`.

It asks the declared operations of a running Interlace, with an access key, and answers their declared values.
"""
