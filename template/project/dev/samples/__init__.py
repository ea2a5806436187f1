"""Sample inputs of each domain."""
