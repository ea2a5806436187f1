"""How programs reach Temporal, and how they start the workflows of each domain."""
