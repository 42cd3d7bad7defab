"""What people and programs may ask of a running Interlace: one declared operation for each thing, with its permission.

Pages, the management API, its typed client and the command line against a remote server are all made from these
declarations, so none of them can do what another can't, or what its user may not.
"""
