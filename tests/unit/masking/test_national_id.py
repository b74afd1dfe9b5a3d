"""National identifiers against python-stdnum, which knows nothing of how they are masked."""

from __future__ import annotations

import re
from collections import Counter
from importlib import import_module

import numpy as np
import polars as pl
import pytest
from stdnum import get_cc_module

from datamask.catalog.model import ColumnType
from datamask.masking.engine import Masker
from datamask.masking.keys import MaskingKey
from datamask.masking.model import ColumnMask
from datamask.masking.national.steuer_id import SteuerDigits
from datamask.masking.national.types import TYPES
from datamask.masking.registry import get
from datamask.masking.schemes import SchemeCipher

KEY = MaskingKey(b"k" * 32)
TEXT = ColumnType("text", "text", "text")
# In no version of python-stdnum.
UNKNOWN = {"gb_nino"}
# What stays in a number, where python-stdnum knows lists that datamask does without.
BEGINNINGS = {"us_ein": "12", "cn_ric": "110101"}
PYTHON_NAMES = {"in": "in_", "is": "is_"}


def run(kind, values):
    mask = ColumnMask("value", "national_id", TEXT, "d", get("national_id").validate({"type": kind}))
    frame = pl.DataFrame({"value": pl.Series(values, dtype=pl.String)})
    return Masker([mask], KEY).mask(frame)["value"].to_list()


def is_valid(kind, value):
    country, _, name = kind.partition("_")
    if name == "vat" and country != "eu":
        return get_cc_module(country, "vat").is_valid(value)
    return import_module(f"stdnum.{PYTHON_NAMES.get(country, country)}.{name}").is_valid(value)


def examples(kind, count=300):
    """Valid numbers, made by the schemes themselves from random fields."""
    random = np.random.default_rng(7)
    found = []
    for scheme in TYPES[kind]():
        chars = np.full((count, scheme.length), ord("0"), dtype=np.uint8)
        for field in (*scheme.kept, *scheme.fields):
            field.write(random.integers(0, field.size, count).astype(np.uint64), chars)
        if kind in BEGINNINGS:
            chars[:, : len(BEGINNINGS[kind])] = list(BEGINNINGS[kind].encode())
        fine = scheme.completed(chars)
        found += [scheme.prefix.decode() + bytes(row).decode() for row in chars[fine]]
    return list(dict.fromkeys(found))


@pytest.mark.parametrize("kind", sorted(set(TYPES) - UNKNOWN))
def test_valid_numbers_become_other_valid_ones(kind):
    values = examples(kind)
    assert len(values) > 20
    assert [value for value in values if not is_valid(kind, value)] == []
    masked = run(kind, values)
    assert [value for value in masked if not is_valid(kind, value)] == []
    assert len(set(masked)) == len(values)
    assert sum(map(str.__eq__, values, masked)) < len(values) / 10


@pytest.mark.parametrize(
    ("kind", "value", "form"),
    [
        ("us_ssn", "536-90-4399", r"\d{3}-\d\d-\d{4}"),
        ("de_idnr", "36 574 261 809", r"\d\d \d{3} \d{3} \d{3}"),
        ("fr_nir", "2 95 10 99 126 111 93", r"2 \d\d \d\d \d\d \d{3} \d{3} \d\d"),
        ("fr_nir", "253072B07300470", r"2\d\d\d\d2[AB]\d{8}"),
        ("es_nif", "x-5253868-r", r"[xyz]-\d{7}-[a-z]"),
        ("it_codicefiscale", "RCCMNL83S18D969H", r"[A-Z]{6}\d\d[A-Z][0-3]\d[A-Z]\d{3}[A-Z]"),
        ("it_codicefiscale", "RCCMNL83S58D969L", r"[A-Z]{6}\d\d[A-Z][4-7]\d[A-Z]\d{3}[A-Z]"),
        ("nl_bsn", "1112.22.333", r"\d{4}\.\d\d\.\d{3}"),
        ("gb_nino", "AB 12 34 56 C", r"[A-Z]{2} \d\d \d\d \d\d [A-D]"),
        ("pl_pesel", "44051401359", r"\d{9}[13579]\d"),
        ("br_cnpj", "16.727.230/0001-97", r"\d\d\.\d{3}\.\d{3}/0001-\d\d"),
        ("ch_ssn", "756.9217.0769.85", r"756\.\d{4}\.\d{4}\.\d\d"),
        ("se_personnummer", "880320-0016", r"\d{6}-\d\d[13579]\d"),
        ("eu_vat", "IE 6433435F", r"IE \d{7}[A-W]"),
        ("eu_vat", "FR 40 303 265 045", r"FR \d\d \d{3} \d{3} \d{3}"),
        ("nl_vat", "4495445B01", r"[0-9A-Z]{10}"),
        ("nl_vat", "NL4495445B01", r"[0-9A-Z]{12}"),
        ("gr_vat", "EL 094259216", r"EL \d{9}"),
    ],
)
def test_formatting_and_what_a_number_is_about_stay(kind, value, form):
    (masked,) = run(kind, [value])
    assert re.fullmatch(form, masked), masked
    assert masked != value


def test_letters_written_for_digits_in_a_codice_fiscale_stay_letters():
    base = "RCCMNL83S18D9S9"
    scheme = next(iter(TYPES["it_codicefiscale"]()))
    chars = np.frombuffer(f"{base}A".encode(), dtype=np.uint8).reshape(1, -1).copy()
    assert scheme.completed(chars).all()
    code = bytes(chars[0]).decode()
    assert is_valid("it_codicefiscale", code)
    (masked,) = run("it_codicefiscale", [code])
    assert is_valid("it_codicefiscale", masked)
    assert re.fullmatch(r"[A-Z]{6}\d\d[A-Z]\d\d[A-Z]\d[LMNPQRSTUV]\d[A-Z]", masked)


def test_births_stay_in_their_era():
    before, after = ["44051401359", "02221407563"], run("pl_pesel", ["44051401359", "02221407563"])
    for value, masked in zip(before, after, strict=True):
        year = {"0": 1900, "1": 1900, "2": 2000, "3": 2000}[masked[2]] + int(masked[:2])
        assert is_valid("pl_pesel", value)
        assert is_valid("pl_pesel", masked)
        assert 1920 <= year < 2010


@pytest.mark.parametrize("kind", sorted(TYPES))
def test_wrong_numbers_do_not_stay_and_become_no_valid_ones(kind):
    random = np.random.default_rng(7)
    valid = set(examples(kind, 30))
    changed = {
        "".join(str((int(char) + random.integers(1, 10)) % 10) if char.isdigit() else char for char in value)
        for value in valid
    }
    wrong = sorted(changed - passing(kind, changed))
    masked = run(kind, wrong)
    # Changed digits make another valid number where no digit checks them.
    assert len(set(masked)) == len(wrong)
    assert len(wrong) > 3 or kind in {"gb_nino", "in_pan", "us_ein", "us_ssn"}
    assert not passing(kind, masked)
    assert sum(map(str.__eq__, wrong, masked)) <= len(wrong) / 10


@pytest.mark.parametrize("value", ["Maria Schneider", "unknown", "n/a", "Müller 536-90-4399", "536-90-4399x"])
def test_what_is_no_number_does_not_stay(value):
    (masked,) = run("us_ssn", [value])
    words = set(re.findall(r"[^\W_]{2,}", value))
    assert not words & set(re.findall(r"[^\W_]{2,}", masked))


@pytest.mark.parametrize(("kind", "length"), [("ro_vat", 2), ("ro_vat", 3), ("ro_vat", 4), ("ro_vat", 5)])
def test_all_numbers_of_a_length_are_permuted(kind, length):
    cipher = SchemeCipher(KEY, "national_id", "d", tuple(TYPES[kind]()))
    numbers = np.array(
        [list(f"{number:0{length}d}".encode()) for number in range(10**length)], dtype=np.uint8
    )
    masked = cipher(numbers)
    assert len(np.unique(masked, axis=0)) == 10**length
    assert cipher.valid(masked).tolist() == cipher.valid(numbers).tolist()


def test_the_digits_of_a_steuer_id_are_numbered_without_gaps():
    field = SteuerDigits()
    assert field.size == 381_024_000
    random = np.random.default_rng(7)
    ordinals = np.concatenate(
        [random.integers(0, field.size, 5000), [0, 163_295_999, 163_296_000, field.size - 1]]
    )
    chars = np.zeros((len(ordinals), 11), dtype=np.uint8)
    field.write(ordinals.astype(np.uint64), chars)
    read, right = field.read(chars)
    assert right.all()
    assert read.tolist() == ordinals.tolist()
    for row in chars[:, :10].tolist():
        counts = sorted(Counter(row).values())[::-1]
        assert counts[0] in {2, 3}
        assert set(counts[1:]) == {1}


def passing(kind, values):
    """Those that are valid in the schemes."""
    cipher = SchemeCipher(KEY, "any", "d", tuple(TYPES[kind]()))
    found = set()
    for length in {len(value) for value in values}:
        of_length = [value for value in values if len(value) == length]
        chars = np.frombuffer("".join(of_length).encode(), dtype=np.uint8).reshape(-1, length)
        found |= {value for value, valid in zip(of_length, cipher.valid(chars), strict=True) if valid}
    return found
