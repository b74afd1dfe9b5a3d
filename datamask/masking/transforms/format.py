"""Permutations that keep a value's form: ff1, postal_code, key."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from datamask.errors import PolicyError
from datamask.masking.characters import (
    AlphabetCipher,
    AlphanumericCipher,
    DigitCipher,
    LetterCipher,
    alphanumerics,
    among,
    between,
    digits,
    letters,
)
from datamask.masking.foreign import ALPHANUMERIC, DIGITS, PUNCTUATION, ForeignText
from datamask.masking.integers import IntegerCipher, decimal_cipher
from datamask.masking.literals import INTEGER_LIMITS
from datamask.masking.model import JSONValue
from datamask.masking.params import Param, text, whole
from datamask.masking.parts import Scrub, behind_prefixes
from datamask.masking.substitute import Choose, Encipher, substitute
from datamask.masking.text import Bytes, Lengths, pack
from datamask.masking.transform import Binding, Case, Laws, MaskFunction, Transform
from datamask.masking.transforms.identifiers import uuid_function
from datamask.suggest import did_you_mean

_NAMED = ("digits", "alphanumeric")
# A shorter list of characters is rather a word with a mistake in it.
_SHORTEST = 8


class FF1(Transform):
    """FF1 (NIST SP 800-38G) over the digits, digits and letters, or characters of an alphabet of its own.

    Of text, each length is permuted in itself; strings with fewer than a million siblings by a keyed
    shuffle. Spaces and ASCII punctuation outside of the alphabet stay, and so do letters where digits are
    enciphered. A value with other characters, or without any that is enciphered, becomes 13 characters of its
    keyed hash. Integers keep their sign and their number of digits.
    """

    name = "ff1"
    summary = "format-preserving encryption of digits, digits and letters, or an alphabet of its own"
    params = (
        Param(
            "alphabet",
            "text",
            "alphanumeric",
            "what is enciphered: digits, alphanumeric (digits and letters), or the characters themselves",
        ),
        Param(
            "keep_first",
            "integer",
            0,
            "characters of the alphabet that stay at the start",
            minimum=0,
            maximum=64,
        ),
        Param(
            "keep_last",
            "integer",
            0,
            "characters of the alphabet that stay at the end",
            minimum=0,
            maximum=64,
        ),
        Param("prefix", "text", "", "a text that stays where a value begins with it, such as INV-"),
    )
    kinds = frozenset(("text", "integer"))
    cost = 200

    def validate(self, params: Mapping[str, JSONValue]) -> dict[str, JSONValue]:
        """As :meth:`Transform.validate`; an alphabet of its own has at least eight ASCII characters, each once."""
        checked = super().validate(params)
        alphabet, prefix = text(checked, "alphabet"), text(checked, "prefix")
        if alphabet not in _NAMED and (
            len(alphabet) < _SHORTEST or len(set(alphabet)) < len(alphabet) or not _is_printable(alphabet)
        ):
            raise PolicyError(
                "ff1: alphabet must be digits, alphanumeric, or at least eight different ASCII characters",
                hint=did_you_mean(alphabet, _NAMED),
            )
        if not _is_printable(prefix):
            raise PolicyError("ff1: prefix must be ASCII characters")
        return checked

    def column_laws(self, case: Case) -> Laws:
        """A permutation of the texts that it knows all characters of, which keeps the length.

        :raises PolicyError: what is about text is given for integers.
        """
        if case.type.kind == "integer":
            for name in ("keep_first", "keep_last", "prefix"):
                if case.params[name]:
                    raise PolicyError(f"ff1: {name} is about text, not {case.type.name} columns")
        return Laws(injective=True, max_length=case.type.max_length, reversible=True)

    def bind(self, binding: Binding) -> MaskFunction:
        """The function for one column."""
        column_type = binding.mask.type
        if column_type.kind == "integer":
            cipher = decimal_cipher(binding.subkey("ff1 integers"), INTEGER_LIMITS.get(column_type.base, 0))
            return lambda values, _: substitute(pack(values), digits, cipher)
        prefix = text(binding.params, "prefix")
        permutation, scrub = self._of_text(binding)
        if prefix:
            return behind_prefixes(permutation, (prefix,), scrub)
        return lambda values, row: scrub(values, permutation(values, row))

    def _of_text(self, binding: Binding) -> tuple[MaskFunction, Scrub]:
        alphabet = text(binding.params, "alphabet")
        cipher: Encipher
        if alphabet == "digits":
            cipher, members = DigitCipher(binding.key, "ff1", binding.mask.domain), DIGITS
        elif alphabet == "alphanumeric":
            cipher, members = AlphanumericCipher(binding.key, "ff1", binding.mask.domain), ALPHANUMERIC
        else:
            members = alphabet.encode()
            cipher = AlphabetCipher(binding.subkey(f"ff1 {''.join(sorted(alphabet))}"), members)
        kept = whole(binding.params, "keep_first"), whole(binding.params, "keep_last")
        choose = between(among(members), *kept)
        known = set(PUNCTUATION) | set(members) | (set(ALPHANUMERIC) if alphabet == "digits" else set())
        foreign = ForeignText(binding, "ff1", bytes(known))

        def scrub(values: pl.Series, masked: pl.Series) -> pl.Series:
            packed = pack(values)
            masked = foreign(packed, masked)
            if alphabet != "digits":
                return masked
            # Letters may stay beside digits, not alone.
            numberless = ~values.str.contains("[0-9]")
            if not numberless.any():
                return masked
            words = numberless & values.str.contains("[A-Za-z]")
            return foreign.replace(packed, masked, words.arg_true().to_numpy())

        return lambda values, _: substitute(pack(values), choose, cipher), scrub


class Key(Transform):
    """A keyed permutation for identifiers: unique stays unique, and what fitted fits.

    Integers stay in the positive (or negative) range of the smallest type that holds them, 0 and -1 as they
    are; UUIDs keep their version; text is enciphered as by ``ff1``, and becomes 13 characters of its keyed hash
    where it holds other characters than ASCII.
    """

    name = "key"
    summary = "a keyed permutation of identifiers: integers, UUIDs, codes"
    kinds = frozenset(("integer", "uuid", "text"))
    cost = 150

    def column_laws(self, case: Case) -> Laws:
        """A permutation; of text, of what is ASCII."""
        return Laws(injective=True, max_length=case.type.max_length, reversible=True)

    def bind(self, binding: Binding) -> MaskFunction:
        """The function for one column."""
        if binding.mask.type.kind == "uuid":
            return uuid_function(binding)
        if binding.mask.type.kind == "text":
            return alphanumeric_function(binding, "key")
        cipher = IntegerCipher(binding.key, "key", binding.mask.domain)

        def masked(values: pl.Series, _: object) -> pl.Series:
            numbers = values.cast(pl.Int64, strict=False).fill_null(0).to_numpy()
            return pl.Series(cipher.encrypt(numbers)).cast(pl.String)

        return masked


class PostalCode(Transform):
    """Digits for digits and letters for letters, so that a code keeps its country's form.

    Text with other characters than ASCII becomes 13 characters of its keyed hash.
    """

    name = "postal_code"
    summary = "another postal code of the same form"
    params = (Param("keep", "integer", 0, "digits and letters that stay at the start", minimum=0, maximum=8),)
    kinds = frozenset(("text",))
    cost = 200

    def column_laws(self, case: Case) -> Laws:
        """A permutation of ASCII text that keeps the length."""
        return Laws(injective=True, max_length=case.type.max_length, reversible=True)

    def bind(self, binding: Binding) -> MaskFunction:
        """The function for one column."""
        kept = whole(binding.params, "keep")
        domain = binding.mask.domain
        of_digits = DigitCipher(binding.key, "postal_code", domain)
        of_letters = LetterCipher(binding.key, "postal_code", domain)
        foreign = ForeignText(binding, "postal_code", ALPHANUMERIC + PUNCTUATION)

        def masked(values: pl.Series, _: Mapping[str, pl.Series]) -> pl.Series:
            packed = pack(values)
            changed = substitute(packed, _after(kept, digits), of_digits)
            return foreign(packed, substitute(pack(changed), _after(kept, letters), of_letters))

        return masked


def alphanumeric_function(binding: Binding, purpose: str, prefixes: Sequence[str] = ()) -> MaskFunction:
    """Digits and letters enciphered, spaces and ASCII punctuation kept, other text hashed.

    :param prefixes: what stays where a value begins with it.
    """
    cipher = AlphanumericCipher(binding.key, purpose, binding.mask.domain)
    foreign = ForeignText(binding, purpose, ALPHANUMERIC + PUNCTUATION)

    def permutation(values: pl.Series, _: Mapping[str, pl.Series]) -> pl.Series:
        return substitute(pack(values), alphanumerics, cipher)

    def scrub(values: pl.Series, masked: pl.Series) -> pl.Series:
        return foreign(pack(values), masked)

    if prefixes:
        return behind_prefixes(permutation, prefixes, scrub)
    return lambda values, row: scrub(values, permutation(values, row))


def _after(kept: int, choose: Choose) -> Choose:
    """``choose`` without the first ``kept`` digits and letters."""
    if not kept:
        return choose

    def chosen(table: Bytes, lengths: Lengths) -> NDArray[np.bool_]:
        seen = alphanumerics(table, lengths).cumsum(axis=1, dtype=np.int32)
        return choose(table, lengths) & (seen > kept)

    return chosen


def _is_printable(characters: str) -> bool:
    return characters.isascii() and characters.isprintable() and "\\" not in characters
