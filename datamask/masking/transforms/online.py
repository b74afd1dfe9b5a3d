"""Addresses and names in use online: email, username, url."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

import polars as pl

from datamask.errors import PolicyError
from datamask.masking import row_names
from datamask.masking.grouped import PoolSet
from datamask.masking.model import JSONValue
from datamask.masking.params import Param, flag, text, texts
from datamask.masking.token_layout import NAME, ROW_NAME, RowName, TokenLayout
from datamask.masking.transform import Binding, Case, Laws, MaskFunction, Transform

_HOST = re.compile(r"(?=.{1,253}\Z)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*")
_LONGEST_DOMAIN = 253
# What stands behind the last @ of a value.
_DOMAIN = r"(@[^@\s]+)$"


class Email(Transform):
    """``name.token@domain``: a first name, and 65 bits of keyed hash that keep addresses apart.

    With ``from`` the name is that which the row's own name columns get: equal values then become equal ones
    beside equal names only. Of ``domains`` one stands for each domain that the values have, so that
    colleagues stay colleagues.
    """

    name = "email"
    summary = "an address at example.com, a different one for each value"
    params = (
        Param("domain", "text", "example.com", "the domain of the results; nobody owns example.com"),
        Param("keep_domain", "boolean", False, "the value's own domain stays, where the column has the room"),
        Param("domains", "texts", None, "domains instead of the one: equal domains become equal ones"),
        row_names.FROM,
    )
    kinds = frozenset(("text",))
    cost = 100

    def validate(self, params: Mapping[str, JSONValue]) -> dict[str, JSONValue]:
        """Refuses a domain that is no host name, and two answers to what becomes of domains."""
        checked = _with_host(self.name, "domain", super().validate(params))
        for domain in texts(checked, "domains"):
            if not _HOST.fullmatch(domain):
                raise PolicyError(
                    "email: domains must be host names in lower case, such as example.com and example.org"
                )
        if texts(checked, "domains") and flag(checked, "keep_domain"):
            raise PolicyError(
                "email: domains and keep_domain contradict each other", hint="leave one of them out"
            )
        return checked

    def reads_masked(self, params: Mapping[str, JSONValue]) -> tuple[str, ...]:
        """The columns named by ``from``."""
        return row_names.columns(params)

    def column_laws(self, case: Case) -> Laws:
        """The token's bits make it injective."""
        laws = _email(case).laws
        if not flag(case.params, "keep_domain"):
            return laws
        longest = _local(case.params).length + 1 + _LONGEST_DOMAIN
        return Laws(
            injective=laws.injective,
            max_length=min(longest, case.type.max_length or longest),
            copy_safe=False,
            collision_bits=laws.collision_bits,
        )

    def bind(self, binding: Binding) -> MaskFunction:
        """The function for one column."""
        prf, limit = binding.prf(self.name), binding.mask.type.max_length
        row_name = _row_name(binding.params)
        layout = _email(Case(binding.params, binding.mask.type))
        whole = layout.bind(prf, row_name)
        if texts(binding.params, "domains") and layout.tail:
            return _among_domains(layout, binding, row_name)
        if not flag(binding.params, "keep_domain"):
            return whole
        unbound = _local(binding.params)
        local = unbound.bind(prf, row_name)
        room = _LONGEST_DOMAIN + 1 if limit is None else min(_LONGEST_DOMAIN + 1, limit - unbound.length)
        kept = pl.col("value").str.extract(_DOMAIN)
        fits = kept.str.len_chars().cast(pl.Int64) <= room

        def masked(values: pl.Series, row: Mapping[str, pl.Series]) -> pl.Series:
            frame = pl.DataFrame({"whole": whole(values, row), "local": local(values, row), "value": values})
            return frame.select(pl.when(fits).then(pl.col("local") + kept).otherwise("whole")).to_series()

        return masked


class Username(Transform):
    """``name_token``: a first name, and 65 bits of keyed hash that keep names apart.

    With ``from`` the name is that which the row's own name columns get: equal values then become equal ones
    beside equal names only.
    """

    name = "username"
    summary = "a user name, a different one for each value"
    params = (row_names.FROM,)
    kinds = frozenset(("text",))
    cost = 90

    def reads_masked(self, params: Mapping[str, JSONValue]) -> tuple[str, ...]:
        """The columns named by ``from``."""
        return row_names.columns(params)

    def column_laws(self, case: Case) -> Laws:
        """The token's bits make it injective."""
        return _username(case).laws

    def bind(self, binding: Binding) -> MaskFunction:
        """The function for one column."""
        layout = _username(Case(binding.params, binding.mask.type))
        return layout.bind(binding.prf(self.name), _row_name(binding.params))


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


def _email(case: Case) -> TokenLayout:
    domain = max(texts(case.params, "domains") or (text(case.params, "domain"),), key=len)
    longest = _longest_name(case.params)
    return TokenLayout.of(case.type.max_length, separator=".", tail=f"@{domain}", longest=longest)


def _local(params: Mapping[str, JSONValue]) -> TokenLayout:
    return TokenLayout.of(None, separator=".", longest=_longest_name(params))


def _username(case: Case) -> TokenLayout:
    longest = _longest_name(case.params)
    return TokenLayout.of(case.type.max_length, separator="_", longest=longest)


def _url(case: Case) -> TokenLayout:
    return TokenLayout.of(case.type.max_length, head=f"https://{text(case.params, 'host')}/")


def _row_name(params: Mapping[str, JSONValue]) -> RowName | None:
    columns = row_names.columns(params)
    return (lambda row: row_names.joined(row, columns)) if columns else None


def _longest_name(params: Mapping[str, JSONValue]) -> int:
    return ROW_NAME if texts(params, row_names.FROM.name) else NAME


def _among_domains(layout: TokenLayout, binding: Binding, row_name: RowName | None) -> MaskFunction:
    """The function for an address at one of several domains, which the value's own domain decides."""
    local = replace(layout, tail="").bind(binding.prf("email"), row_name)
    domains = PoolSet([[f"@{domain}" for domain in texts(binding.params, "domains")]])
    prf = binding.prf("email domain")

    def masked(values: pl.Series, row: Mapping[str, pl.Series]) -> pl.Series:
        own = values.str.extract(_DOMAIN).str.to_lowercase()
        chosen = domains.pick(prf.words(own.zip_with(own.is_not_null(), values)))
        return pl.select(pl.concat_str(local(values, row), chosen)).to_series()

    return masked


def _with_host(transform: str, name: str, params: dict[str, JSONValue]) -> dict[str, JSONValue]:
    if not _HOST.fullmatch(text(params, name)):
        raise PolicyError(f"{transform}: {name} must be a host name in lower case, such as example.com")
    return params
