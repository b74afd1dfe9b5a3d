"""A keyed hash as text: hash."""

from __future__ import annotations

import polars as pl

from datamask.masking.params import Param, optional_whole
from datamask.masking.transform import INJECTIVE_BITS, Binding, Case, Laws, MaskFunction, Transform

_DIGITS = 64
_SHORTEST = 8


class Hash(Transform):
    """HMAC-SHA-256 (RFC 2104, FIPS 198-1) of the value's UTF-8 text, in hexadecimal.

    The HMAC key is the 64 hexadecimal digits of the domain's sub-key.
    """

    name = "hash"
    summary = "HMAC-SHA-256 of the value in hexadecimal"
    params = (
        Param(
            "length",
            "integer",
            None,
            "digits; all 64, or as many as the column holds, if left out",
            minimum=_SHORTEST,
            maximum=_DIGITS,
        ),
    )
    kinds = frozenset(("text",))
    cost = 250

    def column_laws(self, case: Case) -> Laws:
        """Four bits a digit keep values apart."""
        digits = _length(case)
        injective = 4 * digits >= INJECTIVE_BITS
        return Laws(injective=injective, max_length=digits, collision_bits=4 * digits if injective else None)

    def bind(self, binding: Binding) -> MaskFunction:
        """The function for one column."""
        # Registers the namespace, and takes a moment: not before something is hashed.
        import polars_hash as plh

        key = binding.subkey("hash").hex()
        digits = _length(Case(binding.params, binding.mask.type))
        expression = plh.col("value").chash.hmac_sha256(key=key)
        if digits < _DIGITS:
            expression = expression.str.head(digits)

        def masked(values: pl.Series, _: object) -> pl.Series:
            return values.alias("value").to_frame().select(expression.alias("value")).to_series()

        return masked


def _length(case: Case) -> int:
    given = optional_whole(case.params, "length")
    if given is not None:
        return given
    return min(_DIGITS, case.type.max_length or _DIGITS)
