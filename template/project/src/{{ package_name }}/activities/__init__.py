"""What the workflows do to the outside world: one class of activities a domain."""
