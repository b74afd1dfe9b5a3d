"""What stays of a card number, and that the rest is permuted."""

from __future__ import annotations

import re

import numpy as np
import polars as pl
import pytest

from datamask.catalog.model import ColumnType
from datamask.masking.card_brands import brand_digits
from datamask.masking.engine import Masker
from datamask.masking.keys import MaskingKey
from datamask.masking.model import ColumnMask
from datamask.masking.registry import get

KEY = MaskingKey(b"k" * 32)
TEXT = ColumnType("text", "text", "text")
CARDS = {
    "visa": "4111 1111 1111 1111", "amex": "3782-822463-10005", "diners": "3056 930902 5904", "jcb": "3530111333300000",
    "mastercard": "5555555555554444", "mastercard 2": "2221 0000 0000 0009", "discover": "6011111111111117",
    "unionpay": "6240008631401148", "maestro": "6759649826438453", "visa of 13": "4222222222222",
}  # fmt: skip


def run(values, **params):
    mask = ColumnMask("value", "card_number", TEXT, "d", get("card_number").validate(params))
    frame = pl.DataFrame({"value": pl.Series(values, dtype=pl.String)})
    return Masker([mask], KEY).mask(frame)["value"].to_list()


def digits(text):
    return re.sub(r"\D", "", text)


def luhn(text):
    numbers = [int(char) for char in digits(text)][::-1]
    return (sum(numbers[::2]) + sum(sum(divmod(2 * number, 10)) for number in numbers[1::2])) % 10


@pytest.mark.parametrize("keep", ["bin", "bin8", "brand"])
@pytest.mark.parametrize("keep_last", range(5))
def test_valid_cards_stay_valid_whatever_is_kept(keep, keep_last):
    for card, masked in zip(
        CARDS.values(), run(list(CARDS.values()), keep=keep, keep_last=keep_last), strict=True
    ):
        assert luhn(masked) == 0
        assert masked != card
        assert re.sub(r"\d", "9", masked) == re.sub(r"\d", "9", card)
        kept = (
            brand_digits(np.array([[int(char) for char in digits(card)]], dtype=np.uint8))[0]
            if keep == "brand"
            else 6
        )
        kept = min(kept, len(digits(card)) - 4 - keep_last)
        assert digits(masked)[:kept] == digits(card)[:kept]
        if keep_last:
            assert digits(masked)[-keep_last:] == digits(card)[-keep_last:]


@pytest.mark.parametrize(
    "params", [{}, {"keep": "brand"}, {"keep": "brand", "keep_last": 4}, {"keep": "bin8", "keep_last": 2}]
)
def test_all_numbers_are_permuted_right_or_wrong(params):
    random = np.random.default_rng(7)
    values = list({f"{number:016d}" for number in random.integers(0, 10**16, 20_000).tolist()})
    masked = run(values, **params)
    assert len(set(masked)) == len(values)
    assert [luhn(value) for value in masked] == [luhn(value) for value in values]


def test_a_short_stretch_of_numbers_is_permuted_onto_itself():
    # Of 12 digits, 5 and 3 stay, and one makes the sum right: three are free.
    values = [f"41111{number:04d}123" for number in range(10_000)]
    assert sorted(run(values, keep_last=3)) == values


@pytest.mark.parametrize(
    ("number", "count"),
    [("4111", 1), ("3712", 2), ("3051", 3), ("3600", 2), ("6011", 4), ("6512", 2), ("3530", 4), ("2221", 4),
     ("5412", 2), ("6212", 2), ("3512", 4), ("5012", 4), ("9212", 1), ("6450", 3)],
)  # fmt: skip
def test_how_many_digits_tell_a_brand(number, count):
    assert brand_digits(np.array([[int(char) for char in number]], dtype=np.uint8)).tolist() == [count]
