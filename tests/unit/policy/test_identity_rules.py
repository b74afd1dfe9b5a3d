"""Identity data from a policy to masked rows: addresses that fit together, names by person, addresses of names."""

from __future__ import annotations

import re
from pathlib import Path

import polars as pl
from support.policies import codes, compiled, foreign, primary, table

from datamask.masking.engine import Masker
from datamask.masking.keys import MaskingKey
from datamask.masking.places import places

CUSTOMERS = table(
    "customers",
    *("id int not null", "first_name text", "last_name text", "email text", "sex text", "country text"),
    *("street text", "city text", "zip text", "state text"),
    unique_keys=(primary("id"),),
)
ORDERS = table(
    "orders",
    *("id int not null", "customer_id int", "ship_city text", "ship_zip text", "buyer text"),
    unique_keys=(primary("id"),),
    foreign_keys=(foreign("customer_id", "customers", "id"),),
)
CLASSES = {
    "customers": {
        "id": "key", "first_name": "person.first_name", "last_name": "person.last_name", "email": "person.email",
        "sex": "public", "country": "public", "street": "address.street", "city": "address.city",
        "zip": "address.postal_code", "state": "address.region",
    },
    "orders": {
        "id": "key", "customer_id": "key", "ship_city": "address.city", "ship_zip": "address.postal_code",
        "buyer": "person.first_name",
    },
}  # fmt: skip
POLICY = """
classes:
  person.first_name: {first_name: {by: customers.id}}
  person.last_name: last_name
  person.email: {email: {from: [first_name, last_name]}}
  address.street: {place: {part: street, by: customers.id}}
  address.city: {place: {part: city, by: customers.id}}
  address.postal_code: {place: {part: postal_code, by: customers.id}}
  address.region: {place: {part: region, by: customers.id}}
"""


def test_everything_about_one_customer_fits_together(tmp_path: Path) -> None:
    plan = compiled(tmp_path, [CUSTOMERS, ORDERS], CLASSES, POLICY)
    assert codes(plan) == []
    masks = {one.table: [column.mask for column in one.columns if column.mask] for one in plan.tables}
    key = MaskingKey(b"k" * 32)
    ids = [str(number) for number in range(50)]
    row = {name: ["Same"] * 50 for name in CLASSES["customers"]}
    customers = Masker(masks["public.customers"], key).mask(pl.DataFrame({**row, "id": ids}))
    row = {name: ["Other"] * 50 for name in CLASSES["orders"]}
    orders = Masker(masks["public.orders"], key).mask(pl.DataFrame({**row, "customer_id": ids}))
    assert customers["city"].to_list() == orders["ship_city"].to_list()
    assert customers["zip"].to_list() == orders["ship_zip"].to_list()
    assert customers["first_name"].to_list() == orders["buyer"].to_list()
    assert customers["first_name"].n_unique() > 30
    known = {(place.city, place.region) for place in places()["US"]}
    assert set(customers.select("city", "state").rows()) <= known
    for first, email in customers.select("first_name", "email").rows():
        assert email.startswith(re.sub("[^a-z]", "", first.lower()))


def test_the_columns_of_an_address_share_a_domain(tmp_path: Path) -> None:
    policy = """
columns:
  public.customers.city: {place: {part: city, address: [zip, city]}}
  public.customers.zip: {place: {part: postal_code, address: [zip, city]}, domain: own}
classes:
  address.street: {place: {part: street, address: [zip, city]}}
  address.region: {place: {part: region, address: [zip, city]}}
"""
    plan = compiled(tmp_path, [CUSTOMERS], {"customers": CLASSES["customers"]}, policy)
    domains = {column.column: column.mask.domain for column in plan.tables[0].columns if column.mask}
    assert {domains[name] for name in ("city", "state", "street")} == {"place"}
    assert domains["zip"] == "own"
