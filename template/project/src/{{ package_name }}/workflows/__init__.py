"""What happens in which order: one workflow a file, deterministic code only."""
