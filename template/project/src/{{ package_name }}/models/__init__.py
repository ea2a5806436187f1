"""Inputs and results: typed, validated, immutable."""
