"""What browsers say about themselves: plausible headers for desktops, phones and programs.

The templates are those that browsers have frozen (User-Agent reduction): of a version only the first number tells
anything, and of a phone its name at most.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Final

DESKTOP: Final = 0
MOBILE: Final = 1
PROGRAM: Final = 2

_CHROME = range(128, 147)
_FIREFOX = range(128, 147)
_SAFARI = ("17.4", "17.5", "17.6", "18.0", "18.1", "18.2", "18.3", "18.4", "18.5", "18.6", "26.0", "26.1")
_DESKTOPS = ("Windows NT 10.0; Win64; x64", "Macintosh; Intel Mac OS X 10_15_7", "X11; Linux x86_64")
_PHONES = ("K", "SM-S911B", "SM-S921B", "SM-A546B", "Pixel 7", "Pixel 8", "Pixel 9", "2201117TY")
_WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"
_SAFARI_WEBKIT = "AppleWebKit/605.1.15 (KHTML, like Gecko)"


@cache
def user_agents(family: int) -> tuple[str, ...]:
    """The headers of ``DESKTOP``, ``MOBILE`` or ``PROGRAM``; all different."""
    return tuple((_desktops, _mobiles, _programs)[family]())


def _desktops() -> Iterator[str]:
    for system in _DESKTOPS:
        for version in _CHROME:
            chrome = f"Mozilla/5.0 ({system}) {_WEBKIT} Chrome/{version}.0.0.0 Safari/537.36"
            yield chrome
            yield f"{chrome} Edg/{version}.0.0.0"
            yield f"{chrome} OPR/{version - 15}.0.0.0"
        for version in _FIREFOX:
            shown = system.replace("10_15_7", "10.15")
            yield f"Mozilla/5.0 ({shown}; rv:{version}.0) Gecko/20100101 Firefox/{version}.0"
    for safari in _SAFARI:
        yield f"Mozilla/5.0 ({_DESKTOPS[1]}) {_SAFARI_WEBKIT} Version/{safari} Safari/605.1.15"


def _mobiles() -> Iterator[str]:
    for android in range(10, 16):
        for phone in _PHONES:
            for version in _CHROME:
                system = f"Linux; Android {android}; {phone}"
                yield f"Mozilla/5.0 ({system}) {_WEBKIT} Chrome/{version}.0.0.0 Mobile Safari/537.36"
        for version in _FIREFOX:
            yield f"Mozilla/5.0 (Android {android}; Mobile; rv:{version}.0) Gecko/{version}.0 Firefox/{version}.0"
    for safari in _SAFARI:
        for device, system in (("iPhone", "CPU iPhone OS"), ("iPad", "CPU OS")):
            shown = f"{device}; {system} {safari.replace('.', '_')} like Mac OS X"
            yield f"Mozilla/5.0 ({shown}) {_SAFARI_WEBKIT} Version/{safari} Mobile/15E148 Safari/604.1"
            for version in _CHROME:
                yield f"Mozilla/5.0 ({shown}) {_SAFARI_WEBKIT} CriOS/{version}.0.0.0 Mobile/15E148 Safari/604.1"


def _programs() -> Iterator[str]:
    yield from (f"curl/8.{minor}.{patch}" for minor in range(4, 17) for patch in (0, 1))
    yield from (f"python-requests/2.{minor}.{patch}" for minor in (31, 32) for patch in range(6))
    yield from (f"okhttp/4.{minor}.0" for minor in range(9, 13))
    yield from (f"Go-http-client/{version}" for version in ("1.1", "2.0"))
    yield from (f"PostmanRuntime/7.{minor}.0" for minor in range(36, 50))
    yield "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
    yield "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)"
