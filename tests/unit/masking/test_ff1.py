import numpy as np
import pytest

from datamask.masking import ff1_long
from datamask.masking.ff1 import Ff1

ALPHABET = "0123456789abcdefghijklmnopqrstuvwxyz"
K128 = "2B7E151628AED2A6ABF7158809CF4F3C"
K192 = K128 + "EF4359D8D580AA4F"
K256 = K192 + "7F036D6F04FC6A94"
T10 = "39383736353433323130"
T11 = "3737373770717273373737"

# NIST, "Block Cipher Modes of Operation: FF1 and FF3 examples", samples 1 to 9.
SAMPLES = [
    (K128, 10, "", "0123456789", "2433477484"),
    (K128, 10, T10, "0123456789", "6124200773"),
    (K128, 36, T11, "0123456789abcdefghi", "a9tv40mll9kdu509eum"),
    (K192, 10, "", "0123456789", "2830668132"),
    (K192, 10, T10, "0123456789", "2496655549"),
    (K192, 36, T11, "0123456789abcdefghi", "xbj3kv35jrawxv32ysr"),
    (K256, 10, "", "0123456789", "6657667009"),
    (K256, 10, T10, "0123456789", "1001623463"),
    (K256, 36, T11, "0123456789abcdefghi", "xs8a0azh2avyalyzuwd"),
]


def numerals(text: str) -> list[int]:
    return [ALPHABET.index(char) for char in text]


@pytest.mark.parametrize(("key", "radix", "tweak", "plain", "cipher"), SAMPLES)
def test_the_samples_of_nist(key, radix, tweak, plain, cipher):
    ff1 = Ff1(bytes.fromhex(key), radix, bytes.fromhex(tweak))
    rows = np.array([numerals(plain)] * 3, dtype=np.uint8)
    encrypted = ff1.encrypt(rows)
    assert encrypted.tolist() == [numerals(cipher)] * 3
    assert ff1.decrypt(encrypted).tolist() == rows.tolist()


@pytest.mark.parametrize(("key", "radix", "tweak", "plain", "cipher"), SAMPLES)
def test_the_samples_of_nist_one_at_a_time(key, radix, tweak, plain, cipher):
    prf = ff1_long.RoundFunction(bytes.fromhex(key), radix, bytes.fromhex(tweak), len(plain))
    assert ff1_long.encrypt(prf, numerals(plain)) == numerals(cipher)
    assert ff1_long.decrypt(prf, numerals(cipher)) == numerals(plain)


@pytest.mark.parametrize(
    ("radix", "length"),
    [(10, n) for n in (6, 7, 16, 18, 19, 20, 24, 28, 29, 32, 33, 36, 37, 40, 57, 58)]
    + [(2, n) for n in (20, 31, 53, 63, 64, 122, 125, 128, 129, 200)]
    + [(36, n) for n in (4, 12, 18, 20, 21, 22, 24, 25)]
    + [(62, n) for n in (4, 9, 18, 19, 20, 21)]
    + [(26, 5), (256, 3), (256, 14), (256, 15)],
)
def test_columns_equal_the_standard_step_by_step(radix, length):
    random = np.random.default_rng(length * 1000 + radix)
    rows = random.integers(0, radix, (20, length)).astype(np.uint8)
    rows[0], rows[1] = 0, radix - 1
    key, tweak = b"k" * 32, b"a tweak of 19 bytes"
    ff1 = Ff1(key, radix, tweak)
    prf = ff1_long.RoundFunction(key, radix, tweak, length)
    expected = [ff1_long.encrypt(prf, row) for row in rows.tolist()]
    encrypted = ff1.encrypt(rows)
    assert encrypted.tolist() == expected
    assert ff1.decrypt(encrypted).tolist() == rows.tolist()


def test_small_domains_are_refused():
    with pytest.raises(ValueError, match=r"FF1 needs radix \*\* length >= 1000000, not 10 \*\* 5"):
        Ff1(b"k" * 32, 10).encrypt(np.zeros((1, 5), dtype=np.uint8))


def test_no_rows():
    assert Ff1(b"k" * 32, 10).encrypt(np.zeros((0, 8), dtype=np.uint8)).shape == (0, 8)
