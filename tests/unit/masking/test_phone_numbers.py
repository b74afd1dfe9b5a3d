"""Valid phone numbers: as libphonenumber counts them, permuted among themselves."""

import re

import numpy as np
import phonenumbers
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datamask.catalog.model import ColumnType
from datamask.errors import PolicyError
from datamask.masking.digit_automaton import DigitAutomaton, first_group_length
from datamask.masking.digit_ranking import Ranking
from datamask.masking.engine import Masker
from datamask.masking.keys import MaskingKey
from datamask.masking.model import ColumnMask
from datamask.masking.numbering import plan
from datamask.masking.ranges import RangeCipher
from datamask.masking.registry import get

KEY = MaskingKey(b"k" * 32)
TEXT = ColumnType("text", "text", "text")
REGIONS = sorted(phonenumbers.SUPPORTED_REGIONS)
TYPES = {
    value: name.lower()
    for name, value in vars(phonenumbers.PhoneNumberType).items()
    if isinstance(value, int)
}
EXPRESSIONS = ("12|3[4-68]", r"(?:1|2\d?){2,3}", r"\d{3,5}0", "9(?:1[02]|[3-5]{2})*", "5?6+", r"7\d{2}|70")


def run(values, **params):
    row = params.pop("row", {})
    mask = ColumnMask("value", "phone", TEXT, "d", get("phone").validate(params))
    frame = pl.DataFrame({"value": pl.Series(values, dtype=pl.String), **row})
    return Masker([mask], KEY).mask(frame)["value"].to_list()


def national(number):
    return phonenumbers.national_significant_number(number)


def example_numbers(regions):
    """A valid number of every type in some regions, and such with some digits changed."""
    random = np.random.default_rng(3)
    for region in regions:
        for kind in range(11):
            example = phonenumbers.example_number_for_type(region, kind)
            if example is None:
                continue
            yield example
            digits = list(national(example))
            for place in random.integers(0, len(digits), 2):
                digits[place] = str(random.integers(10))
            changed = phonenumbers.PhoneNumber(country_code=example.country_code)
            text = "".join(digits)
            changed.national_number = int(text)
            changed.italian_leading_zero = text.startswith("0") or None
            if national(changed) == text:
                yield changed


@settings(max_examples=100, deadline=None)
@given(st.text("0123456789", max_size=8))
def test_an_automaton_matches_what_the_expressions_match(text):
    automaton = DigitAutomaton.of({str(place): [one] for place, one in enumerate(EXPRESSIONS)})
    numerals = np.array([[int(digit) for digit in text]], dtype=np.uint8).reshape(1, len(text))
    expected = {str(place) for place, one in enumerate(EXPRESSIONS) if re.fullmatch(one, text)}
    assert automaton.matched[automaton.run(numerals)[0]] == expected


@pytest.mark.parametrize("expression", ["1[", "(1", "a", "1{2", "(?=1)", "1)"])
def test_what_is_no_expression_over_digits(expression):
    with pytest.raises(ValueError, match="not an expression over digits"):
        DigitAutomaton.of({"x": [expression]})


def test_first_groups():
    assert first_group_length(r"(\d{3})(\d{4})") == 3
    assert first_group_length(r"(1\d|2[34])(\d{4})") == 2
    assert first_group_length(r"(\d{2,4})(\d{4})") is None
    assert first_group_length(r"(\d{7})") is None
    assert first_group_length(r"\d(\d{7})(\d)") is None


def test_ranks_count_all_strings_in_their_order():
    automaton = DigitAutomaton.of({"x": [r"1[2-4]\d|07[79]|9\d{2}"]})
    ranking = Ranking(automaton, np.array(["x" in tags for tags in automaton.matched]), 3)
    strings = [f"{n:03d}" for n in range(1000) if re.fullmatch(r"1[2-4]\d|07[79]|9\d{2}", f"{n:03d}")]
    numerals = np.array([[int(digit) for digit in string] for string in strings], dtype=np.uint8)
    ranks, sizes = ranking.rank(numerals)
    assert ranks.tolist() == list(range(ranking.size)) == list(range(132))
    assert set(sizes.tolist()) == {132}
    assert (ranking.unrank(ranks, numerals) == numerals).all()
    fixed = np.full(len(strings), 2)
    ranks, sizes = ranking.rank(numerals, fixed)
    assert ranks[:4].tolist() == [0, 1, 0, 1]
    assert sizes[:4].tolist() == [2, 2, 10, 10]
    assert (ranking.unrank(ranks, numerals, fixed) == numerals).all()


@pytest.mark.parametrize("size", [1, 2, 3, 10, 1000, 1024, 70_000])
def test_ranges_are_permuted(size):
    numbers = np.arange(size, dtype=np.uint64)
    results = RangeCipher(b"k" * 32).encrypt(numbers, np.full(size, size, dtype=np.uint64))
    assert sorted(results.tolist()) == list(range(size))


@pytest.mark.parametrize("size", [2**20 + 1, 10**9, 10**14])
def test_large_ranges_keep_numbers_apart_and_in_range(size):
    numbers = np.arange(0, size, size // 5000, dtype=np.uint64)
    results = RangeCipher(b"k" * 32).encrypt(numbers, np.full(len(numbers), size, dtype=np.uint64))
    assert len(np.unique(results)) == len(numbers)
    assert int(results.max()) < size
    assert int((results == numbers).sum()) < 5


def check_regions(regions):
    examples = list(example_numbers(regions))
    valid = []
    for number in examples:
        digits = national(number)
        numbers = plan(number.country_code)
        kind = numbers.kinds(np.array([[int(digit) for digit in digits]], dtype=np.uint8))[0]
        expected = ""
        if phonenumbers.is_valid_number(number):
            valid.append(number)
            region = phonenumbers.region_code_for_number(number)
            expected = f"{region} {TYPES[phonenumbers.number_type(number)]}"
        assert numbers.kind_name(kind) == expected, digits
    assert len(valid) > 4 * len(regions)
    texts = [phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164) for number in valid]
    results = [phonenumbers.parse(result) for result in run(texts)]
    for number, result in zip(valid, results, strict=True):
        assert phonenumbers.is_valid_number(result)
        assert phonenumbers.region_code_for_number(result) == phonenumbers.region_code_for_number(number)
        assert phonenumbers.number_type(result) == phonenumbers.number_type(number)
        assert len(national(result)) == len(national(number))


def test_valid_numbers_become_valid_ones_of_the_same_country_and_type():
    check_regions(["US", "CA", "DE", "GB", "IT", "ES", "PL", "BR", "MX", "AR", "JP", "IN", "BY"])


@pytest.mark.slow
def test_valid_numbers_become_valid_ones_everywhere():
    check_regions(REGIONS)


def test_national_numbers_are_valid_where_their_region_is_known():
    style = phonenumbers.PhoneNumberFormat.NATIONAL
    numbers = [
        phonenumbers.example_number_for_type(region, kind)
        for region in ("US", "DE", "GB", "FR", "IT", "ES", "NL", "PL", "JP", "AU", "IN", "HU", "RU")
        for kind in (phonenumbers.PhoneNumberType.FIXED_LINE, phonenumbers.PhoneNumberType.MOBILE)
    ]
    regions = [phonenumbers.region_code_for_number(number) for number in numbers]
    texts = [phonenumbers.format_number(number, style) for number in numbers]
    results = run(texts, region_from="land", row={"land": regions})
    for number, text, result, region in zip(numbers, texts, results, regions, strict=True):
        parsed = phonenumbers.parse(result, region)
        assert phonenumbers.is_valid_number_for_region(parsed, region), region
        assert phonenumbers.number_type(parsed) == phonenumbers.number_type(number)
        assert re.sub(r"\d", "0", result) == re.sub(r"\d", "0", text)


@pytest.mark.parametrize(
    ("number", "area"),
    [
        ("+49 30 123456", "+49 30"),
        ("+49 89 1234567", "+49 89"),
        ("+49 4321 12345", "+49 4321"),
        ("+1 (202) 555-0143", "+1 (202)"),
        ("+44 20 7946 0018", "+44 20"),
        ("+33 1 70 18 99 00", "+33 1"),
    ],
)
def test_area_codes_can_be_kept(number, area):
    (result,) = run([number], keep="area")
    assert result.startswith(area)
    assert result != number
    assert phonenumbers.is_valid_number(phonenumbers.parse(result))


def test_one_number_in_many_forms_becomes_one_number():
    forms = [
        "+49 151 23456789",
        "+4915123456789",
        "0049 151/23456789",
        "0151 23456789",
        "+49 (0)151-23456789",
    ]
    results = [re.sub(r"\D", "", result) for result in run(forms, region="DE")]
    assert len({result[-11:] for result in results}) == 1
    assert results[0] == results[1] == results[2].removeprefix("00")


def test_numbers_of_a_small_plan_are_permuted():
    # All of +290 (Saint Helena) with five digits, valid or not.
    values = [f"+290 {number:05d}" for number in range(100_000)]
    results = run(values)
    assert len(set(results)) == len(values)
    valid = [phonenumbers.is_valid_number(phonenumbers.parse(value)) for value in values[20_000:24_000]]
    after = [phonenumbers.is_valid_number(phonenumbers.parse(value)) for value in results[20_000:24_000]]
    assert valid == after
    assert any(valid)


def test_what_is_no_number_does_not_survive():
    results = run(["call Mary", "Mary +49 30 123456", "+49 30 Mary"], region="DE")
    assert all(re.fullmatch(r"\d{1,16}", result) for result in results)


def test_extensions_get_other_digits():
    forms = [
        "(202) 555-0143",
        "(202) 555-0143x12",
        "(202) 555-0143 ext. 4321",
        "+1-202-555-0143 x1",
        "Mary x12",
    ]
    plain, short, long, single, odd = run(forms, region="US")
    assert re.fullmatch(re.escape(plain) + r"x\d\d", short)
    assert re.fullmatch(re.escape(plain) + r" ext\. \d{4}", long)
    assert long.split()[-1] != "4321"
    assert re.fullmatch(r"\+1-\d{3}-\d{3}-\d{4} x\d", single)
    assert odd.isdecimal()
    many = [f"(202) 555-0143x{number:03d}" for number in range(1000)]
    assert len(set(run(many, region="US"))) == len(set(run(many, valid=False))) == 1000


def test_the_form_alone_can_be_kept():
    (result,) = run(["+49 151 23456789"], valid=False)
    assert re.fullmatch(r"\+49 \d{3} \d{8}", result)


def test_an_unknown_country_in_the_row_counts_as_none():
    values = ["0151 23456789"] * 3
    one, other, unknown = run(values, region_from="land", row={"land": ["Germany", None, "Atlantis"]})
    assert other == unknown != one
    fallback = run(values, region_from="land", region="DE", row={"land": ["AT", None, "Atlantis"]})
    assert fallback[1] == fallback[2] == one


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"region": "us"}, "phone: region must be the code of a country in upper case, such as US"),
        (
            {"region": "US", "valid": False},
            "phone: keep, region and region_from are about valid numbers, and valid is false",
        ),
        ({"keep": "city"}, "phone: keep must be one of country, area"),
    ],
)
def test_wrong_parameters(params, message):
    with pytest.raises(PolicyError) as caught:
        get("phone").validate(params)
    assert caught.value.message == message
