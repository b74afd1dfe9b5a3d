"""E-mail addresses, web addresses and @handles in text."""

from __future__ import annotations

import re

from datamask.masking.scan.finding import Finding

# RFC 5321 allows 64 bytes before the @ and 253 behind it.
_LOCAL_LENGTH, _HOST_LENGTH = 64, 253

# Read from the @ backwards. Characters that open or delimit an address in text are none of it.
_LOCAL = re.compile(rb"[A-Za-z0-9._%+'~#!$*^-]+")
_EDGES = b"._%+'~#!$*^-"
_HOST = re.compile(rb"[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*")
_WIDE_LOCAL = re.compile(r"[\w.%+'~#!$*^-]+\Z")
_WIDE_HOST = re.compile(r"[\w-]+(?:\.[\w-]+)*")
# Behind a blank, and followed by a character that no address goes on with: most are so.
_PLAIN = re.compile(
    rb"([A-Za-z0-9][A-Za-z0-9._%+-]*)@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z0-9]+(?=[ ,;:!?)\n\r\0]|\.[ \n\r\0])"
)
_QUOTED = re.compile(rb'"[^"\\\x00-\x1f@]+"')
_HANDLE = re.compile(rb"[A-Za-z_][A-Za-z0-9_]*(?:[.-][A-Za-z0-9_]+)*")
_WORD = re.compile(rb"[A-Za-z0-9_]")

_SCHEME = re.compile(rb"[A-Za-z][A-Za-z0-9+.-]*")
# No blank, no quote or bracket, and no punctuation outside of ASCII.
_REST = re.compile(rb"(?:[!#-;=?-\[\]_a-z~]++|(?!\xe2\x80|\xc2[\xa0\xab\xbb]|\xe3\x80)[\x80-\xff])++")
_ENDS = frozenset(bytes([char]) for char in b".,;:!?'*_)]")
_PAIRS = {b")": b"(", b"]": b"["}

# What chats and documentation write behind an @ without meaning anybody.
_NOBODY = frozenset(
    b"here channel all everyone team media import charset keyframes override deprecated param params return "
    b"returns throws see author since test override property classmethod staticmethod dataclass".split()
)


def email_at(text: bytes, at: int) -> Finding | None:
    """The e-mail address around the ``@`` at a place."""
    blank = text.rfind(b" ", max(0, at - _LOCAL_LENGTH), at)
    if blank >= 0:
        plain = _PLAIN.match(text, blank + 1, at + 1 + _HOST_LENGTH)
        if plain and plain.end(1) == at:
            return Finding(blank + 1, plain.end(), "email")
    local = _LOCAL.match(text[max(0, at - _LOCAL_LENGTH) : at][::-1])
    host = _HOST.match(text, at + 1, at + 1 + _HOST_LENGTH)
    if local and host:
        start, end = at - local.end(), host.end()
        # Letters outside of ASCII, or quotes, may go on where it ends.
        if (not start or text[start - 1] < 0x80) and text[end] < 0x80:
            return _email(local[0][::-1].lstrip(_EDGES), host[0].rstrip(b"-"), at)
    return _quoted_email(text, at) or _wide_email(text, at)


def _email(name: bytes, host: bytes, at: int) -> Finding | None:
    # An address in a house of its own: maria@intranet.
    inside = b"." in host or (name[:1].isalpha() and len(host) > 1 and host[:1].isalpha())
    if not name or not host or not inside:
        return None
    return Finding(at - len(name), at + 1 + len(host), "email")


def _quoted_email(text: bytes, at: int) -> Finding | None:
    if text[at - 1 : at] != b'"':
        return None
    opening = text.rfind(b'"', max(0, at - _LOCAL_LENGTH), at - 1)
    host = _HOST.match(text, at + 1, at + 1 + _HOST_LENGTH)
    if opening < 0 or host is None or b"." not in host[0] or not _QUOTED.fullmatch(text, opening, at):
        return None
    return Finding(opening, at + 1 + len(host[0].rstrip(b"-")), "email")


def _wide_email(text: bytes, at: int) -> Finding | None:
    before = text[max(0, at - 2 * _LOCAL_LENGTH) : at].decode(errors="ignore")
    behind = text[at + 1 : at + 1 + 2 * _HOST_LENGTH].decode(errors="ignore")
    local, host = _WIDE_LOCAL.search(before), _WIDE_HOST.match(behind)
    if local is None or host is None:
        return None
    return _email(local[0].lstrip(_EDGES.decode()).encode(), host[0].rstrip("-").encode(), at)


def handle_at(text: bytes, at: int) -> Finding | None:
    """The name behind an ``@`` that no address stands before; the ``@`` is no part of it."""
    if _WORD.match(text, at - 1, at) or text[at - 1 : at] >= b"\x80":
        return None
    name = _HANDLE.match(text, at + 1, at + 1 + _LOCAL_LENGTH)
    if name is None or len(name[0]) < 2 or name[0].lower() in _NOBODY:
        return None
    return Finding(at + 1, name.end(), "handle")


def url_at(text: bytes, colon: int) -> Finding | None:
    """The web address around the ``://`` at a place."""
    scheme = _SCHEME.match(text[max(0, colon - 16) : colon][::-1])
    rest = _rest(text, colon + 3)
    if scheme is None or not rest:
        return None
    # Read backwards, a scheme may not end with a digit or a sign.
    start = colon - len(scheme[0])
    while not text[start : start + 1].isalpha():
        start += 1
    return Finding(start, colon + 3 + len(rest), "url")


def www_at(text: bytes, start: int) -> Finding | None:
    """The web address that begins with ``www.`` at a place."""
    if text[start + 3 : start + 4] != b"." or _WORD.match(text, start - 1, start):
        return None
    rest = _rest(text, start + 4)
    return Finding(start, start + 4 + len(rest), "url") if b"." in rest else None


def _rest(text: bytes, start: int) -> bytes:
    match = _REST.match(text, start)
    if match is None:
        return b""
    rest = match[0]
    while rest[-1:] in _ENDS:
        last = rest[-1:]
        if last in _PAIRS and rest.count(_PAIRS[last]) >= rest.count(last):
            break
        rest = rest[:-1]
    return rest
