"""Durable workflows on Temporal, one domain beside the other."""
