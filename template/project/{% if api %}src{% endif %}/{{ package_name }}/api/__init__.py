"""The HTTP interface of the domains: a process of its own, which starts and asks but runs no workflow."""
