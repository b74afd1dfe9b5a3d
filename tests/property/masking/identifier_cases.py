"""Identifiers: numbers of states, banks, networks and applications."""

from __future__ import annotations

import string
from dataclasses import dataclass

import numpy as np
from law_case import CHAR, CIDR, INET, INTEGER, TEXT, Case

from datamask.catalog.model import ColumnType

CUSTOM = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
ULID = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
BASE62 = string.digits + string.ascii_letters
MACADDR = ColumnType("macaddr", "other", "macaddr")
MACADDR8 = ColumnType("macaddr8", "other", "macaddr8")
MACS = (
    "08002b010203",
    "0800.2b01.0203",
    "08:00:2B:AB:02:03",
    "08:00:2b:AB:02:03",
    "ff:ff:ff:ff:ff:ff",
    "00:00:00:00:00:01",
    "00:00:00:00:00:00",
    "01:00:5e:00:00:01",
    "12:34:56:78:90:12",
    "08:00:2b:ff:fe:01:02:03",
)
HOSTS = (
    "localhost",
    "db1.prod.internal",
    "www.bbc.co.uk",
    "co.uk",
    "x.uk",
    "a..b",
    "Web01.Example.COM.",
    "10.0.0.1",
    "bob.smith",
)
PLATES = ("B-MW 1234", "MÜ-AB 123", "AB12 CDE", "AB-123-CD", "ABC 1234", "1ABC234", "Ä 1", "Bob")
VINS = (
    "1M8GDM9AXKP042788",
    "WVWZZZ1JZXW000001",
    "1m8gdm9axkp042788",
    "11111111111111111",
    "1M8GDM9AXKPO42788",
)
PREFIXED = (
    "cus_",
    "cus_1",
    "cs_abcd_1",
    "cs_test_a1",
    "maria_schneider",
    "user_maria",
    "sub_sched_1A",
    "Cus_ab12",
)
ULIDS = (
    "01arz3ndektsv4rrffq69g5fav",
    "01ARZ3NDEKTSV4RRFFQ69G5FAV",
    "81ARZ3NDEKTSV4RRFFQ69G5FAV",
    "0" * 26,
    "7" + "Z" * 25,
)
KSUIDS = (
    "0ujtsYcgvSTl8PAuAdqWYSMnLOv",
    "aWgEPTl1tmebfsQzFP4bxwgy80V",
    "aWgEPTl1tmebfsQzFP4bxwgy80W",
    "0" * 27,
    "z" * 27,
)


@dataclass(frozen=True)
class Drawn:
    """Distinct texts of a pattern: 9 is a digit, A a capital, x a hexadecimal digit, # one of the alphabet."""

    pattern: str
    alphabet: str = string.ascii_uppercase

    def __call__(self, count: int) -> list[str]:
        count = min(count, 20_000)
        random = np.random.default_rng(7)
        sets = {
            "9": string.digits,
            "A": string.ascii_uppercase,
            "x": "0123456789abcdef",
            "#": self.alphabet,
        }
        columns = [random.choice(list(sets.get(place, place)), count) for place in self.pattern]
        rows = np.stack(columns, axis=1).astype("S1")
        texts = np.ascontiguousarray(rows).view(f"S{len(self.pattern)}").ravel().astype(str).tolist()
        return list(dict.fromkeys(texts))


CASES = [
    Case(
        "ff1",
        TEXT,
        {"alphabet": CUSTOM},
        many=Drawn("#####-#####", CUSTOM),
        odd=("ABC0", "abc", "K7", "INV-"),
    ),
    Case(
        "ff1",
        TEXT,
        {"prefix": "INV-"},
        many=Drawn("INV-9999AA"),
        odd=("INV-", "INV-1", "INV1", "inv-77", "NVI-12"),
    ),
    Case(
        "ff1",
        TEXT,
        {"keep_first": 2, "keep_last": 3},
        many=Drawn("AA-999999-AAA"),
        odd=("AB", "ABCDE", "ABCDEF"),
    ),
    Case("ff1", CHAR, {"alphabet": "digits", "keep_last": 4}, many=Drawn("99999999")),
    Case("ff1", INTEGER, {"alphabet": "digits"}),
    Case(
        "iban",
        TEXT,
        many=Drawn("DE999999999999999999999"[:22]),
        odd=("GB29NWBK60161331926819", "de89 3704 0044 0532 0130 00"),
    ),
    Case("iban", CHAR, many=Drawn("999999999999")),
    Case(
        "iban", TEXT, {"keep_bank": True}, many=Drawn("FR9999999999999999999AA9999"), odd=("NO9386011117947",)
    ),
    Case("ip", TEXT, {"preserve": "prefix"}),
    Case(
        "national_id", TEXT, {"type": "us_ssn"}, many=Drawn("999-99-9999"), odd=("078-05-1120", "000-12-3456")
    ),
    Case("national_id", CHAR, {"type": "us_ssn"}, many=Drawn("999-99-9999")),
    Case("national_id", TEXT, {"type": "de_idnr"}, many=Drawn("99 999 999 999"), odd=("36574261809",)),
    Case(
        "national_id",
        TEXT,
        {"type": "es_nif"},
        many=Drawn("99999999A"),
        odd=("54362315k", "x-5253868-R", "J99216582"),
    ),
    Case(
        "national_id",
        TEXT,
        {"type": "it_codicefiscale"},
        many=Drawn("AAAAAA99A99A999A"),
        odd=("rccmnl83s18d969h",),
    ),
    Case(
        "national_id",
        TEXT,
        {"type": "eu_vat"},
        many=Drawn("DE999999999"),
        odd=("NL4495445B01", "IE6433435F", "FR40303265045"),
    ),
    Case("ip", INET, {"preserve": "prefix"}),
    Case("ip", CIDR, {"preserve": "prefix"}),
    Case("card_number", TEXT, {"keep": "brand", "keep_last": 4}, many=Drawn("9999999999999999")),
    Case("card_number", TEXT, {"keep": "bin8"}, many=Drawn("4111999999999999")),
    Case("mac", TEXT, many=Drawn("08:00:2b:xx:xx:xx"), odd=MACS),
    Case("mac", TEXT, {"vendor": "hide"}, many=Drawn("0a-xx-xx-xx-xx-xx"), odd=MACS),
    Case(
        "mac",
        MACADDR,
        many=Drawn("08:00:27:xx:xx:xx"),
        odd=("08:00:27:00:00:00", "ff:ff:ff:ff:ff:ff", "00:00:00:00:00:00"),
    ),
    Case("mac", MACADDR8, many=Drawn("08:00:27:ff:fe:xx:xx:xx"), odd=("08:00:2b:01:02:03:04:05",)),
    Case("hostname", TEXT, many=Drawn("web99.AAAA.example.com"), odd=HOSTS),
    Case("plate", TEXT, many=Drawn("AA-AA 9999"), odd=PLATES),
    Case("plate", TEXT, {"keep_region": True}, many=Drawn("B-AA 9999"), odd=PLATES),
    Case("vin", TEXT, many=Drawn("1HGCM8263AA999999"), odd=VINS),
    Case("vin", TEXT, {"keep": "model"}, many=Drawn("1HGCM8263AA999999"), odd=VINS),
    Case(
        "prefixed_id",
        TEXT,
        many=Drawn("cus_##############", string.ascii_letters + string.digits),
        odd=PREFIXED,
    ),
    Case(
        "prefixed_id",
        TEXT,
        {"prefixes": ["order-", "or"]},
        many=Drawn("order-999999"),
        odd=("or", "order-", "oracle", "rorder-1"),
    ),
    *(
        Case("ulid", TEXT, params, many=Drawn("01ARZ3NDEK################", ULID), odd=ULIDS)
        for params in ({}, {"keep_time": True})
    ),
    *(
        Case(
            "object_id",
            TEXT,
            params,
            many=Drawn("507f1f77xxxxxxxxxxxxxxxx"),
            odd=("507F1F77BCF86CD799439011", "0" * 24, "f" * 24),
        )
        for params in ({}, {"keep_time": True})
    ),
    *(
        Case("ksuid", TEXT, params, many=Drawn("0ujtsY#####################", BASE62), odd=KSUIDS)
        for params in ({}, {"keep_time": True})
    ),
    Case(
        "nanoid",
        TEXT,
        many=Drawn("#####################", BASE62 + "_-"),
        odd=("V1StGXR8_Z5jdHi6B-myT", "a_", "-" * 22),
    ),
]
