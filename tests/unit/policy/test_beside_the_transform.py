"""What a rule may have beside its transform, and entities: from the policy file to the plan."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from support.policies import catalog, codes, compiled, foreign, primary, table, transforms, unique

from datamask.errors import PolicyError
from datamask.masking.engine import Masker
from datamask.masking.keys import MaskingKey
from datamask.masking.model import ColumnMask
from datamask.policy.plan import Finding, Plan

KEY = MaskingKey(b"k" * 32)
CUSTOMERS = table(
    "customers", "id int not null", "email text", "country text", "age int", unique_keys=(primary("id"),)
)
CLASSES = {"customers": {"id": "key", "email": "person.email", "country": "public", "age": "public"}}


def rule(folder: Path, text: str, column: str = "email", *tables: object) -> Plan:
    return compiled(folder, [CUSTOMERS], CLASSES, f"columns:\n  public.customers.{column}: {text}")


def found(plan: Plan, code: str) -> Finding:
    return next(finding for finding in plan.findings if finding.code == code)


def mask(plan: Plan, name: str) -> ColumnMask:
    key, _, column = name.rpartition(".")
    return next(one for one in plan.by_table[f"public.{key}"].masks if one.column == column)


def test_they_reach_the_mask(tmp_path: Path) -> None:
    plan = rule(
        tmp_path, "{email: {}, when: country = 'DE', except: ['@ours.com', 7], preserve: [case, null, null]}"
    )
    made = mask(plan, "customers.email")
    assert made.when is not None
    assert (made.when.sql, [name for name, _ in made.when.columns]) == ("country = 'DE'", ["country"])
    assert (made.exceptions, made.preserve) == (("@ours.com", "7"), ("null", "case"))
    assert codes(plan) == ["DM164"]


def test_the_digest_knows_them(tmp_path: Path) -> None:
    texts = [
        "{email: {}}",
        "{email: {}, when: age > 18}",
        "{email: {}, when: age > 19}",
        "{email: {}, except: a}",
        "{email: {}, except: [a, b]}",
        "{email: {}, preserve: case}",
    ]
    assert len({rule(tmp_path, text).digest for text in texts}) == len(texts)
    assert rule(tmp_path, "email").digest == rule(tmp_path, texts[0]).digest


def test_rows_that_stay_are_a_warning_where_they_are_personal(tmp_path: Path) -> None:
    finding = found(rule(tmp_path, "{email: {}, when: age > 18}"), "DM164")
    assert finding.severity == "warning"
    assert finding.message == (
        "public.customers.email is masked by email only when age > 18: all other rows keep their value, "
        "which is person.email"
    )
    assert found(rule(tmp_path, "{hash: {}, when: age > 18}", "country"), "DM164").severity == "info"


def test_exceptions_are_told(tmp_path: Path) -> None:
    finding = found(rule(tmp_path, "{email: {}, except: ['@a.com', b, c, d, e]}"), "DM165")
    assert finding.severity == "info"
    assert (
        finding.message
        == "public.customers.email keeps the values that match '@a.com', 'b', 'c' and 2 more patterns"
    )


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        (
            "{email: {}, when: sum(age) > 3}",
            "the condition calls sum, which conditions do not know",
            "there are abs, btrim",
        ),
        ("{email: {}, when: [a]}", "when of the rule for public.customers.email must be text", None),
        ("{email: {}, except: '*'}", "the exception '*' would let every value pass", "write what the values"),
        ("{email: {}, except: [true]}", "an exception of the rule for public.customers.email must be", None),
        (
            "{email: {}, preserve: size}",
            "preserve of the rule for public.customers.email must be one of",
            "known: case, empty, length, null",
        ),
        (
            "{keep: {}, when: age > 3}",
            "keep leaves every value as it is",
            "give another transform the condition",
        ),
        (
            "{sql: {expression: lower(email)}, when: age > 3}",
            "sql is evaluated by the source's server, where when cannot apply",
            "say it in SQL",
        ),
        ("{sql: {expression: (select 1)}}", "sql: expression must not contain 'select'", None),
        ("{sql: {expression: lower(email}}", "sql: expression must be one whole expression", None),
        ("{sql: {expression: 'now()'}}", "sql: expression must not contain 'now'", None),
    ],
)
def test_mistakes_name_the_line(tmp_path: Path, text: str, message: str, hint: str | None) -> None:
    with pytest.raises(PolicyError) as caught:
        rule(tmp_path, text)
    assert str(
        tmp_path / "staging.yaml:5: the rule for public.customers.email: "
    ) in caught.value.message or ("staging.yaml:5: " in caught.value.message)
    assert message in caught.value.message
    assert hint is None or (caught.value.hint or "").startswith(hint)


@pytest.mark.parametrize(
    ("text", "code", "message"),
    [
        (
            "{email: {}, when: contry = 'DE'}",
            "DM107",
            "its condition needs the column contry, which the table does not have",
        ),
        ("{email: {}, when: age > 'x'}", "DM108", "the condition does not fit the columns' types"),
        ("{email: {}, when: age + 1}", "DM108", "the condition is neither true nor false"),
    ],
)
def test_conditions_that_do_not_fit_the_table(tmp_path: Path, text: str, code: str, message: str) -> None:
    plan = rule(tmp_path, text)
    assert codes(plan) == [code]
    assert message in found(plan, code).message


def test_the_next_of_a_list_is_taken_where_the_condition_does_not_fit(tmp_path: Path) -> None:
    plan = rule(tmp_path, "[{email: {}, when: vip = 'yes'}, hash]")
    assert transforms(plan)["customers.email"] == "hash"


def test_likeness_is_of_text(tmp_path: Path) -> None:
    plan = rule(tmp_path, "{number_noise: {}, preserve: length}", "age")
    assert "case and length are preserved in text columns" in found(plan, "DM110").message


def test_a_not_null_column_is_not_nulled_by_halves(tmp_path: Path) -> None:
    people = table("people", "id int not null", "name text not null")
    classes = {"people": {"id": "key", "name": "person.name"}}
    text = "columns:\n  public.people.name: {'null': {}, when: id > 3}"
    assert "it may make NULL" in found(compiled(tmp_path, [people], classes, text), "DM130").message


@pytest.mark.parametrize(
    ("text", "refused"),
    [
        ("{ff1: {}}", False),
        ("{ff1: {}, except: a}", True),
        ("{ff1: {}, when: id > 3}", True),
        ("{hash: {}, except: a}", False),
        ("{hash: {}, when: id > 3}", False),
        ("{hash: {}, preserve: case}", True),
    ],
)
def test_unique_keys(tmp_path: Path, text: str, refused: bool) -> None:
    people = table("people", "id int not null", "code text", unique_keys=(unique("code"),))
    classes = {"people": {"id": "key", "code": "person.national_id"}}
    plan = compiled(tmp_path, [people], classes, f"columns:\n  public.people.code: {text}")
    assert ("DM120" in codes(plan)) is refused


def test_values_that_stay_are_named_as_the_reason(tmp_path: Path) -> None:
    people = table("people", "id int not null", "code text", unique_keys=(unique("code"),))
    classes = {"people": {"id": "key", "code": "person.national_id"}}
    plan = compiled(tmp_path, [people], classes, "columns:\n  public.people.code: {ff1: {}, except: a}")
    assert "but not from values that stay as they are" in found(plan, "DM120").message


ORDERS = table(
    "orders",
    "id int not null",
    "customer_id int",
    "ordered date",
    "shipped timestamptz",
    foreign_keys=(foreign("customer_id", "customers", "id"),),
    unique_keys=(primary("id"),),
)
ITEMS = table(
    "items",
    "order_id int",
    "returned date",
    foreign_keys=(foreign("order_id", "orders", "id"),),
)
PEOPLE = table("customers", "id int not null", "born date", unique_keys=(primary("id"),))
ALL = {
    "customers": {"id": "key", "born": "person.birth_date"},
    "orders": {"id": "key", "customer_id": "key", "ordered": "public", "shipped": "public"},
    "items": {"order_id": "key", "returned": "public"},
}


def shifts(folder: Path, by: str, *tables: object, more: str = "", columns: str = "") -> Plan:
    shift = f"{{shift_date: {{within: 30d, by: {by}}}}}"
    names = ("customers.born", "orders.ordered", "orders.shipped")
    text = "columns:\n" + "".join(f"  public.{name}: {shift}\n" for name in names) + columns + more
    return compiled(folder, catalog(*(tables or (PEOPLE, ORDERS, ITEMS))), ALL, text)


def test_a_foreign_key_may_not_be_masked_by_halves(tmp_path: Path) -> None:
    text = "columns:\n  public.customers.id: {key: {}, when: born IS NULL}"
    plan = compiled(tmp_path, catalog(PEOPLE, ORDERS, ITEMS), ALL, text)
    assert "it is masked only when born IS NULL" in found(plan, "DM143").message
    spread = compiled(
        tmp_path,
        catalog(PEOPLE, ORDERS, ITEMS),
        ALL,
        "columns:\n  public.customers.id: {key: {}, except: '0'}",
    )
    assert "DM120" in codes(spread)


def test_an_exception_spreads_over_a_foreign_key(tmp_path: Path) -> None:
    people = table("people", "code text", unique_keys=(unique("code"),))
    notes = table("notes", "code text", foreign_keys=(foreign("code", "people", "code"),))
    classes = {"people": {"code": "person.national_id"}, "notes": {"code": "key"}}
    text = "columns:\n  public.people.code: {hash: {}, except: [test]}"
    plan = compiled(tmp_path, catalog(people, notes), classes, text)
    assert plan.errors == ()
    assert mask(plan, "people.code").exceptions == mask(plan, "notes.code").exceptions == ("test",)


@pytest.mark.parametrize("by", ["customers.id", "public.customers.id"])
def test_an_entity_is_found_in_every_table(tmp_path: Path, by: str) -> None:
    plan = shifts(tmp_path, by)
    assert plan.errors == ()
    columns = {name: mask(plan, name) for name in ("customers.born", "orders.ordered", "orders.shipped")}
    assert [one.params["by"] for one in columns.values()] == ["id", "customer_id", "customer_id"]
    assert {one.domain for one in columns.values()} == {"entity:public.customers.id"}


def test_one_customer_has_one_offset_in_all_tables(tmp_path: Path) -> None:
    plan = shifts(tmp_path, "customers.id", columns="  public.customers.id: key\n")
    assert plan.errors == ()
    people = pl.DataFrame({"id": ["7", "8"], "born": ["2000-01-01", "2000-01-01"]})
    orders = pl.DataFrame(
        {
            "id": ["1", "2"],
            "customer_id": ["8", "7"],
            "ordered": ["2020-01-01", "2020-01-01"],
            "shipped": ["2020-01-01 00:00:00+00"] * 2,
        }
    )
    # The masks of ids come first: the ids as they were count all the same.
    born = Masker(plan.by_table["public.customers"].masks, KEY).mask(people)
    sent = Masker(plan.by_table["public.orders"].masks, KEY).mask(orders)
    assert set(born["id"]).isdisjoint({"7", "8"})
    moved = {
        name: (frame[column].str.head(10).str.to_date() - pl.Series([day]).str.to_date()[0]).dt.total_days()
        for name, frame, column, day in (
            ("born", born, "born", "2000-01-01"),
            ("ordered", sent, "ordered", "2020-01-01"),
            ("shipped", sent, "shipped", "2020-01-01"),
        )
    }
    first, second = moved["born"].to_list()
    assert first != second
    assert moved["ordered"].to_list() == moved["shipped"].to_list() == [second, first]


def test_two_masked_columns_that_need_each_other(tmp_path: Path) -> None:
    people = table("people", "a date", "b date")
    classes = {"people": {"a": "person.birth_date", "b": "person.birth_date"}}
    text = "columns:\n  public.people.a: {shift_date: {by: b}}\n  public.people.b: {shift_date: {by: a}}"
    masks = compiled(tmp_path, [people], classes, text).by_table["public.people"].masks
    frame = pl.DataFrame({"a": ["2000-01-01"], "b": ["2001-01-01"]})
    both = Masker(masks, KEY).mask(frame)
    assert both["a"].to_list() == Masker(masks[:1], KEY).mask(frame)["a"].to_list()
    assert both["b"].to_list() == Masker(masks[1:], KEY).mask(frame)["b"].to_list()


def test_an_entity_over_two_foreign_keys_of_the_same_values(tmp_path: Path) -> None:
    profiles = table(
        "profiles",
        "customer_id int not null",
        "seen date",
        foreign_keys=(foreign("customer_id", "customers", "id"),),
        unique_keys=(primary("customer_id"),),
    )
    photos = table(
        "photos", "profile int", "taken date", foreign_keys=(foreign("profile", "profiles", "customer_id"),)
    )
    classes = {
        **ALL,
        "profiles": {"customer_id": "key", "seen": "public"},
        "photos": {"profile": "key", "taken": "public"},
    }
    text = "columns:\n  public.photos.taken: {shift_date: {by: customers.id}}"
    plan = compiled(tmp_path, catalog(PEOPLE, ORDERS, ITEMS, profiles, photos), classes, text)
    assert mask(plan, "photos.taken").params["by"] == "profile"


def test_references_of_the_policy_lead_to_an_entity_too(tmp_path: Path) -> None:
    text = (
        "columns:\n  public.items.returned: {shift_date: {by: customers.id}}\n"
        "references:\n  - public.items.order_id -> public.customers.id"
    )
    plan = compiled(tmp_path, catalog(PEOPLE, ORDERS, ITEMS), ALL, text)
    assert mask(plan, "items.returned").params["by"] == "order_id"


@pytest.mark.parametrize(
    ("by", "message", "hint"),
    [
        (
            "customers.id",
            "no foreign key of public.items leads to public.customers.id",
            "declare it in the policy: references: [public.items.COLUMN -> public.customers.id]",
        ),
        (
            "custmers.id",
            "by: custmers.id is neither a column of public.items nor one of another table",
            "write",
        ),
        ("customers.no", "by: public.customers has no column no", "name another"),
        ("missing", "it needs the column missing, which the table does not have", "name another column"),
    ],
)
def test_an_entity_that_no_column_tells(tmp_path: Path, by: str, message: str, hint: str) -> None:
    text = f"columns:\n  public.items.returned: {{shift_date: {{by: {by}}}}}"
    plan = compiled(tmp_path, catalog(PEOPLE, ORDERS, ITEMS), ALL, text)
    (error,) = plan.errors
    assert error.code == ("DM107" if by == "missing" else "DM109")
    assert message in error.message
    assert (error.hint or "").startswith(hint)


def test_an_entity_that_two_columns_tell(tmp_path: Path) -> None:
    gifts = table(
        "gifts",
        "giver int",
        "taker int",
        "given date",
        foreign_keys=(foreign("giver", "customers", "id"), foreign("taker", "customers", "id")),
    )
    classes = {**ALL, "gifts": {"giver": "key", "taker": "key", "given": "public"}}
    text = "columns:\n  public.gifts.given: {shift_date: {by: customers.id}}"
    plan = compiled(tmp_path, catalog(PEOPLE, ORDERS, ITEMS, gifts), classes, text)
    assert "giver and taker of public.gifts both lead to public.customers.id" in found(plan, "DM109").message
    assert (found(plan, "DM109").hint or "").endswith("by: giver and domain: entity:public.customers.id")
    told = text.replace("{by: customers.id}}", "{by: giver}, domain: 'entity:public.customers.id'}")
    told += "\n  public.customers.born: {shift_date: {by: customers.id}}"
    plan = compiled(tmp_path, catalog(PEOPLE, ORDERS, ITEMS, gifts), classes, told)
    assert plan.errors == ()
    assert mask(plan, "gifts.given").domain == mask(plan, "customers.born").domain


def test_a_column_of_the_source_side_cannot_be_read_by_others(tmp_path: Path) -> None:
    text = (
        "columns:\n  public.customers.country: {sql: {expression: 'left(country, 1)'}}\n"
        "  public.customers.email: {email: {}, when: country = 'DE'}"
    )
    plan = compiled(tmp_path, [CUSTOMERS], CLASSES, text)
    assert codes(plan) == ["DM144", "DM164"]


def test_what_sql_declares_is_believed(tmp_path: Path) -> None:
    people = table("people", "id int not null", "code varchar(4) not null", unique_keys=(unique("code"),))
    classes = {"people": {"id": "key", "code": "person.national_id"}}

    def of(params: str) -> list[str]:
        text = f"columns:\n  public.people.code: {{sql: {{expression: reverse(code){params}}}}}"
        return codes(compiled(tmp_path, [people], classes, text))

    assert of("") == ["DM120"]
    assert of(", injective: true") == []
    assert of(", injective: true, nulls: mixed") == ["DM130"]
