"""Identifiers of vehicles, interfaces, hosts and applications: what of them stays, and what is permuted."""

from __future__ import annotations

import ipaddress
import itertools
import re

import numpy as np
import polars as pl
import pytest

from datamask.catalog.model import ColumnType
from datamask.errors import PolicyError
from datamask.masking.bitstrings import BitStringCipher
from datamask.masking.engine import Masker
from datamask.masking.keys import MaskingKey
from datamask.masking.model import ColumnMask
from datamask.masking.registry import get

KEY = MaskingKey(b"k" * 32)
TEXT = ColumnType("text", "text", "text")
INET = ColumnType("inet", "inet", "inet")
CIDR = ColumnType("cidr", "inet", "cidr")
MACADDR = ColumnType("macaddr", "other", "macaddr")
TOKEN = r"[a-z2-7]{13}"


def run(transform, values, kind=TEXT, **params):
    mask = ColumnMask("value", transform, kind, "d", get(transform).validate(params))
    frame = pl.DataFrame({"value": pl.Series(values, dtype=pl.String)})
    return Masker([mask], KEY).mask(frame)["value"].to_list()


def one(transform, value, kind=TEXT, **params):
    return run(transform, [value], kind, **params)[0]


@pytest.mark.parametrize(
    ("value", "params", "form"),
    [
        (
            "ABCD-2345",
            {"alphabet": "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"},
            r"[A-HJ-NP-Z2-9]{4}-[A-HJ-NP-Z2-9]{4}",
        ),
        ("ABCD-0000", {"alphabet": "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"}, TOKEN),
        ("INV-2024", {"prefix": "INV-"}, r"INV-\d{4}"),
        ("INW-2024", {"prefix": "INV-"}, r"(?!INV-)[A-Z0-9]{3}-[A-Z0-9]{4}"),
        ("INV-", {"prefix": "INV-"}, "INV-"),
        ("AB-123456-CD", {"keep_first": 2, "keep_last": 3}, r"AB-\d{5}6-CD"),
        ("ABCDE", {"keep_first": 2, "keep_last": 3}, r"(?!ABCDE)[A-Z0-9]{5}"),
        ("4539148803436467", {"alphabet": "digits", "keep_last": 4}, r"\d{12}6467"),
        ("AB-123456", {"alphabet": "digits"}, r"AB-\d{6}"),
        ("Schneider", {"alphabet": "digits"}, TOKEN),
        ("größe 1", {}, TOKEN),
    ],
)
def test_ff1(value, params, form):
    masked = one("ff1", value, **params)
    assert re.fullmatch(form, masked), masked
    assert masked != value or value == "INV-"


def test_a_hash_that_begins_with_the_prefix_is_left_alone():
    values = [f"é{number}" for number in range(200)]
    masked = run("ff1", values, alphabet="digits", prefix="a")
    assert all(re.fullmatch(TOKEN, value) for value in masked)
    assert sum(value.startswith("a") for value in masked) > 0


@pytest.mark.parametrize(
    ("params", "message"),
    [
        (
            {"alphabet": "digit"},
            "ff1: alphabet must be digits, alphanumeric, or at least eight different ASCII characters",
        ),
        (
            {"alphabet": "ABCDEFGHA"},
            "ff1: alphabet must be digits, alphanumeric, or at least eight different ASCII characters",
        ),
        ({"prefix": "é"}, "ff1: prefix must be ASCII characters"),
        ({"keep_first": -1}, "ff1: keep_first must be a whole number, 0 to 64"),
    ],
)
def test_ff1_says_what_is_wrong(params, message):
    with pytest.raises(PolicyError) as caught:
        get("ff1").validate(params)
    assert caught.value.message == message


def test_ff1_keeps_no_parts_of_integers():
    ff1, integer = get("ff1"), ColumnType("integer", "integer", "int4")
    with pytest.raises(PolicyError, match="ff1: keep_last is about text, not integer columns"):
        ff1.laws(ff1.validate({"keep_last": 2}), integer, False)


def test_all_short_codes_with_and_without_the_prefix_are_permuted():
    values = ["".join(chars) for chars in itertools.product("ABab", "CDcd", "0123456789", "019")]
    masked = run("ff1", values, prefix="AC")
    assert len(set(masked)) == len(values)
    assert [value.startswith("AC") for value in masked] == [value.startswith("AC") for value in values]


def vin_is_valid(vin):
    values = dict(
        zip("ABCDEFGHJKLMNPRSTUVWXYZ", (*range(1, 9), *range(1, 6), 7, 9, *range(2, 10)), strict=True)
    )
    weights = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
    total = sum(
        weight * (int(char) if char.isdigit() else values[char])
        for char, weight in zip(vin, weights, strict=True)
    )
    return vin[8] == "0123456789X"[total % 11]


@pytest.mark.parametrize("vin", ["1M8GDM9AXKP042788", "5GZCZ43D13S812715", "1HGCM82633A004352"])
def test_valid_vins_stay_valid(vin):
    assert vin_is_valid(vin)
    masked, model = one("vin", vin), one("vin", vin, keep="model")
    for other in (masked, model):
        assert vin_is_valid(other)
        assert other != vin
        assert (other[:3], other[9]) == (vin[:3], vin[9])
        assert re.sub("[A-Z]", "A", re.sub(r"\d", "9", other[9:])) == re.sub(
            "[A-Z]", "A", re.sub(r"\d", "9", vin[9:])
        )
    assert model[:8] == vin[:8]
    assert model[10] == vin[10]
    assert one("vin", vin.lower()) == masked.lower()


def test_other_vins_stay_as_wrong_as_they_were():
    assert one("vin", "WVWZZZ1JZXW000001")[8] == "Z"
    results = run("vin", [f"1M8GDM9A{check}KP042788" for check in "0123456789X"])
    assert sum(map(vin_is_valid, results)) == 1
    assert len(set(results)) == 11
    assert re.fullmatch(r"[A-Z0-9]{17}", one("vin", "1M8GDM9AXKPO42788"))
    assert re.fullmatch(TOKEN, one("vin", "José's car"))


@pytest.mark.parametrize(
    ("value", "form"),
    [
        ("08:00:2b:01:02:03", r"08:00:2b(:[0-9a-f]{2}){3}"),
        ("08-00-2B-01-02-03", r"08-00-2B(-[0-9A-F]{2}){3}"),
        ("0800.2b01.0203", r"0800\.2b[0-9a-f]{2}\.[0-9a-f]{4}"),
        ("08002b010203", r"08002b[0-9a-f]{6}"),
        ("08:00:2b:01:02:03:04:05", r"08:00:2b(:[0-9a-f]{2}){5}"),
        ("12:34:56:78:90:12", r"12:34:56(:\d\d){3}"),
    ],
)
def test_macs_keep_their_manufacturer_and_form(value, form):
    masked = one("mac", value)
    assert re.fullmatch(form, masked)
    assert masked != value


def test_macs_without_their_manufacturer():
    masked = one("mac", "08:00:2b:01:02:03", vendor="hide")
    assert re.fullmatch(r"[0-9a-f]8(:[0-9a-f]{2}){5}", masked)
    assert not masked.startswith("08:00:2b")


def test_macs_that_stay_and_values_that_are_none():
    values = ["ff:ff:ff:ff:ff:ff", "01:00:5e:00:00:fb", "00:00:00:00:00:00"]
    assert run("mac", values, MACADDR) == values == run("mac", values)
    assert all(
        re.fullmatch(TOKEN, masked) for masked in run("mac", ["08:00:2b:01:02", "Bob", "08:00:2b:AB:cd:ef"])
    )
    assert run("mac", ["08:00:2b:01:02:03"], MACADDR) == run("mac", ["08:00:2b:01:02:03"])
    refused = get("mac").accepts(ColumnType("point", "other", "point"))
    assert refused == "mac takes text columns, not point"


@pytest.mark.parametrize(
    ("value", "form"),
    [
        ("db1.prod.example.com", r"[a-z0-9]{3}\.[a-z0-9]{4}\.[a-z0-9]{7}\.com"),
        ("www.bbc.co.uk", r"[a-z]{3}\.[a-z]{3}\.co\.uk|[a-z0-9]{3}\.[a-z0-9]{3}\.co\.uk"),
        ("Web-01.Example.ORG.", r"[A-Za-z0-9]{3}-[A-Za-z0-9]{2}\.[A-Za-z0-9]{7}\.ORG\."),
        ("localhost", r"[a-z0-9]{9}"),
        ("bob.smith", r"[a-z0-9]{3}\.[a-z0-9]{5}"),
        ("10.0.0.7", r"\d\d\.\d\.\d\.\d"),
        ("bücher.example", TOKEN),
    ],
)
def test_hostnames(value, form):
    masked = one("hostname", value)
    assert re.fullmatch(form, masked), masked
    assert masked != value


def test_hosts_of_a_domain_stay_together():
    first, second, parent = run(
        "hostname", ["db1.prod.shop.example", "db2.prod.shop.example", "shop.example"]
    )
    assert first.split(".")[1:] == second.split(".")[1:]
    assert first.split(".")[2:] == parent.split(".")


def test_names_below_a_second_level_domain_do_not_meet_those_beside_it():
    values = [f"{a}{b}.uk" for a in "abcdefghijklmnop" for b in "abcdefghijklmnop"]
    values += [f"{value[:1]}.{value}" for value in values] + [
        f"{c}.co.uk" for c in "abcdefghijklmnopqrstuvwxyz"
    ]
    values = list(dict.fromkeys(values))
    assert len(set(run("hostname", values))) == len(values)


@pytest.mark.parametrize(
    ("value", "keep_region", "form"),
    [
        ("B-MW 1234", False, r"[A-Z]-[A-Z]{2} \d{4}"),
        ("B-MW 1234", True, r"B-[A-Z]{2} \d{4}"),
        ("MÜ-AB 123", True, r"MÜ-[A-Z]{2} \d{3}"),
        ("MÜ-AB 123", False, r"[A-Z][ÄÖ]-[A-Z]{2} \d{3}"),
        ("AB12 CDE", True, r"AB\d\d [A-Z]{3}"),
        ("Bob", True, r"[A-Z][a-z]{2}"),
        ("Ж 123", True, TOKEN),
    ],
)
def test_plates(value, keep_region, form):
    masked = one("plate", value, keep_region=keep_region)
    assert re.fullmatch(form, masked), masked
    assert masked != value


def test_the_key_turns_umlauts_back():
    values = ["MÜ-AB 123", "ÄÖ-Ü 1"]
    mask = ColumnMask("value", "plate", TEXT, "d", get("plate").validate({}))
    frame = pl.DataFrame({"value": run("plate", values)})
    assert Masker([mask], KEY.inverted()).mask(frame)["value"].to_list() == values


@pytest.mark.slow
@pytest.mark.parametrize(
    ("transform", "params", "form"),
    [
        ("national_id", {"type": "us_ssn"}, "{0:09d}"),
        ("national_id", {"type": "de_idnr"}, "{0:011d}"),
        ("national_id", {"type": "eu_vat"}, "DE{0:09d}"),
        ("iban", {}, "DE00{0:018d}"),
        ("card_number", {"keep": "brand", "keep_last": 4}, "{0:016d}"),
        ("ff1", {"alphabet": "0123456789abcdef", "keep_last": 2}, "{0:010x}"),
        ("vin", {}, "1M8GDM9A{0:09d}"),
        ("mac", {"vendor": "hide"}, "{0:012x}"),
        ("hostname", {}, "h{0:x}.example.com"),
        ("plate", {}, "AB-CD {0:09d}"),
        ("prefixed_id", {}, "cus_{0:014d}"),
        ("ulid", {}, "01ARZ3NDEK{0:016d}"),
        ("object_id", {}, "507f1f77{0:016x}"),
        ("nanoid", {}, "V1StGXR8_Z{0:011d}"),
    ],
)
def test_a_million_values_stay_distinct(transform, params, form):
    values = [form.format(number * 677) for number in range(1_000_000)]
    values = list(
        dict.fromkeys(value for value in values if len(value) == len(form.format(0)) or "{0:x}" in form)
    )
    masked = pl.Series(run(transform, values, **params))
    assert masked.n_unique() == len(values)


@pytest.mark.parametrize(
    ("value", "params", "form"),
    [
        ("cus_NffrFeUfNV2Hib", {}, r"cus_[A-Za-z0-9]{14}"),
        ("sk_test_4eC39HqLyjWDarjtT1zdp7dc", {}, r"sk_test_[A-Za-z0-9]{24}"),
        ("maria_schneider", {}, r"(?!maria)[a-z0-9]{5}_[a-z0-9]{9}"),
        ("order-4711", {"prefixes": ["order-"]}, r"order-\d{4}"),
        ("cus_4711", {"prefixes": ["order-"]}, r"(?!cus)[a-z0-9]{3}_[a-z0-9]{4}"),
    ],
)
def test_prefixed_ids(value, params, form):
    masked = one("prefixed_id", value, **params)
    assert re.fullmatch(form, masked)
    assert masked != value


def test_a_prefix_inside_of_another_stays_the_shorter_one():
    values = [f"cs_{a}{b}{c}t_1" for a in "abcdefghijklmnopqrst" for b in "abcdefghijkl" for c in "pqrst"]
    masked = run("prefixed_id", values, prefixes=["cs_", "cs_test_"])
    assert len(set(masked)) == len(values)
    assert [value.startswith("cs_test_") for value in masked] == [value == "cs_test_1" for value in values]


def test_prefixes_are_not_empty():
    with pytest.raises(
        PolicyError, match="prefixed_id: prefixes must be ASCII characters, and none of them empty"
    ):
        get("prefixed_id").validate({"prefixes": [""]})


@pytest.mark.parametrize(
    ("transform", "value", "alphabet", "time"),
    [
        ("ulid", "01ARZ3NDEKTSV4RRFFQ69G5FAV", "0-9A-HJKMNP-TV-Z", 10),
        ("ulid", "01arz3ndektsv4rrffq69g5fav", "0-9a-hjkmnp-tv-z", 10),
        ("object_id", "507f1f77bcf86cd799439011", "0-9a-f", 8),
        ("object_id", "507F1F77BCF86CD799439011", "0-9A-F", 8),
        ("ksuid", "0ujtsYcgvSTl8PAuAdqWYSMnLOv", "0-9A-Za-z", 6),
    ],
)
def test_sortable_ids(transform, value, alphabet, time):
    masked, timed = one(transform, value), one(transform, value, keep_time=True)
    assert re.fullmatch(f"[{alphabet}]{{{len(value)}}}", masked)
    assert re.fullmatch(f"{value[:time]}[{alphabet}]{{{len(value) - time}}}", timed)
    assert len({value, masked, timed}) == 3


def test_ulids_stay_below_their_largest_and_other_codes_are_no_ulids():
    values = [f"7ZZZZZZZZZ{number:016d}" for number in range(500)]
    assert all(value[0] <= "7" for value in run("ulid", values))
    assert (
        max(run("ksuid", [f"aWgEPTl1tmebfsQzFP4bxwg{number:04d}" for number in range(500)]))
        <= "aWgEPTl1tmebfsQzFP4bxwgy80V"
    )
    (masked,) = run("ulid", ["81ARZ3NDEKTSV4RRFFQ69G5FAV"])
    assert re.fullmatch("[0-9A-Z]{26}", masked)
    assert masked[0] > "7" or set(masked) & set("ILOU")


def test_nanoids():
    assert re.fullmatch(r"[A-Za-z0-9_-]{21}", one("nanoid", "V1StGXR8_Z5jdHi6B-myT"))
    assert re.fullmatch(r"[A-Za-z0-9_-]{10}", one("nanoid", "V1StGXR8_Z"))
    assert re.fullmatch(r"[A-Za-z0-9_-]{40}", one("nanoid", "V1StGXR8_Z5jdHi6B-my" * 2))
    assert re.fullmatch(TOKEN, one("nanoid", "V1StGXR8 Z"))


@pytest.mark.parametrize(
    ("bits", "length", "total"),
    [(4, 5, 20), (4, 24, 96), (5, 26, 128), (6, 21, 126), (5, 16, 80), (1, 21, 21)],
)
def test_bit_strings_are_permuted(bits, length, total):
    random = np.random.default_rng(7)
    numerals = random.integers(0, 1 << bits, (2000, length)).astype(np.uint8)
    spare = bits * length - total
    numerals[:, 0] >>= spare
    numerals = np.unique(numerals, axis=0)
    encrypted = BitStringCipher(b"k" * 32).encrypt(numerals, bits, total)
    assert encrypted.shape == numerals.shape
    assert encrypted.max() < 1 << bits
    assert (encrypted[:, 0] < 1 << (bits - spare)).all()
    assert len(np.unique(encrypted, axis=0)) == len(numerals)


@pytest.mark.slow
def test_a_million_bit_strings_are_permuted_onto_themselves():
    numbers = np.arange(1 << 20, dtype=np.uint32)
    numerals = np.stack([(numbers >> shift) & 15 for shift in range(16, -4, -4)], axis=1).astype(np.uint8)
    encrypted = BitStringCipher(b"k" * 32).encrypt(numerals, 4, 20).astype(np.uint32)
    assert len(np.unique(sum(encrypted[:, place] << (16 - 4 * place) for place in range(5)))) == 1 << 20


def test_addresses_of_a_subnet_stay_in_one_subnet():
    hosts = [f"198.51.100.{host}" for host in range(256)]
    masked = run("ip", hosts, INET, preserve="prefix")
    (network,) = run("ip", ["198.51.100.0/24"], CIDR, preserve="prefix")
    assert {ipaddress.ip_network(f"{address}/24", strict=False) for address in masked} == {
        ipaddress.ip_network(network)
    }
    assert len(set(masked)) == 256
    first, second = run("ip", ["2001:db8:1:2::7", "2001:db8:1:2::8"], INET, preserve="prefix")
    (six,) = run("ip", ["2001:db8:1:2::/64"], CIDR, preserve="prefix")
    assert {ipaddress.ip_network(f"{address}/64", strict=False) for address in (first, second)} == {
        ipaddress.ip_network(six)
    }


@pytest.mark.parametrize("preserve", ["kind", "prefix"])
def test_addresses_in_text_are_those_of_inet(preserve):
    values = ["198.51.100.7", "10.1.2.3/8", "2001:db8::1", "2001:db8::1/64", "8.8.8.8"]
    assert run("ip", values, preserve=preserve) == run("ip", values, INET, preserve=preserve)
    odd = [
        "1.2.3",
        "1.2.3.4.5",
        "1..2.3",
        "01.2.3.4",
        "1.2.3.256",
        "1.2.3.4/33",
        "1.2.3.4/",
        "1.2.3.4/8/8",
        ".1.2.3",
        "1.2.3.4/8.1",
    ]
    assert all(masked.startswith("10.") for masked in run("ip", odd, preserve=preserve))
