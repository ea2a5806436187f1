"""The outside world behind small protocols, and the two ways in which it fails."""


class ServiceRefusedError(Exception):
    """The service understood the request and will not do it: trying again is pointless."""


class ServiceUnavailableError(Exception):
    """The service did not answer, or not now: the effect is unknown, trying again is safe."""
