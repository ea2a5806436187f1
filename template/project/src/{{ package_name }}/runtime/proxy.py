"""The way to Temporal through an HTTP proxy. The SDK asks no variable for it, so ours says where it is."""

import os
import re
from urllib.parse import unquote

from temporalio.service import HttpConnectProxyConfig

TEMPORAL_PROXY = "TEMPORAL_PROXY"
"""Names the proxy, as http://proxy.example.com:3128 or http://user:password@proxy.example.com:3128."""

URL = re.compile(
    r"http://(?:(?P<user>[^\s:@/?#]+):(?P<password>[^\s@/?#]*)@)?"
    r"(?P<address>(?:[\w.-]+|\[[0-9a-fA-F:.]+\]):(?P<port>[1-9]\d{0,4}))/?"
)

HERE = re.compile(r"(localhost|127\.[\d.]+|\[::1\]):\d+")


def proxy_to(address: str) -> HttpConnectProxyConfig | None:
    """The proxy on the way to a server, if there is one; a server on this machine is reached without.

    Raises ValueError if what the variable says is no address of a proxy; the message repeats nothing
    of it, since it may hold a password.
    """
    url = os.environ.get(TEMPORAL_PROXY, "")
    if not url:
        return None
    found = URL.fullmatch(url)
    if not found or int(found["port"]) > 65_535:  # noqa: PLR2004 -- the highest port
        raise ValueError(
            f"{TEMPORAL_PROXY} is to be http://host:port or http://user:password@host:port, with "
            "%40 for an @ in the password and the like"
        )
    if HERE.fullmatch(address):
        return None
    user, password = found["user"], found["password"]
    login = (unquote(user), unquote(password)) if user else None
    return HttpConnectProxyConfig(found["address"], login)
