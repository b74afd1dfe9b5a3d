"""Permutations that keep a value's form: ff1, postal_code, key."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import polars as pl
from numpy.typing import NDArray

from datamask.masking.characters import (
    AlphanumericCipher,
    DigitCipher,
    LetterCipher,
    alphanumerics,
    digits,
    letters,
)
from datamask.masking.integers import IntegerCipher, decimal_cipher
from datamask.masking.literals import INTEGER_LIMITS
from datamask.masking.params import Param, text, whole
from datamask.masking.substitute import Choose, substitute
from datamask.masking.text import Bytes, Lengths, pack
from datamask.masking.transform import Binding, Case, Laws, MaskFunction, Transform
from datamask.masking.transforms.identifiers import uuid_function


class FF1(Transform):
    """FF1 (NIST SP 800-38G) over the digits, or digits and letters, of a value; all else stays.

    Of text, each length of digits (or of digits and letters) is permuted in itself; strings with fewer
    than a million siblings by a keyed shuffle. Integers keep their sign and their number of digits.
    """

    name = "ff1"
    summary = "format-preserving encryption of digits, or of digits and letters"
    params = (
        Param(
            "alphabet",
            "text",
            "alphanumeric",
            "what is enciphered: digits, or digits and letters; other characters stay",
            choices=("digits", "alphanumeric"),
        ),
    )
    kinds = frozenset(("text", "integer"))
    cost = 200

    def column_laws(self, case: Case) -> Laws:
        """A permutation that keeps the length."""
        return Laws(
            injective=True,
            max_length=case.type.max_length,
            reversible=True,
            copy_safe=case.type.kind == "integer",
        )

    def bind(self, binding: Binding) -> MaskFunction:
        """The function for one column."""
        column_type = binding.mask.type
        if column_type.kind == "integer":
            cipher = decimal_cipher(binding.subkey("ff1 integers"), INTEGER_LIMITS.get(column_type.base, 0))
            return lambda values, _: substitute(pack(values), digits, cipher)
        if text(binding.params, "alphabet") == "digits":
            digit_cipher = DigitCipher(binding.key, "ff1", binding.mask.domain)
            return lambda values, _: substitute(pack(values), digits, digit_cipher)
        return _alphanumeric(binding, "ff1")


class Key(Transform):
    """A keyed permutation for identifiers: unique stays unique, and what fitted fits.

    Integers stay in the positive (or negative) range of the smallest type that holds them, 0 and -1 as they
    are; UUIDs keep their version; text is enciphered as by ``ff1``.
    """

    name = "key"
    summary = "a keyed permutation of identifiers: integers, UUIDs, codes"
    kinds = frozenset(("integer", "uuid", "text"))
    cost = 150

    def column_laws(self, case: Case) -> Laws:
        """A permutation."""
        return Laws(
            injective=True,
            max_length=case.type.max_length,
            reversible=True,
            copy_safe=case.type.kind != "text",
        )

    def bind(self, binding: Binding) -> MaskFunction:
        """The function for one column."""
        if binding.mask.type.kind == "uuid":
            return uuid_function(binding)
        if binding.mask.type.kind == "text":
            return _alphanumeric(binding, "key")
        cipher = IntegerCipher(binding.key, "key", binding.mask.domain)

        def masked(values: pl.Series, _: object) -> pl.Series:
            numbers = values.cast(pl.Int64, strict=False).fill_null(0).to_numpy()
            return pl.Series(cipher.encrypt(numbers)).cast(pl.String)

        return masked


class PostalCode(Transform):
    """Digits for digits and letters for letters, so that a code keeps its country's form."""

    name = "postal_code"
    summary = "another postal code of the same form"
    params = (Param("keep", "integer", 0, "digits and letters that stay at the start", minimum=0, maximum=8),)
    kinds = frozenset(("text",))
    cost = 200

    def column_laws(self, case: Case) -> Laws:
        """A permutation that keeps the length."""
        return Laws(injective=True, max_length=case.type.max_length, reversible=True, copy_safe=False)

    def bind(self, binding: Binding) -> MaskFunction:
        """The function for one column."""
        kept = whole(binding.params, "keep")
        domain = binding.mask.domain
        of_digits = DigitCipher(binding.key, "postal_code", domain)
        of_letters = LetterCipher(binding.key, "postal_code", domain)

        def masked(values: pl.Series, _: Mapping[str, pl.Series]) -> pl.Series:
            changed = substitute(pack(values), _after(kept, digits), of_digits)
            return substitute(pack(changed), _after(kept, letters), of_letters)

        return masked


def _alphanumeric(binding: Binding, purpose: str) -> MaskFunction:
    cipher: Callable[[Bytes], Bytes] = AlphanumericCipher(binding.key, purpose, binding.mask.domain)
    return lambda values, _: substitute(pack(values), alphanumerics, cipher)


def _after(kept: int, choose: Choose) -> Choose:
    """``choose`` without the first ``kept`` digits and letters."""
    if not kept:
        return choose

    def chosen(table: Bytes, lengths: Lengths) -> NDArray[np.bool_]:
        seen = alphanumerics(table, lengths).cumsum(axis=1, dtype=np.int32)
        return choose(table, lengths) & (seen > kept)

    return chosen
