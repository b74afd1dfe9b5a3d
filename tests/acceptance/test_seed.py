"""``datamask seed``: a scenario's data in an environment, as a tester types it."""

from __future__ import annotations

import pytest
from support.command_line import CommandLine

from datamask.db.session import connect

SMOKE = """\
version: 1
description: one customer with an open order
tags: [smoke, checkout]
rows:
  customers:
    - $name: alice
      email: alice@example.com
      first_name: Alice
      last_name: Ashe
      interests: [books, "a, b"]
      preferences: {theme: dark}
      notes: {secret: env:QA_NOTE}
      created_at: {ago: 3d}
      updated_at: {now: true}
    - {$name: bob, email: bob@example.com, first_name: Bob, last_name: Ashe, referred_by: {ref: alice},
       created_at: {ago: 1d}, updated_at: {ago: 1h}}
  orders:
    $name: first
    ordered_on: {sql: current_date}
    customer_id: {ref: alice}
    status: new
    ordered_at: {ago: 2h}
    contact_email: {ref: alice.email}
    client_ip: 192.0.2.1
    user_agent: tests
    ship_name: Alice Ashe
    ship_street: 1 High Street
    ship_postal_code: AB1 2CD
    ship_city: Leeds
    ship_country: GB
    currency: GBP
    total: 12.50
  order_items:
    order_id: {ref: first}
    line_no: 1
    ordered_on: {ref: first}
    product_id: {sql: (select min(id) from public.products)}
    quantity: 1
    unit_price: 12.50
expect:
  - name: alice has an open order
    sql: select count(*) from orders o join customers c on c.id = o.customer_id where c.email = 'alice@example.com'
    is: 1
  - name: nobody else is gone
    sql: select count(*) from customers
    at_least: 3
"""


@pytest.fixture
def dev(adopted: CommandLine) -> CommandLine:
    folder = adopted.folder / "fixtures" / "scenarios"
    folder.mkdir(parents=True)
    (folder / "smoke.yaml").write_text(SMOKE)
    adopted.environ["QA_NOTE"] = "sesame"
    return adopted


def value(dev: CommandLine, sql: str) -> object:
    with connect(dev.environ["DEV_URL"]) as session:
        return session.value(sql)


def test_a_scenario_is_seeded_again_and_again(dev: CommandLine) -> None:
    first = dev.ok("seed", "dev", "smoke", "--json").json
    assert first["inserted"] == {"public.customers": 2, "public.order_items": 1, "public.orders": 1}
    assert first["expectations"] == 2
    assert first["strategy"] in ("build and clone", "clone")
    alice = "select id from public.customers where email = 'alice@example.com'"
    key = value(dev, alice)
    assert value(dev, "select referred_by from public.customers where email = 'bob@example.com'") == key
    assert (
        value(
            dev, "select interests[2] from public.customers where first_name = 'Alice' and last_name = 'Ashe'"
        )
        == "a, b"
    )
    assert value(dev, f"select notes from public.customers where id = {key}") == "sesame"
    assert value(
        dev, "select now() - ordered_at between '2h' and '3h' from public.orders where user_agent = 'tests'"
    )
    with connect(dev.environ["DEV_URL"]) as session:
        session.script("delete from public.order_items; create table public.junk (n int)")
    again = dev.ok("seed", "dev", "smoke", "--json").json
    assert again["strategy"] in ("clone", "spare")
    assert value(dev, alice) is not None
    assert value(dev, "select to_regclass('public.junk') is null")
    # The next customer does not meet the fixed ones.
    insert = (
        "insert into public.customers (email, first_name, last_name, created_at, updated_at)"
        " values ('c@example.com', 'C', 'C', now(), now()) returning true"
    )
    assert value(dev, insert)
    dev.ok("reset", "dev")
    assert value(dev, alice) is None


def test_what_fails_leaves_the_environment_as_it_was(dev: CommandLine) -> None:
    dev.edit("fixtures/scenarios/smoke.yaml", "is: 1", "is: 2")
    failed = dev("seed", "dev", "smoke")
    assert failed.code == 5
    assert "alice has an open order" in failed.message
    assert "smoke.yaml:41" in failed.message
    dev.edit("fixtures/scenarios/smoke.yaml", "$name: bob, email: bob@", "$name: bob, email: alice@")
    failed = dev("seed", "dev", "smoke")
    assert failed.code == 1
    assert "row 'bob' of customers cannot be inserted" in failed.message
    assert "alice@example.com" not in failed.err
    dev.edit("fixtures/scenarios/smoke.yaml", "last_name: Ashe, referred_by", "last_nmae: Ashe, referred_by")
    failed = dev("seed", "dev", "smoke")
    assert failed.code == 2
    assert "has no column 'last_nmae'" in failed.message
    assert value(dev, "select n from public.mine") == 1


def test_volume_is_generated_beside_the_masked_rows(dev: CommandLine) -> None:
    (dev.folder / "fixtures" / "scenarios" / "load.yaml").write_text(
        "version: 1\nextends: smoke\ngenerate: {customers: 300, newsletter_subscriptions: 500}\n"
    )
    seeded = dev.ok("seed", "dev", "load", "--json").json
    assert seeded["generated"] == {"public.customers": 300, "public.newsletter_subscriptions": 500}
    assert dev.ok("seed", "dev", "load", "--json").json["generated"] == {}, "it came with the golden"
    assert value(dev, "select count(*) >= 500 from public.newsletter_subscriptions")


def test_orders_are_generated_for_the_masked_customers(dev: CommandLine) -> None:
    (dev.folder / "fixtures" / "scenarios" / "busy.yaml").write_text(
        "version: 1\ngenerate:\n  orders: {per: customers, mean: 3}\n  order_items: {per: orders, mean: 2}\n"
        "  payments: 40\n  addresses: 50\n  outbox: 30\n"
    )
    dev.edit(
        "policies/staging.yaml",
        "# tables:\n#   public.outbox: {rows: none}",
        "tables:\n  public.outbox: {rows: none}",
    )
    dev.ok("snapshot", "production", "--policy", "policies/staging.yaml")
    dev.ok("load", "latest", "dev")
    customers, orders, last = (
        int(str(value(dev, f"select {sql}")))
        for sql in (
            "count(*) from public.customers", "count(*) from public.orders", "max(id) from public.orders",
        )
    )  # fmt: skip
    assert value(dev, "select count(*) from public.outbox") == 0, "the policy empties it"
    assert dev.ok("seed", "dev", "busy", "--json").json["generated"] == {
        "public.orders": 3 * customers, "public.order_items": 6 * customers, "public.payments": 40,
        "public.addresses": 50, "public.outbox": 30,
    }  # fmt: skip
    assert value(dev, "select count(*) from public.customers") == customers
    assert value(dev, "select count(*) from public.orders") == orders + 3 * customers
    new = f"from public.orders where id > {last}"
    assert value(dev, f"select count(*) {new}") == 3 * customers
    assert int(str(value(dev, f"select count(distinct customer_id) {new}"))) > customers * 0.8
    assert value(dev, f"select count(*) from public.order_items where order_id > {last}") == 6 * customers
    assert value(dev, "select count(*) from public.outbox") == 30
    # The next order does not meet a generated one.
    assert (
        value(dev, "select nextval(pg_get_serial_sequence('public.orders', 'id'))")
        == last + 3 * customers + 1
    )


def test_an_empty_base_holds_the_fixed_rows_alone(dev: CommandLine) -> None:
    (dev.folder / "fixtures" / "scenarios" / "bare.yaml").write_text(
        "version: 1\nbase: empty\nrows: {customers: [{email: a@example.com, first_name: A, last_name: A,"
        " created_at: '2026-01-01', updated_at: '2026-01-01'}]}\n"
        "expect: [{name: alone, sql: select * from customers, rows: 1}]\n"
    )
    dev.ok("seed", "dev", "bare")
    assert value(dev, "select count(*) from public.orders") == 0
    assert value(dev, "select count(*) from public.customers") == 1
    checked = dev.ok("seed", "dev", "bare", "--check", "--json").json
    assert checked == {"environment": "dev", "scenario": "bare", "rows": 1, "expectations": 1}
    assert dev("seed", "dev", "smoke", "--check").code == 5
    names = [one["name"] for one in dev.ok("seed", "--list", "--tag", "smoke", "--json").json["scenarios"]]
    assert names == ["smoke"]


def test_guard_rails_hold_for_scenarios_too(dev: CommandLine) -> None:
    assert dev("seed", "production", "smoke").code == 3
    assert dev("seed", "staging", "smoke").code == 3
    assert dev("seed", "dev", "smkoe").code == 2
    assert dev("seed", "dev").code == 2
