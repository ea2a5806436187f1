"""What the template and its workers cost, measured (`make bench`)."""
