"""Addresses of networks and devices in text: IPv6, MAC, UUID. IPv4 is among the numbers."""

from __future__ import annotations

import re
import socket

from datamask.masking.scan.finding import Finding

_WORD = re.compile(rb"[A-Za-z0-9_]")
_MAC = re.compile(rb"[0-9A-Fa-f]{2}([:-])(?:[0-9A-Fa-f]{2}\1){4}[0-9A-Fa-f]{2}(?![0-9A-Fa-f:_-])")
_UUID = re.compile(rb"[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}(?![0-9A-Za-z_-])")
_HEX_BACKWARDS = re.compile(rb"[0-9A-Fa-f]{0,4}")
_V6 = re.compile(rb"[0-9A-Fa-f:]{2,39}(?:(?:\.\d{1,3}){3})?")


def mac_at(text: bytes, start: int) -> Finding | None:
    """The MAC address that begins at a place."""
    match = _MAC.match(text, start)
    if match is None or _WORD.match(text, start - 1, start) or text[start - 1 : start] in (b"-", b":"):
        return None
    return Finding(start, match.end(), "mac")


def uuid_at(text: bytes, start: int) -> Finding | None:
    """The UUID that begins at a place."""
    match = _UUID.match(text, start)
    if match is None or _WORD.match(text, start - 1, start):
        return None
    return Finding(start, match.end(), "uuid")


def colon_group_at(text: bytes, colon: int) -> Finding | None:
    """The MAC or IPv6 address whose first colon stands at a place."""
    mac = mac_at(text, colon - 2)
    if mac:
        return mac
    digits = _HEX_BACKWARDS.match(text[max(0, colon - 4) : colon][::-1])
    start = colon - (len(digits[0]) if digits else 0)
    if _WORD.match(text, start - 1, start):
        return None
    match = _V6.match(text, start)
    if match is None:
        return None
    # What ends a sentence is no part of it.
    address = match[0] if match[0].endswith(b"::") else match[0].rstrip(b":")
    if _WORD.match(text, start + len(address)) or not _is_v6(address):
        return None
    return Finding(start, start + len(address), "ip")


def _is_v6(address: bytes) -> bool:
    # "a::b" may be anything: a name in C++, say. Addresses that point at anybody are longer.
    if len(address) < 6 or not any(48 <= char < 58 for char in address):
        return False
    try:
        socket.inet_pton(socket.AF_INET6, address.decode())
    except OSError:
        return False
    return True
