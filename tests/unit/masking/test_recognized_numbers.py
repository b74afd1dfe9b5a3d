"""National numbers whose kind nobody says: each stays valid as what it is."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from stdnum import get_cc_module
from stdnum.au import tfn
from stdnum.br import cpf
from stdnum.ca import sin
from stdnum.de import idnr, stnr
from stdnum.es import nif
from stdnum.fr import nir
from stdnum.nl import bsn
from stdnum.pl import pesel
from stdnum.us import ssn

from datamask.catalog.model import ColumnType
from datamask.errors import PolicyError
from datamask.masking.engine import Masker
from datamask.masking.keys import MaskingKey
from datamask.masking.model import ColumnMask
from datamask.masking.national.recognized import RecognizingCipher
from datamask.masking.national.types import AUTO, TYPES, schemes
from datamask.masking.registry import get

KEY = MaskingKey(b"k" * 32)
TEXT = ColumnType("text", "text", "text")


def run(values, key=KEY, **params):
    checked = get("national_id").validate({"type": "auto", **params})
    frame = pl.DataFrame({"value": pl.Series(values, dtype=pl.String)})
    return (
        Masker([ColumnMask("value", "national_id", TEXT, "d", checked)], key).mask(frame)["value"].to_list()
    )


def valid(kind, count=150):
    """Valid numbers of a kind, made by its schemes from random fields."""
    random = np.random.default_rng(11)
    found = []
    for scheme in schemes(kind)[:4]:
        chars = np.full((count, scheme.length), ord("0"), dtype=np.uint8)
        for field in (*scheme.kept, *scheme.fields):
            field.write(random.integers(0, field.size, count).astype(np.uint64), chars)
        found += [scheme.prefix.decode() + bytes(row).decode() for row in chars[scheme.completed(chars)]]
    return list(dict.fromkeys(found))


@pytest.mark.parametrize(
    ("kind", "judge"),
    [
        ("nl_bsn", bsn.is_valid), ("ca_sin", sin.is_valid), ("au_tfn", tfn.is_valid), ("us_ssn", ssn.is_valid),
        ("de_idnr", idnr.is_valid), ("pl_pesel", pesel.is_valid), ("br_cpf", cpf.is_valid), ("fr_nir", nir.is_valid),
        ("es_nif", nif.is_valid), ("de_vat", get_cc_module("de", "vat").is_valid),
    ],
)  # fmt: skip
def test_a_number_stays_valid_as_what_it_is(kind, judge):
    prefix = "DE" if kind == "de_vat" else ""
    values = [prefix + value.removeprefix("DE") for value in valid(kind)]
    values = list(dict.fromkeys(values))
    masked = run(values)
    assert len(set(masked)) == len(values) > 60
    # What passes three checks of nine digits by chance stays valid in two of them.
    assert sum(map(judge, masked)) >= 0.95 * len(values)
    assert sum(map(str.__eq__, values, masked)) <= len(values) / 20


def test_with_few_types_to_tell_apart_all_stay_valid():
    values = [value for value in valid("nl_bsn") if len(value) == 9]
    masked = run(values, among=["us_ssn", "nl_bsn"])
    assert all(map(bsn.is_valid, masked))
    assert [ssn.is_valid(value) for value in masked] == [ssn.is_valid(value) for value in values]


def test_what_is_valid_in_nothing_keeps_its_shape_and_becomes_nothing_valid():
    values = ["A1-23", "0000000000", "99/88-77", "XX 99 99 99 X", "123456789012345678901"]
    masked = run(values)
    for before, after in zip(values, masked, strict=True):
        assert [char for char in before if not char.isalnum()] == [
            char for char in after if not char.isalnum()
        ]
        assert len(before) == len(after)
        assert before != after
    assert len(set(run(["call Maria", "Müller"]))) == 2
    assert "Maria" not in run(["call Maria"])[0]


def test_separators_and_case_stay_and_do_not_matter():
    one, other, third = run(["36 574 261 809", "36574261809", "365-742-618-09"])
    assert one.replace(" ", "") == other == third.replace("-", "")
    small, large = run(["rccmnl83s18d969h", "RCCMNL83S18D969H"])
    assert small.islower()
    assert small.upper() == large


def test_all_numbers_of_a_length_are_permuted():
    cipher = RecognizingCipher(
        KEY, "p", "d", [schemes(kind) for kind in ("ro_vat", "fi_vat", "nl_bsn", "si_vat")]
    )
    numbers = np.array([list(f"{number:05d}".encode()) for number in range(100_000)], dtype=np.uint8)
    masked = cipher(numbers)
    assert len(np.unique(masked, axis=0)) == 100_000
    assert (cipher.valid(masked) == cipher.valid(numbers)).all()


def test_the_key_holder_gets_the_original_back():
    values = [*valid("nl_bsn", 50), *valid("br_cpf", 50), "A1-23", "123456789", "98765432109"]
    assert run(run(values), key=KEY.inverted()) == values


def test_a_steuernummer_keeps_its_office():
    values = ["181/815/08155", "2893081508152", "21/815/08150"]
    checked = get("national_id").validate({"type": "de_stnr"})
    frame = pl.DataFrame({"value": values})
    masked = (
        Masker([ColumnMask("value", "national_id", TEXT, "d", checked)], KEY).mask(frame)["value"].to_list()
    )
    assert [text[:3] for text in masked] == ["181", "289", "21/"]
    assert all(map(stnr.is_valid, masked))
    assert not set(masked) & set(values)


def test_among_is_an_unordered_set_of_types():
    params = get("national_id").validate({"type": "auto", "among": ["us_ssn", "nl_bsn", "nl_bsn"]})
    assert params["among"] == ["nl_bsn", "us_ssn"]
    assert set(AUTO) <= set(TYPES)


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"type": "us_ssn", "among": ["us_ssn"]}, "national_id: among is for type auto"),
        ({"type": "auto", "among": ["us_snn"]}, "national_id: among names 'us_snn', which is no type"),
    ],
)
def test_among_that_makes_no_sense(params, message):
    with pytest.raises(PolicyError) as caught:
        get("national_id").validate(params)
    assert caught.value.message == message
