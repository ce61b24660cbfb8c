"""The backend that uses an ODA/MMODA dispatcher over HTTP."""
