"""Addresses and names in use online: email, username, url."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from datamask.errors import PolicyError
from datamask.masking.model import JSONValue
from datamask.masking.params import Param, flag, text
from datamask.masking.pools import fitting, plain_names
from datamask.masking.prf import Prf
from datamask.masking.text import Words, strings
from datamask.masking.tokens import TOKEN_BITS, pick, token
from datamask.masking.transform import INJECTIVE_BITS, Binding, Case, Laws, MaskFunction, Transform

_HOST = re.compile(r"(?=.{1,253}\Z)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*")
# 13 characters of base32 are 65 bits.
_TOKEN = 13
_NAME, _SHORTEST_NAME = 12, 3
_LONGEST_DOMAIN = 253


@dataclass(frozen=True, slots=True)
class _Layout:
    """A result's parts: a name and what separates it, a token, fixed text around the token.

    A narrow column first loses letters of the name, then the name, then characters of the token;
    where not even one is left, the fixed text.
    """

    name: int
    separator: str
    head: str
    token: int
    tail: str

    @classmethod
    def of(cls, limit: int | None, *, separator: str = "", head: str = "", tail: str = "") -> _Layout:
        if limit is None:
            return cls(_NAME if separator else 0, separator, head, _TOKEN, tail)
        room = limit - len(head) - len(tail)
        name = min(_NAME, room - _TOKEN - 1)
        if separator and name >= _SHORTEST_NAME:
            return cls(name, separator, head, _TOKEN, tail)
        if room >= 1:
            return cls(0, "", head, min(_TOKEN, room), tail)
        return cls(0, "", "", min(_TOKEN, limit), "")

    @property
    def length(self) -> int:
        """Characters of the longest result."""
        return self.name + len(self.separator) + len(self.head) + self.token + len(self.tail)

    @property
    def laws(self) -> Laws:
        """What the token's bits make certain."""
        bits = TOKEN_BITS * self.token
        injective = bits >= INJECTIVE_BITS
        return Laws(injective=injective, max_length=self.length, collision_bits=bits if injective else None)

    def bind(self, prf: Prf) -> MaskFunction:
        """The function that fills the layout."""
        head, tail = self.head.encode(), self.tail.encode()

        def fixed_width(tags: Words) -> pl.Series:
            start, stop = len(head), len(head) + self.token
            rows = np.empty((len(tags), stop + len(tail)), dtype=np.uint8)
            rows[:, :start] = np.frombuffer(head, dtype=np.uint8)
            rows[:, start:stop] = token(tags, self.token)
            rows[:, stop:] = np.frombuffer(tail, dtype=np.uint8)
            return strings(rows)

        if not self.name:
            return lambda values, _: fixed_width(prf.wide(values))
        plain = fitting(plain_names(_NAME), self.name)
        names = pl.Series(values=[name + self.separator for name in plain], dtype=pl.String)

        def named(values: pl.Series, _: object) -> pl.Series:
            tags = prf.wide(values)
            # The token is made of the tag's first 13 bytes: the name hangs on what comes after.
            name = names.gather(pick(tags[:, 1], len(plain)))
            return pl.select(pl.concat_str(name, fixed_width(tags))).to_series()

        return named


class Email(Transform):
    """``name.token@domain``: a first name, and 65 bits of keyed hash that keep addresses apart."""

    name = "email"
    summary = "an address at example.com, a different one for each value"
    params = (
        Param("domain", "text", "example.com", "the domain of the results; nobody owns example.com"),
        Param("keep_domain", "boolean", False, "the value's own domain stays, where the column has the room"),
    )
    kinds = frozenset(("text",))
    cost = 100

    def validate(self, params: Mapping[str, JSONValue]) -> dict[str, JSONValue]:
        """Refuses a domain that is no host name."""
        return _with_host(self.name, "domain", super().validate(params))

    def column_laws(self, case: Case) -> Laws:
        """The token's bits make it injective."""
        laws = _email(case).laws
        if not flag(case.params, "keep_domain"):
            return laws
        longest = _NAME + 1 + _TOKEN + 1 + _LONGEST_DOMAIN
        return Laws(
            injective=laws.injective,
            max_length=min(longest, case.type.max_length or longest),
            copy_safe=False,
            collision_bits=laws.collision_bits,
        )

    def bind(self, binding: Binding) -> MaskFunction:
        """The function for one column."""
        prf, limit = binding.prf(self.name), binding.mask.type.max_length
        whole = _email(Case(binding.params, binding.mask.type)).bind(prf)
        if not flag(binding.params, "keep_domain"):
            return whole
        layout = _Layout.of(None, separator=".")
        local = layout.bind(prf)
        room = _LONGEST_DOMAIN + 1 if limit is None else min(_LONGEST_DOMAIN + 1, limit - layout.length)
        kept = pl.col("value").str.extract(r"(@[^@\s]+)$")
        fits = kept.str.len_chars().cast(pl.Int64) <= room

        def masked(values: pl.Series, row: Mapping[str, pl.Series]) -> pl.Series:
            frame = pl.DataFrame({"whole": whole(values, row), "local": local(values, row), "value": values})
            return frame.select(pl.when(fits).then(pl.col("local") + kept).otherwise("whole")).to_series()

        return masked


class Username(Transform):
    """``name_token``: a first name, and 65 bits of keyed hash that keep names apart."""

    name = "username"
    summary = "a user name, a different one for each value"
    kinds = frozenset(("text",))
    cost = 90

    def column_laws(self, case: Case) -> Laws:
        """The token's bits make it injective."""
        return _Layout.of(case.type.max_length, separator="_").laws

    def bind(self, binding: Binding) -> MaskFunction:
        """The function for one column."""
        return _Layout.of(binding.mask.type.max_length, separator="_").bind(binding.prf(self.name))


class Url(Transform):
    """``https://host/token``: nothing of the value stays, 65 bits of keyed hash keep values apart."""

    name = "url"
    summary = "an address below https://example.com/, a different one for each value"
    params = (Param("host", "text", "example.com", "the host of the results; nobody owns example.com"),)
    kinds = frozenset(("text",))
    cost = 70

    def validate(self, params: Mapping[str, JSONValue]) -> dict[str, JSONValue]:
        """Refuses a host that is no host name."""
        return _with_host(self.name, "host", super().validate(params))

    def column_laws(self, case: Case) -> Laws:
        """The token's bits make it injective."""
        return _url(case).laws

    def bind(self, binding: Binding) -> MaskFunction:
        """The function for one column."""
        return _url(Case(binding.params, binding.mask.type)).bind(binding.prf(self.name))


def _email(case: Case) -> _Layout:
    return _Layout.of(case.type.max_length, separator=".", tail="@" + text(case.params, "domain"))


def _url(case: Case) -> _Layout:
    return _Layout.of(case.type.max_length, head=f"https://{text(case.params, 'host')}/")


def _with_host(transform: str, name: str, params: dict[str, JSONValue]) -> dict[str, JSONValue]:
    if not _HOST.fullmatch(text(params, name)):
        raise PolicyError(f"{transform}: {name} must be a host name in lower case, such as example.com")
    return params
