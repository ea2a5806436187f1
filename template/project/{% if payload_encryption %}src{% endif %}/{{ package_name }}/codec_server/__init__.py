"""Payloads for people: a server that Temporal's UI and CLI ask to decrypt them."""
