"""Copied into a rendered project as `dev/bench`: what is measured there, with its own Python."""
