"""Names of hosts: hostname."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl

from datamask.masking.characters import AlphanumericCipher, alphanumerics
from datamask.masking.foreign import ALPHANUMERIC, ForeignText
from datamask.masking.parts import inside
from datamask.masking.substitute import substitute
from datamask.masking.text import Packed, pack, unpack
from datamask.masking.transform import Binding, Case, Laws, MaskFunction, Transform

# Top-level domains that stay, beside those of two letters: generic ones in wide use, and names for private networks.
_TOP = pl.Series(
    ["aero", "app", "biz", "blog", "cat", "cloud", "com", "coop", "corp", "dev", "edu", "example", "gov", "home", "info",
     "int", "internal", "intranet", "invalid", "io", "jobs", "lan", "local", "localdomain", "localhost", "mil", "mobi",
     "museum", "name", "net", "online", "onion", "org", "page", "private", "pro", "shop", "site", "store", "tech", "tel",
     "test", "travel", "xyz"]
)  # fmt: skip
# Second-level domains under which countries register names.
_SECOND = pl.Series(
    ["ac", "asn", "co", "com", "edu", "go", "gob", "gouv", "gov", "govt", "gv", "id", "ltd", "me", "mil", "ne", "net",
     "nhs", "nom", "or", "org", "plc", "sch"]
)  # fmt: skip
# A label behind a dot, at the end or before the last one.
_LAST, _LAST_BUT_ONE = r"\.([^.]+)\.?$", r"\.([^.]+)\.[^.]+\.?$"
_DOT = ord(".")


class Hostname(Transform):
    """The digits and letters of every label are enciphered; the public suffix stays, and so do hyphens.

    A label has one pseudonym wherever it stands, so that hosts of one domain are of one domain again. Suffixes are
    top-level domains of two letters and in common use, with the second level under which a country registers
    names (``co.uk``). Text with other characters than ASCII letters, digits, dots, hyphens and underscores becomes 13
    characters of its keyed hash.
    """

    name = "hostname"
    summary = "another host name; the public suffix and the hierarchy of domains stay"
    kinds = frozenset(("text",))
    cost = 2000

    def column_laws(self, case: Case) -> Laws:
        """A permutation of host names that keeps the length."""
        return Laws(injective=True, max_length=case.type.max_length, reversible=True)

    def bind(self, binding: Binding) -> MaskFunction:
        """The function for one column."""
        cipher = AlphanumericCipher(binding.key, "hostname", binding.mask.domain)
        foreign = ForeignText(binding, "hostname", ALPHANUMERIC + b".-_*")

        def labels(values: pl.Series, _: Mapping[str, pl.Series]) -> pl.Series:
            hosts = pack(values)
            found = _labels(hosts)
            changed = pack(substitute(found, alphanumerics, cipher))
            # Labels keep their lengths, so that theirs are all places but those of the dots.
            total = int(hosts.lengths.sum())
            data = hosts.data.copy()
            data[:total][data[:total] != _DOT] = changed.data[: int(found.lengths.sum())]
            return unpack(Packed(data, hosts.starts, hosts.lengths))

        of_hosts = inside(_before_suffix, labels)

        def masked(values: pl.Series, row: Mapping[str, pl.Series]) -> pl.Series:
            return foreign(pack(values), of_hosts(values, row))

        return masked


def _labels(hosts: Packed) -> Packed:
    """The labels of all hosts; the bytes are shared."""
    dots = np.flatnonzero(hosts.data[: int(hosts.lengths.sum())] == _DOT)
    # Two sorted runs: a stable sort merges them.
    starts = np.sort(np.concatenate([hosts.starts, dots + 1]), kind="stable")
    ends = np.sort(np.concatenate([hosts.starts + hosts.lengths, dots]), kind="stable")
    return Packed(hosts.data, starts, ends - starts)


def _before_suffix(values: pl.Series) -> pl.DataFrame:
    lower = values.str.to_lowercase()
    dotted = values.str.ends_with(".")
    top = lower.str.extract(_LAST).fill_null("")
    second = lower.str.extract(_LAST_BUT_ONE).fill_null("")
    country = (top.str.len_bytes() == 2) & top.str.contains("^[a-z]+$")
    of_one = country | top.is_in(_TOP.implode())
    of_two = country & second.is_in(_SECOND.implode())
    length = of_one * (top.str.len_chars() + 1 + dotted) + of_two * (second.str.len_chars() + 1)
    middle = values.str.slice(0, values.str.len_chars() - length)
    after = values.str.slice(values.str.len_chars() - length)
    return pl.DataFrame({"before": pl.repeat("", len(values), eager=True), "middle": middle, "after": after})
