"""The demo's shop: what it promises about size, repeatability and personal data, and how it is spoiled."""

from __future__ import annotations

import re

import pytest
from support.digests import column_digests, row_counts
from support.schemas import broken_constraints, invalid_constraints, invalid_indexes

from datamask.db.session import connect
from datamask.demo.shop import create_shop, spoil
from datamask.errors import UsageError


@pytest.fixture(scope="module")
def shop(server):
    url = server.ensure_database("shop_fixture")
    with connect(url) as session:
        create_shop(session, megabytes=1)
    return url


def luhn_sum(number: str) -> int:
    doubled = [int(digit) * 2 for digit in number[-2::-2]]
    return sum(map(int, number[-1::-2])) + sum(value - 9 if value > 9 else value for value in doubled)


def iban_remainder(iban: str) -> int:
    return int("".join(str(int(letter, 36)) for letter in iban[4:] + iban[:4])) % 97


def column(url: str, query: str) -> list:
    with connect(url) as session:
        return [value for (value,) in session.rows(query)]


def test_every_constraint_holds(shop):
    assert invalid_constraints(shop) == []
    assert broken_constraints(shop) == []
    assert invalid_indexes(shop) == []


def test_size_follows_the_parameter_and_orders_are_the_largest_table(shop):
    with connect(shop) as session:
        tables = [
            f'{schema}."{name}"'
            for schema, name in session.rows(
                "select relnamespace::regnamespace::text, relname from pg_catalog.pg_class"
                " where relkind = 'r' and relnamespace in ('public'::regnamespace, 'audit'::regnamespace)"
            )
        ]
        sizes = {table: sum(map(len, session.copy_out(f"copy {table} to stdout"))) for table in tables}
    total = sum(sizes.values())
    orders = sum(size for table, size in sizes.items() if table.startswith('public."orders_'))
    assert total == pytest.approx(1_000_000, rel=0.15)
    assert orders >= 0.4 * total


def test_equal_arguments_give_equal_rows_and_another_seed_other_ones(shop, database):
    same, other = database(), database()
    with connect(same) as session:
        create_shop(session, megabytes=1)
    with connect(other) as session:
        create_shop(session, megabytes=1, seed=2)

    assert column_digests(same) == column_digests(shop)
    other_digests = column_digests(other)
    assert row_counts(other).keys() == row_counts(shop).keys()
    for personal in ("email", "first_name", "phone", "birth_date"):
        key = ("public.customers", personal)
        assert other_digests[key].total != column_digests(shop)[key].total


def test_versions_agree(shop, server16):
    url = server16.ensure_database("shop_fixture")
    with connect(url) as session:
        create_shop(session, megabytes=1)
    assert column_digests(url) == column_digests(shop)


def test_cards_and_accounts_have_right_check_digits(shop):
    cards = column(shop, "select card_number from public.payments where card_number is not null")
    accounts = column(shop, "select iban from public.payments where iban is not null")
    assert len(cards) > 500
    assert len(accounts) > 100
    assert {luhn_sum(card) % 10 for card in cards} == {0}
    assert {len(card) for card in cards} == {16}
    assert {iban_remainder(account) for account in accounts} == {1}
    assert {account[:2] for account in accounts} == {"DE", "FR", "GB", "NL", "ES", "IT", "PL"}


def test_mail_can_reach_no_one(shop):
    addresses = column(shop, "select email from public.customers")
    assert all(re.fullmatch(r"[a-z.-]+\d+@[a-z-]+\.example", address) for address in addresses)


def test_few_customers_order_often_and_totals_are_those_of_the_items(shop):
    per_customer = column(
        shop, "select count(*) from public.orders group by customer_id order by count(*) desc"
    )
    tenth = len(per_customer) // 10
    assert sum(per_customer[:tenth]) > 0.25 * sum(per_customer)
    wrong = column(
        shop,
        "select count(*) from (select total, (select sum(quantity * unit_price) from public.order_items"
        " where order_id = orders.id) as items from public.orders) as o where total <> items",
    )
    assert wrong == [0]


def test_no_order_is_older_than_its_customer_and_sequences_go_on_after_the_rows(shop):
    early = column(
        shop,
        "select count(*) from public.orders join public.customers on customers.id = customer_id"
        " where ordered_at < customers.created_at",
    )
    assert early == [0]
    required = (
        "ordered_on, customer_id, status, ordered_at, contact_email, client_ip, user_agent, ship_name,"
        " ship_street, ship_postal_code, ship_city, ship_country, currency, total"
    )
    with connect(shop) as session, session.transaction():
        new = session.value(
            f"insert into public.orders ({required}) select {required}"
            " from public.orders limit 1 returning id"
        )
        others = session.value("select max(id) from public.orders where id <> %s", [new])
        assert new == others + 1
        session.execute("delete from public.orders where id = %s", [new])


def test_nothing_of_the_making_is_left(shop):
    left = column(
        shop,
        "select relname from pg_catalog.pg_class where relname in"
        " ('country', 'city', 'person', 'contact', 'purchase', 'luhn', 'size')",
    )
    assert left == []


def test_spoil_says_what_it_did(database):
    url = database()
    with connect(url) as session:
        create_shop(session, megabytes=0.1)
        before = row_counts(url)
        said = spoil(session)
        prices = session.rows("select distinct price from public.products where sku not like 'TEST-%%'")
    after = row_counts(url)

    deleted = before["public.order_items"] - after["public.order_items"]
    assert deleted > 0
    assert f"deleted {deleted} order items" in said
    assert "public.promotions" not in after
    assert after["public.tmp_backup"] == before["public.products"]
    assert [str(price) for (price,) in prices] == ["0.01"]


@pytest.mark.parametrize(
    "wrong", [{"megabytes": 0}, {"megabytes": -1}, {"seed": -1}, {"megabytes": float("nan")}]
)
def test_a_size_that_means_nothing_is_refused_before_anything_is_made(database, wrong):
    url = database()
    with connect(url) as session, pytest.raises(UsageError, match="a size above 0 MB"):
        create_shop(session, **wrong)
    assert row_counts(url) == {}
