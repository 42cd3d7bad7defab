"""OData v4 as sans-IO values, for the client's and the server's role alike."""
