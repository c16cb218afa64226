"""Which hosts are this machine. Pure: no name is looked up."""

from __future__ import annotations

import ipaddress
from functools import lru_cache


def is_this_machine(host: str) -> bool:
    """Whether a host is this machine: by its own name, or by a loopback address."""
    return host == "localhost" or is_loopback(host)


@lru_cache(1024)  # asked for each request
def is_loopback(address: str) -> bool:
    """Whether that is a loopback address in digits; a name never is, whatever it leads to."""
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False
