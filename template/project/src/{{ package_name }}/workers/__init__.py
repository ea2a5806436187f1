"""One worker a domain, each on its own task queue and in its own process."""
