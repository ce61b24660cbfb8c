"""The protocol of dispatchers, which the client and the server share."""
