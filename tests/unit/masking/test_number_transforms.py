"""Noise, rounding, ranges, bounds and bands of numbers."""

from __future__ import annotations

import math
import re
from decimal import ROUND_HALF_UP, Decimal

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datamask.catalog.model import ColumnType
from datamask.errors import PolicyError
from datamask.masking.draws import Weighted, natural_logarithm, within
from datamask.masking.engine import Masker
from datamask.masking.keys import MaskingKey
from datamask.masking.model import ColumnMask
from datamask.masking.registry import get

KEY = MaskingKey(b"k" * 32)
TEXT = ColumnType("text", "text", "text")
SMALLINT = ColumnType("smallint", "integer", "int2")
INTEGER = ColumnType("integer", "integer", "int4")
BIGINT = ColumnType("bigint", "integer", "int8")
NUMERIC = ColumnType("numeric", "numeric", "numeric")
MONEY = ColumnType("numeric(10,2)", "numeric", "numeric", precision=10, scale=2)
WIDE = ColumnType("numeric(60,20)", "numeric", "numeric", precision=60, scale=20)
FLOAT = ColumnType("double precision", "float", "float8")


def run(transform, values, kind=INTEGER, others=None, **params):
    mask = ColumnMask("value", transform, kind, "d", get(transform).validate(params))
    columns = {"value": pl.Series(values, dtype=pl.String), **(others or {})}
    return Masker([mask], KEY).mask(pl.DataFrame(columns))["value"].to_list()


def refusal(transform, kind=INTEGER, **params):
    with pytest.raises(PolicyError) as refused:
        get(transform).laws(get(transform).validate(params), kind, False)
    return refused.value.message


def test_the_logarithm_is_the_mathematical_one():
    numbers = np.concatenate([np.linspace(1e-9, 2, 20_001), 2.0 ** -np.arange(54), [1.0]])
    expected = np.array([math.log(number) for number in numbers.tolist()])
    assert np.max(np.abs(natural_logarithm(numbers) - expected)) < 1e-14


def test_whole_numbers_are_drawn_evenly():
    words = np.random.default_rng(1).integers(0, 2**64, 60_000, dtype=np.uint64)
    hits = np.bincount(within(words, np.full(60_000, 6)))
    # Chi-square with 5 degrees of freedom: 20.5 is passed once in a thousand times.
    assert ((hits - 10_000) ** 2 / 10_000).sum() < 20.5


def test_weights_hold():
    words = np.random.default_rng(2).integers(0, 2**64, 60_000, dtype=np.uint64)
    hits = np.bincount(Weighted([1, 2, 3])(words))
    expected = np.array([10_000, 20_000, 30_000])
    assert ((hits - expected) ** 2 / expected).sum() < 13.8


def test_laplace_noise_has_the_scale_of_the_mechanism():
    values = [str(number) for number in range(1_000_000, 1_040_000)]
    masked = np.array(run("number_noise", values, epsilon=0.5, sensitivity=100), dtype=np.int64)
    noise = masked - np.array(values, dtype=np.int64)
    # Scale 200: the mean of its absolute value, with a standard error of 1.
    assert abs(np.abs(noise).mean() - 200) < 5
    assert abs(noise.mean()) < 6
    assert abs(np.mean(np.abs(noise) > 200 * math.log(10)) - 0.1) < 0.01


def test_laplace_noise_of_numbers_too_long_for_doubles():
    value = "12345678901234567890123456789.12345678901234567890"
    (masked,) = run("number_noise", [value], WIDE, epsilon=1e-6)
    assert 0 < abs(Decimal(masked) - Decimal(value)) < 37_000_000
    assert len(masked.partition(".")[2]) == 20


def test_noise_says_which_parameters_exclude_each_other():
    assert (
        refusal("number_noise", absolute=3, epsilon=1)
        == "number_noise: absolute and epsilon exclude each other"
    )
    assert refusal("number_noise", relative=0) == "number_noise: noise of 0 leaves every number as it is"


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.decimals(-(10**7), 10**7, places=2), min_size=1, max_size=30),
    st.sampled_from(["0.05", "0.25", "10", "1000", "3.33"]),
)
def test_rounding_is_that_of_decimals(numbers, step):
    texts = [f"{number:f}" for number in numbers]
    for number, masked in zip(numbers, run("round", texts, MONEY, to=float(step)), strict=True):
        times = (abs(number) / Decimal(step)).quantize(Decimal(1), ROUND_HALF_UP)
        assert Decimal(masked) == (times * Decimal(step)).copy_sign(number)
        assert masked.partition(".")[2] != ""


def test_rounding():
    assert run("round", ["14", "15", "-15", "0"], to=10) == ["10", "20", "-20", "0"]
    assert run("round", ["32767", "-32768"], SMALLINT, to=10) == ["32760", "-32760"]
    assert run("round", ["9223372036854775807"], BIGINT, to=1000) == ["9223372036854775000"]
    assert run("round", ["1.37", "0.1", "1e300", "NaN"], FLOAT, to=0.05) == ["1.35", "0.1", "1e+300", "NaN"]
    assert run("round", ["1.5", "7"], NUMERIC, to=0.25) == ["1.50", "7.00"]
    assert run("round", ["123456", "-0", "99"], digits=1) == ["100000", "0", "100"]
    assert run("round", ["123.456", "0.00123"], NUMERIC, digits=2) == ["120.000", "0.00120"]
    assert run("round", ["123456789012345678901234567890.5"], NUMERIC, digits=3) == [
        "123000000000000000000000000000.0"
    ]
    assert run("round", ["123456", "0.000123456"], FLOAT, digits=2) == ["120000.0", "0.00012"]


def test_rounding_that_makes_no_sense():
    assert refusal("round") == "round: give to or digits, one of them"
    assert refusal("round", to=10, digits=2) == "round: give to or digits, one of them"
    assert refusal("round", to=1) == "round: steps of 1 leave every number as it is"
    assert refusal("round", to=0.5) == "round: integer cannot hold multiples of 0.5"
    assert refusal("round", MONEY, to=0.125) == "round: numeric(10,2) cannot hold multiples of 0.125"


def test_clipping():
    assert run("clip", ["-32768", "5", "32767"], SMALLINT, max=10) == ["-32768", "5", "10"]
    assert run("clip", ["-1.00", "5.00", "99.99"], MONEY, min=0, max=50.5) == ["0.00", "5.00", "50.50"]
    assert run("clip", ["1e30", "-1e30", "NaN"], FLOAT, min=-2, max=2) == ["2.0", "-2.0", "NaN"]
    assert run("clip", ["123456789012345678901234567890", "-5"], NUMERIC, max=1e3) == ["1000", "-5"]
    assert refusal("clip") == "clip: give min or max, or both"
    assert refusal("clip", min=3, max=1) == "clip: min is above max"
    assert refusal("clip", SMALLINT, max=40_000) == "clip: smallint cannot hold 40000"


def test_ranges_between_edges():
    ages = ["-3", "0", "17", "18", "64", "65", "200"]
    assert run("bucket", ages, edges=[0, 18, 65]) == ["0", "0", "0", "18", "18", "65", "65"]
    assert run("bucket", ages, edges=[0, 18, 65], **{"as": "middle"}) == [
        "0",
        "9",
        "9",
        "41",
        "41",
        "65",
        "65",
    ]
    assert run("bucket", ages, edges=[0, 18, 65], **{"as": "upper"}) == [
        "0",
        "18",
        "18",
        "65",
        "65",
        "65",
        "65",
    ]
    assert run("bucket", [*ages, "old", "17.5"], TEXT, edges=[18, 65]) == [
        "(,18)", "(,18)", "(,18)", "[18,65)", "[18,65)", "[65,)", "[65,)", "other", "(,18)",
    ]  # fmt: skip
    assert run("bucket", ages[2:6], TEXT, edges=[18, 65], labels=["minor", "adult", "senior"]) == [
        "minor", "adult", "adult", "senior",
    ]  # fmt: skip


def test_ranges_of_equal_width():
    assert run("bucket", ["-1", "0", "9", "10"], width=10) == ["-10", "0", "0", "10"]
    assert run("bucket", ["-1", "0", "9", "10"], width=10, origin=5) == ["-5", "-5", "5", "5"]
    assert run("bucket", ["0.19", "0.21"], FLOAT, width=0.1) == ["0.1", "0.2"]
    assert run("bucket", ["0.19", "9.99"], MONEY, width=0.5, **{"as": "middle"}) == ["0.25", "9.75"]
    assert run("bucket", ["17", "-1", "1e400"], TEXT, width=10) == ["[10,20)", "[-10,0)", "other"]
    assert run("bucket", ["123456789012345678905"], NUMERIC, width=10) == ["123456789012345678900"]


def test_ranges_that_make_no_sense():
    assert refusal("bucket") == "bucket: give edges or width, one of them"
    assert refusal("bucket", edges=[2, 1]) == "bucket: edges must ascend"
    assert refusal("bucket", TEXT, edges=[1, 2], labels=["a"]) == "bucket: 2 edges need 3 labels, not 1"
    assert refusal("bucket", edges=[1, 2], **{"as": "label"}) == "bucket: as label does not go with integer"
    assert refusal("bucket", SMALLINT, edges=[0, 40_000]) == "bucket: smallint cannot hold 40000"
    assert refusal("bucket", width=0.5) == "bucket: integer cannot hold 0.5"


def test_numbers_stay_in_their_band():
    quantiles = [0, 100, 1000, 50_000]
    values = [str(number) for number in range(-10, 60_000, 7)]
    for value, masked in zip(values, run("percentile", values, quantiles=quantiles), strict=True):
        band = min(max(sum(int(value) >= edge for edge in quantiles), 1), 3)
        assert quantiles[band - 1] <= int(masked) <= quantiles[band]
        assert int(masked) < quantiles[band] or band == 3


def test_a_band_is_hit_evenly_and_its_ends_are_reached():
    values = [str(number) for number in range(4000)]
    masked = np.array(run("percentile", values, quantiles=[0, 4]), dtype=np.int64)
    hits = np.bincount(masked)
    assert len(hits) == 5
    assert ((hits - 800) ** 2 / 800).sum() < 18.5


def test_numbers_from_the_whole_distribution_by_another_column():
    rows = 20_000
    keys = pl.Series("id", [str(number) for number in range(rows)])
    masked = run(
        "percentile", ["7"] * rows, others={"id": keys}, quantiles=[0, 10, 20, 1000], within="all", by="id"
    )
    numbers = np.array(masked, dtype=np.int64)
    for low, high in ((0, 10), (10, 20), (20, 1001)):
        assert abs(np.mean((numbers >= low) & (numbers < high)) - 1 / 3) < 0.02
    assert masked == run(
        "percentile", ["8"] * rows, others={"id": keys}, quantiles=[0, 10, 20, 1000], within="all", by="id"
    )


def test_bands_of_numbers_too_long_for_doubles():
    value = "12345678901234567890.12345678901234567890"
    (masked,) = run("percentile", [value], WIDE, quantiles=[1e19, 2e19])
    assert Decimal(10**19) <= Decimal(masked) <= Decimal(2 * 10**19)
    assert masked != value


def test_bands_that_make_no_sense():
    said = "percentile: quantiles must be two numbers at least, and ascend"
    assert refusal("percentile", quantiles=[1]) == said
    assert refusal("percentile", quantiles=[2, 1]) == said
    assert refusal("percentile", quantiles=[1, 1]) == said
    assert refusal("percentile", SMALLINT, quantiles=[0, 1e6]) == "percentile: smallint cannot hold 1000000.0"


def test_more_decimals_than_doubles_and_decimals_have():
    values = ["0." + "0" * 39, "0." + "1" * 45, "9" * 4400, "-" + "9" * 4400 + ".5"]
    results = run("number_noise", values, NUMERIC, relative=0.5)
    assert [len(result.partition(".")[2]) for result in results] == [39, 45, 0, 1]
    assert not set(values[1:]) & set(results)


INTERVAL = ColumnType("interval", "interval", "interval")


def test_noise_of_intervals():
    assert run("number_noise", ["infinity", "-infinity", "00:00:00"], INTERVAL) == [
        "infinity", "-infinity", "00:00:00",
    ]  # fmt: skip
    (days,) = run("number_noise", ["1000 days"], INTERVAL)
    assert 900 <= int(days.removesuffix(" days")) <= 1100
    (whole,) = run("number_noise", ["-1 years -2 mons"], INTERVAL)
    assert whole.startswith("-")
    assert 378 <= int(whole.removesuffix(" days")[1:]) <= 462
    (clock,) = run("number_noise", ["-01:00:00"], INTERVAL, absolute=60)
    match = re.fullmatch(r"-(\d\d):(\d\d):(\d\d(?:\.\d+)?)", clock)
    assert abs(int(match[1]) * 3600 + int(match[2]) * 60 + float(match[3]) - 3600) <= 60
    assert run("number_noise", ["Maria"], INTERVAL) == ["0 days"]


def test_a_length_whose_parts_have_different_signs():
    (length,) = run("number_noise", ["1 day -01:00:00"], INTERVAL, absolute=1)
    assert re.fullmatch(r"(22:59:59|23:00:00)(\.\d+)?", length)
