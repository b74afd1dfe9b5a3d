import itertools

import numpy as np
import pytest

from datamask.masking.fpe import NumeralCipher
from datamask.masking.integers import IntegerCipher, decimal_cipher
from datamask.masking.keys import MaskingKey
from datamask.masking.numerals import to_number, to_numerals
from datamask.masking.shuffle import shuffled

KEY = b"k" * 32


def all_strings(radix: int, length: int) -> np.ndarray:
    return np.array(list(itertools.product(range(radix), repeat=length)), dtype=np.uint8)


@pytest.mark.parametrize(
    ("radix", "width"), [(10, 1), (10, 8), (10, 9), (10, 16), (10, 19), (2, 1), (2, 64), (36, 12), (62, 9)]
)
def test_numerals_spell_numbers(radix, width):
    random = np.random.default_rng(width)
    rows = random.integers(0, radix, (50, width)).astype(np.uint8)
    expected = [
        sum(digit * radix**place for place, digit in enumerate(reversed(row))) for row in rows.tolist()
    ]
    number = to_number(rows, radix)
    assert number.tolist() == expected
    assert to_numerals(number, radix, width).tolist() == rows.tolist()


def test_every_number_of_eight_digits_is_written_right():
    numbers = np.concatenate([np.arange(10**5), np.arange(10**8 - 10**5, 10**8)]).astype(np.uint64)
    texts = ["".join(map(str, row)) for row in to_numerals(numbers, 10, 8).tolist()]
    assert texts == [f"{number:08d}" for number in numbers.tolist()]


@pytest.mark.parametrize(("radix", "length"), [(10, 1), (10, 3), (2, 10), (36, 2), (26, 2)])
def test_short_strings_are_permuted(radix, length):
    strings = all_strings(radix, length)
    encrypted = NumeralCipher(KEY, radix).encrypt(strings)
    assert sorted(encrypted.tolist()) == strings.tolist()
    assert encrypted.tolist() != strings.tolist()


@pytest.mark.parametrize("length", [1, 2, 4])
def test_a_condition_is_kept_among_short_strings(length):
    cipher = NumeralCipher(KEY, 10, lambda numerals: numerals[:, 0] != 0)
    strings = all_strings(10, length)
    strings = strings[strings[:, 0] != 0]
    assert sorted(cipher.encrypt(strings).tolist()) == strings.tolist()


@pytest.mark.parametrize("length", [6, 30, 40, 128, 129, 500])
def test_longer_strings_stay_distinct_and_keep_a_condition(length):
    cipher = NumeralCipher(KEY, 10, lambda numerals: numerals[:, 0] >= 5)
    strings = np.random.default_rng(1).integers(0, 10, (200, length)).astype(np.uint8)
    strings[:, 0] = 5 + strings[:, 0] % 5
    strings = np.unique(strings, axis=0)
    encrypted = cipher.encrypt(strings)
    assert (encrypted[:, 0] >= 5).all()
    assert encrypted.max() <= 9
    assert len(np.unique(encrypted, axis=0)) == len(strings)
    assert (encrypted != strings).any(axis=1).all()


def test_pieces_of_a_long_string_are_enciphered_differently():
    encrypted = NumeralCipher(KEY, 10).encrypt(np.zeros((1, 192), dtype=np.uint8))[0]
    assert encrypted[:64].tolist() != encrypted[64:128].tolist()


def test_shuffles_depend_on_key_and_label():
    orders = [shuffled(KEY, 100, 1), shuffled(KEY, 100, 2), shuffled(b"l" * 32, 100, 1)]
    assert all(sorted(order.tolist()) == list(range(100)) for order in orders)
    assert len({tuple(order.tolist()) for order in orders}) == 3


BOUNDS = [1, 2, 32767, 32768, 2**31 - 1, 2**31, 2**53 - 1, 2**53, 2**63 - 1]


def test_integers_stay_in_their_size_class():
    cipher = IntegerCipher(MaskingKey(KEY), "key", "d")
    values = np.array([0, -1, *BOUNDS, *(-bound - 1 for bound in BOUNDS)], dtype=np.int64)
    encrypted = cipher.encrypt(values)
    assert encrypted.tolist()[:2] == [0, -1]
    limits = (2**15, 2**31, 2**53, 2**63)

    def size_class(number):
        return number < 0, next(limit for limit in limits if -limit <= number < limit)

    assert [size_class(number) for number in encrypted.tolist()] == [size_class(n) for n in values.tolist()]
    assert len(set(encrypted.tolist())) == len(values)


def test_small_integers_are_permuted():
    cipher = IntegerCipher(MaskingKey(KEY), "key", "d")
    encrypted = cipher.encrypt(np.arange(1, 32768, dtype=np.int64))
    assert sorted(encrypted.tolist()) == list(range(1, 32768))


def test_a_hundred_thousand_integers_stay_distinct():
    cipher = IntegerCipher(MaskingKey(KEY), "key", "d")
    encrypted = cipher.encrypt(np.arange(1, 100_001, dtype=np.int64))
    assert len(np.unique(encrypted)) == 100_000
    assert encrypted.max() < 2**31


def test_decimal_digits_stay_within_a_limit():
    cipher = decimal_cipher(KEY, 32767)
    numbers = (
        np.array([[int(digit) for digit in str(number)] for number in range(10000, 32768)], dtype=np.uint8)
        + 48
    )
    encrypted = sorted(int(bytes(row)) for row in cipher(numbers))
    assert encrypted == list(range(10000, 32768))
    outside = np.frombuffer(b"32768", dtype=np.uint8).reshape(1, 5)
    assert bytes(cipher(outside)[0]) == b"32768"
    assert bytes(cipher(np.frombuffer(b"0", dtype=np.uint8).reshape(1, 1))[0]) == b"0"
