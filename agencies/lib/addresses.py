"""From which address a request comes, as far as that can be known."""

from ipaddress import IPv4Address, IPv6Address, ip_address

from django.conf import settings
from django.http import HttpRequest

Address = IPv4Address | IPv6Address

FORWARDED = ("X-Forwarded-For", "Forwarded", "X-Real-IP")
HALF = 64  # a household or an office gets a whole /64 of IPv6, and may use any address of it


def origin_of(request: HttpRequest) -> str | None:
    """The address that tries are counted by, or the network of an IPv6 address; None when nobody can say.

    A proxy in TRUSTED_PROXIES is believed. One that was not declared is known only by being on this machine: to count
    by its address would be to take a whole city for one visitor. Whatever any other peer says is not looked at.
    """
    peer = _parsed(request.META.get("REMOTE_ADDR", ""))
    if peer is None:
        return None
    if _is_trusted(peer):
        return _origin(_forwarded(request))
    is_undeclared = peer.is_loopback and any(name in request.headers for name in FORWARDED)
    return None if is_undeclared else _origin(peer)


def _forwarded(request: HttpRequest) -> Address | None:
    """The last address that is not a trusted proxy's own: what stands before it is what the visitor claims."""
    for entry in reversed(request.headers.get("X-Forwarded-For", "").split(",")):
        address = _parsed(entry)
        if address is None or not _is_trusted(address):
            return address
    return None


def _parsed(text: str) -> Address | None:
    """An address as a socket or a proxy writes it, with a port or without."""
    text = text.strip()
    if text.startswith("["):  # [2001:db8::1]:443
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:  # 192.0.2.1:443; more colons are IPv6 without a port
        text = text.partition(":")[0]
    try:
        address = ip_address(text)
    except ValueError:  # a unix socket has none, and a proxy may say "unknown"
        return None
    # A socket for both families sees an IPv4 peer as ::ffff:192.0.2.1.
    return getattr(address, "ipv4_mapped", None) or address


def _is_trusted(address: Address) -> bool:
    return any(address in network for network in settings.TRUSTED_PROXIES)


def _origin(address: Address | None) -> str | None:
    if isinstance(address, IPv6Address):
        return f"{IPv6Address(int(address) >> HALF << HALF)}/{HALF}"
    return str(address) if address else None
