"""The structure of IBANs by country (ISO 13616, SWIFT's registry), and the check digits that banks had before.

A country's basic bank account number (BBAN) stands behind its code and two check digits. Its groups are
digits (n), capital letters (a) or either (c); the first group names the bank unless ``_BANKS`` says otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from datamask.masking.checksums import Sums, luhn, mod_97_10, remainder, weighted
from datamask.masking.text import Bytes

_GROUPS: Final = (
    "AD 4n4n12c AE 3n16n AL 8n16c AT 5n11n AZ 4a20c BA 3n3n8n2n BE 3n7n2n BG 4a4n2n8c BH 4a14c BI 5n5n11n2n "
    "BR 8n5n10n1a1c BY 4c4n16c CH 5n12c CR 4n14n CY 3n5n16c CZ 4n6n10n DE 8n10n DJ 5n5n11n2n DK 4n9n1n DO 4c20n "
    "EE 2n2n11n1n EG 4n4n17n ES 4n4n2n10n FI 3n10n1n FK 2a12n FO 4n9n1n FR 5n5n11c2n GB 4a6n8n GE 2a16n GI 4a15c "
    "GL 4n9n1n GR 3n4n16c GT 4c20c HN 4a20n HR 7n10n HU 3n4n1n15n1n IE 4a6n8n IL 3n3n13n IQ 4a3n12n IS 4n2n6n10n "
    "IT 1a5n5n12c JO 4a4n18c KW 4a22c KZ 3n13c LB 4n20c LC 4a24c LI 5n12c LT 5n11n LU 3n13c LV 4a13c LY 3n3n15n "
    "MC 5n5n11c2n MD 2c18c ME 3n13n2n MK 3n10c2n MN 4n12n MR 5n5n11n2n MT 4a5n18c MU 4a2n2n12n3n3a NI 4a20n "
    "NL 4a10n NO 4n6n1n OM 3n16c PK 4a16c PL 8n16n PS 4a21c PT 4n4n11n2n QA 4a21c RO 4a16c RS 3n13n2n RU 9n5n15c "
    "SA 2n18c SC 4a2n2n16n3a SD 2n12n SE 3n16n1n SI 5n8n2n SK 4n6n10n SM 1a5n5n12c SO 4n3n12n ST 4n4n11n2n SV 4a20n "
    "TL 3n14n2n TN 2n3n13n2n TR 5n1n16c UA 6n19c VA 3n15n VG 4a16n XK 4n10n2n YE 4a4n18c"
)
_BANKS: Final[Mapping[str, slice]] = {
    "GB": slice(0, 10),
    "IE": slice(0, 10),
    "IT": slice(1, 6),
    "SM": slice(1, 6),
}

NO_CHECK: Final = -1
"""In place of a check digit, where there is none."""


@dataclass(frozen=True, eq=False)
class NationalCheck:
    """Check digits inside a BBAN.

    :param place: the first, in the BBAN.
    :param kind: two digits, one digit or one letter.
    :param compute: BBANs in ASCII → the right value, or ``NO_CHECK``.
    """

    place: int
    kind: Literal["pair", "digit", "letter"]
    compute: Callable[[Bytes], Sums]

    @property
    def columns(self) -> slice:
        """Where it stands in the BBAN."""
        return slice(self.place, self.place + (2 if self.kind == "pair" else 1))

    @property
    def values(self) -> int:
        """How many values it can have, right or wrong."""
        return {"pair": 100, "digit": 10, "letter": 26}[self.kind]

    def read(self, bban: Bytes) -> Sums:
        """The value that stands there."""
        chars = bban[:, self.columns].astype(np.int64)
        if self.kind == "letter":
            return chars[:, 0] - ord("A")
        digits = chars - ord("0")
        return digits[:, 0] * 10 + digits[:, 1] if self.kind == "pair" else digits[:, 0]

    def write(self, bban: Bytes, values: Sums) -> None:
        """Put values there."""
        if self.kind == "pair":
            bban[:, self.place] = values // 10 + ord("0")
            bban[:, self.place + 1] = values % 10 + ord("0")
        else:
            bban[:, self.place] = values + ord("A" if self.kind == "letter" else "0")


@dataclass(frozen=True, eq=False)
class Structure:
    """One country's BBAN.

    :param classes: of every character: ``n``, ``a`` or ``c``.
    :param bank: what names the bank.
    :param check: its own check digits, where they are known.
    """

    classes: str
    bank: slice
    check: NationalCheck | None

    def fits(self, bban: Bytes) -> NDArray[np.bool_]:
        """Which rows of ASCII digits and capital letters have the structure."""
        fits = np.ones(len(bban), dtype=np.bool_)
        for place, kind in enumerate(self.classes):
            if kind != "c":
                fits &= (bban[:, place] <= ord("9")) == (kind == "n")
        return fits


@cache
def structures() -> Mapping[str, Structure]:
    """The structure of every country's BBAN, by the country's code."""
    words = _GROUPS.split()
    return {
        country: Structure(
            "".join(int(count) * kind for count, kind in re.findall(r"(\d+)([nac])", groups)),
            _BANKS.get(country, slice(0, int(re.match(r"\d+", groups)[0]))),  # type: ignore[index]
            _CHECKS.get(country),
        )
        for country, groups in zip(words[::2], words[1::2], strict=True)
    }


def iso_check(iban: Bytes) -> Sums:
    """The right check digits of IBANs (ISO/IEC 7064, MOD 97-10), as numbers."""
    turned = np.hstack([iban[:, 4:], iban[:, :2], np.full((len(iban), 2), ord("0"), dtype=np.uint8)])
    return 98 - mod_97_10(turned)


def _digits(bban: Bytes) -> Bytes:
    return bban - np.uint8(ord("0"))


def _mod_97(place: int) -> NationalCheck:
    """ISO/IEC 7064, MOD 97-10, over all that stands before."""

    def compute(bban: Bytes) -> Sums:
        return 98 - mod_97_10(bban[:, :place]) * 100 % 97

    return NationalCheck(place, "pair", compute)


def _belgian(bban: Bytes) -> Sums:
    rest = remainder(_digits(bban[:, :10]), 97)
    return np.where(rest == 0, 97, rest)


def _spanish(bban: Bytes) -> Sums:
    digits = _digits(bban)
    weights = (1, 2, 4, 8, 5, 10, 9, 7, 3, 6)

    def one(part: Bytes, weights: tuple[int, ...]) -> Sums:
        check = -weighted(part, weights) % 11
        return np.where(check == 10, 1, check)

    return one(digits[:, :8], weights[2:]) * 10 + one(digits[:, 10:], weights)


def _french(bban: Bytes) -> Sums:
    # Letters count as the digits on a typewriter's keys: A and J 1, B, K and S 2, and so on.
    digits = bban.astype(np.int64) - ord("0")
    letter = bban - np.uint8(ord("A"))
    value = np.where(letter < 18, letter % 9 + 1, letter - np.uint8(16))
    typed = np.where(bban > ord("9"), value, digits).astype(np.uint8)
    bank, branch, account = (remainder(typed[:, a:b], 97) for a, b in ((0, 5), (5, 10), (10, 21)))
    return 97 - (89 * bank + 15 * branch + 3 * account) % 97


def _italian(bban: Bytes) -> Sums:
    odd = np.array(
        [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23]
    )
    number = np.where(bban > ord("9"), bban - np.uint8(ord("A")), bban - np.uint8(ord("0"))).astype(np.int64)
    total: Sums = odd[number[:, 1::2]].sum(axis=1) + number[:, 2::2].sum(axis=1)
    return total % 26


def _norwegian(bban: Bytes) -> Sums:
    check = -weighted(_digits(bban), (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)) % 11
    return np.where(check == 10, NO_CHECK, check)


def _finnish(bban: Bytes) -> Sums:
    return luhn(_digits(bban[:, :13])).astype(np.int64)


_CHECKS: Final[Mapping[str, NationalCheck]] = {
    "BE": NationalCheck(10, "pair", _belgian),
    "ES": NationalCheck(8, "pair", _spanish),
    "FI": NationalCheck(13, "digit", _finnish),
    "FR": NationalCheck(21, "pair", _french),
    "IT": NationalCheck(0, "letter", _italian),
    "MC": NationalCheck(21, "pair", _french),
    "NO": NationalCheck(10, "digit", _norwegian),
    "SM": NationalCheck(0, "letter", _italian),
    **{country: _mod_97(14) for country in ("BA", "XK")},
    "ME": _mod_97(16), "MK": _mod_97(13), "PT": _mod_97(19), "RS": _mod_97(16), "SI": _mod_97(13), "TL": _mod_97(17),
}  # fmt: skip
