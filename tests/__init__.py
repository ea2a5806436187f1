"""The suite of the template."""
