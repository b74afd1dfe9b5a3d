"""IBANs against python-stdnum."""

from __future__ import annotations

import re

import numpy as np
import polars as pl
import pytest
from stdnum import iban as stdnum_iban

from datamask.catalog.model import ColumnType
from datamask.masking.engine import Masker
from datamask.masking.iban import NO_CHECK, iso_check, structures
from datamask.masking.keys import MaskingKey
from datamask.masking.model import ColumnMask
from datamask.masking.registry import get

KEY = MaskingKey(b"k" * 32)
TEXT = ColumnType("text", "text", "text")
# From SWIFT's IBAN registry: the example of each country.
EXAMPLES = [
    "AD1200012030200359100100", "AE070331234567890123456", "AL47212110090000000235698741", "AT611904300234573201",
    "AZ21NABZ00000000137010001944", "BA391290079401028494", "BE68539007547034", "BG80BNBG96611020345678",
    "BH67BMAG00001299123456", "BR1800360305000010009795493C1", "CH9300762011623852957", "CR05015202001026284066",
    "CY17002001280000001200527600", "CZ6508000000192000145399", "DE89370400440532013000", "DK5000400440116243",
    "DO28BAGR00000001212453611324", "EE382200221020145685", "ES9121000418450200051332", "FI2112345600000785",
    "FO6264600001631634", "FR1420041010050500013M02606", "GB29NWBK60161331926819", "GE29NB0000000101904917",
    "GI75NWBK000000007099453", "GL8964710001000206", "GR1601101250000000012300695", "GT82TRAJ01020000001210029690",
    "HR1210010051863000160", "HU42117730161111101800000000", "IE29AIBK93115212345678", "IL620108000000099999999",
    "IS140159260076545510730339", "IT60X0542811101000000123456", "JO94CBJO0010000000000131000302",
    "KW81CBKU0000000000001234560101", "KZ86125KZT5004100100", "LB62099900000001001901229114", "LI21088100002324013AA",
    "LT121000011101001000", "LU280019400644750000", "LV80BANK0000435195001", "MC5811222000010123456789030",
    "MD24AG000225100013104168", "ME25505000012345678951", "MK07250120000058984", "MR1300020001010000123456753",
    "MT84MALT011000012345MTLCAST001S", "MU17BOMM0101101030300200000MUR", "NL91ABNA0417164300", "NO9386011117947",
    "PK36SCBL0000001123456702", "PL61109010140000071219812874", "PS92PALS000000000400123456702",
    "PT50000201231234567890154", "QA58DOHB00001234567890ABCDEFG", "RO49AAAA1B31007593840000", "RS35260005601001611379",
    "SA0380000000608010167519", "SE4550000000058398257466", "SI56263300012039086", "SK3112000000198742637541",
    "SM86U0322509800000000270100", "TL380080012345678910157", "TN5910006035183598478831", "TR330006100519786457841326",
    "VG96VPVG0000012345678901", "XK051212012345678906",
]  # fmt: skip


def run(values, **params):
    mask = ColumnMask("value", "iban", TEXT, "d", get("iban").validate(params))
    frame = pl.DataFrame({"value": pl.Series(values, dtype=pl.String)})
    return Masker([mask], KEY).mask(frame)["value"].to_list()


def chars(iban):
    return np.frombuffer(iban.encode(), dtype=np.uint8).reshape(1, -1)


@pytest.mark.parametrize("iban", EXAMPLES)
def test_the_registry_s_examples_have_their_structure_and_check_digits(iban):
    structure = structures()[iban[:2]]
    assert len(structure.classes) == len(iban) - 4
    assert structure.fits(chars(iban[4:])).all()
    assert iso_check(chars(iban)).tolist() == [int(iban[2:4])]
    if structure.check is not None:
        assert (
            structure.check.compute(chars(iban[4:])).tolist()
            == structure.check.read(chars(iban[4:])).tolist()
        )


def test_valid_accounts_become_other_valid_ones_of_the_country():
    for params in ({}, {"keep_bank": True}):
        for before, after in zip(EXAMPLES, run(EXAMPLES, **params), strict=True):
            # python-stdnum wants a bank of today in Belgium.
            assert stdnum_iban.is_valid(after, check_country=after[:2] != "BE"), before[:2]
            assert after != before
            assert after[:2] == before[:2]
            shape = re.sub("[A-Z]", "A", re.sub(r"\d", "9", before[4:]))
            masked = re.sub("[A-Z]", "A", re.sub(r"\d", "9", after[4:]))
            assert len(masked) == len(shape)
            if shape.isdigit():
                assert masked.isdigit()
            structure = structures()[after[:2]]
            if structure.check is not None:
                right = structure.check.compute(chars(after[4:]))
                assert right.tolist() == structure.check.read(chars(after[4:])).tolist()
            if params:
                assert after[4:][structure.bank] == before[4:][structure.bank]


def test_grouping_and_case_stay():
    together, grouped, small = run(
        ["DE89370400440532013000", "DE89 3704 0044 0532 0130 00", "de89370400440532013000"]
    )
    assert grouped == " ".join(together[at : at + 4] for at in range(0, 22, 4))
    assert small == together.lower()


def test_wrong_check_digits_stay_as_wrong_as_they_were():
    values = [f"DE{pair:02d}370400440532013000" for pair in range(100)]
    masked = run(values)
    assert len(set(masked)) == 100
    assert sum(map(stdnum_iban.is_valid, masked)) == 1
    assert len({value[4:] for value in masked}) == 1


def test_norwegian_accounts_without_a_check_digit_stay_without():
    values = [f"NO938601{number:06d}7" for number in range(300)]
    check = structures()["NO"].check
    before = [check.compute(chars(value[4:]))[0] == NO_CHECK for value in values]
    after = [check.compute(chars(value[4:]))[0] == NO_CHECK for value in run(values)]
    assert before == after
    assert 10 < sum(before) < 60
    assert len(set(run(values))) == 300


@pytest.mark.parametrize(
    "value", ["XX89370400440532013000", "DE8937040044053201300", "DE893704004405320130AB", "Maria Schneider"]
)
def test_what_is_no_iban_does_not_stay(value):
    (masked,) = run([value])
    assert len(masked) == len(value)
    assert not set(re.findall(r"\w{3,}", value)) & set(re.findall(r"\w{3,}", masked))


def test_other_characters_do_not_stay():
    assert re.fullmatch(r"[a-z2-7]{13}", run(["José, DE89370400440532013000"])[0])
