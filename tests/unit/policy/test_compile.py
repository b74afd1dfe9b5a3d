"""One test for each rule of the compiler, in the order of the codes."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.policies import (
    catalog,
    check,
    codes,
    column,
    compiled,
    foreign,
    primary,
    table,
    transforms,
    unique,
)

from datamask.catalog.model import UniqueKey
from datamask.policy.plan import Finding, Plan


def only(plan: Plan, code: str) -> Finding:
    """The one finding of that code; no other errors or warnings are allowed beside it."""
    assert codes(plan) == [code], [(finding.code, finding.message) for finding in plan.findings]
    return next(finding for finding in plan.findings if finding.code == code)


CUSTOMERS = table("customers", "id int not null", "email text", unique_keys=(primary("id"),))


def test_a_column_without_a_class_stops_and_has_one_proposed(tmp_path: Path) -> None:
    plan = compiled(tmp_path, [CUSTOMERS], {"customers": {"id": "key"}})
    finding = only(plan, "DM100")
    assert (finding.severity, finding.table, finding.column) == ("error", "public.customers", "email")
    assert finding.message == "public.customers.email is not classified"
    assert finding.hint == (
        "add it to the classification as `email: person.email` under public.customers "
        "(proposed from the name email)"
    )


def test_unclassified_may_be_masked_or_kept(tmp_path: Path) -> None:
    masked = compiled(tmp_path, [CUSTOMERS], {"customers": {"id": "key"}}, "unclassified: mask")
    assert codes(masked) == []
    assert [finding.code for finding in masked.findings] == ["DM102"]
    assert transforms(masked) == {"customers.id": "keep", "customers.email": "null"}
    kept = compiled(tmp_path, [CUSTOMERS], {"customers": {"id": "key"}}, "unclassified: keep")
    assert only(kept, "DM101").severity == "warning"
    assert transforms(kept)["customers.email"] == "keep"


def test_unclassified_mask_finds_something_for_every_type(tmp_path: Path) -> None:
    kinds = [
        *("text", "varchar(3)", "char(1)", "int", "bigint", "numeric", "boolean", "date", "timestamptz"),
        *("uuid", "inet", "jsonb", "bytea", "tsvector", "daterange", "enum"),
    ]
    columns = [f"c{at} {kind} not null" for at, kind in enumerate(kinds)]
    plan = compiled(tmp_path, [table("t", *columns)], {}, "unclassified: mask")
    assert plan.errors == ()
    assert "keep" not in transforms(plan).values()
    assert "null" not in transforms(plan).values()


def test_the_classification_may_be_stale(tmp_path: Path) -> None:
    classes = {
        "customers": {"id": "key", "email": "person.email", "emial": "key"},
        "custumers": {"id": "key"},
    }
    plan = compiled(tmp_path, [CUSTOMERS], classes)
    assert codes(plan) == ["DM103", "DM103"]
    assert [(finding.severity, finding.table, finding.column, finding.hint) for finding in plan.findings] == [
        ("warning", "public.customers", "emial", "did you mean email?"),
        ("warning", "public.custumers", None, "did you mean public.customers?"),
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "columns:\n  public.customers.emial: keep",
            "staging.yaml:5: the policy has a rule for public.customers.emial",
        ),
        ("columns:\n  public.gone.id: keep", "staging.yaml:5: the rule for public.gone.id names a table"),
        ("tables:\n  public.gone: {rows: none}", "staging.yaml:5: the rule for public.gone names a table"),
        (
            "references:\n  - public.gone.id -> public.customers.id",
            "staging.yaml:5: the reference names the table",
        ),
        (
            "references:\n  - public.customers.id -> public.customers.no",
            "staging.yaml:5: the reference names public.customers.no",
        ),
    ],
)
def test_the_policy_may_not_be_stale(tmp_path: Path, text: str, message: str) -> None:
    plan = compiled(tmp_path, [CUSTOMERS], {"customers": {"id": "key", "email": "person.email"}}, text)
    assert message in only(plan, "DM104").message


def test_a_personal_class_needs_a_rule(tmp_path: Path) -> None:
    classes = {"customers": {"id": "key", "email": "person.email"}}
    finding = only(compiled(tmp_path, [CUSTOMERS], classes, extends=None), "DM105")
    assert finding.column == "email"
    inherited = compiled(tmp_path, [CUSTOMERS], classes, "classes: {person: 'null'}", extends=None)
    assert transforms(inherited)["customers.email"] == "null"


PAYMENTS = (
    table("pay", "id int not null", "at date", "payer text", kind="partitioned", partition_key=("at",)),
    table("pay_1", "id int not null", "at date", "payer text", parent="public.pay", root="public.pay"),
    table(
        "pay_2", "id int not null", "at date", "payer text not null", parent="public.pay", root="public.pay"
    ),
)
PAYMENT_CLASSES = {"id": "key", "at": "public", "payer": "person.name"}


def test_partitions_follow_their_table(tmp_path: Path) -> None:
    plan = compiled(tmp_path, PAYMENTS, {"pay": PAYMENT_CLASSES})
    assert codes(plan) == []
    assert [one.table for one in plan.tables] == ["public.pay_1", "public.pay_2"]
    assert transforms(plan)["pay_1.payer"] == transforms(plan)["pay_2.payer"] == "full_name"
    assert plan.by_table["public.pay_1"].masks == plan.by_table["public.pay_2"].masks


def test_what_one_partition_cannot_hold_none_gets(tmp_path: Path) -> None:
    plan = compiled(tmp_path, PAYMENTS, {"pay": PAYMENT_CLASSES}, "columns: {public.pay.payer: 'null'}")
    assert only(plan, "DM130").table == "public.pay"


def test_partitions_are_not_classified_by_themselves(tmp_path: Path) -> None:
    plan = compiled(tmp_path, PAYMENTS, {"pay": PAYMENT_CLASSES, "pay_1": {"payer": "public"}})
    assert only(plan, "DM106").table == "public.pay_1"
    assert transforms(plan)["pay_1.payer"] == "full_name"
    ruled = compiled(tmp_path, PAYMENTS, {"pay": PAYMENT_CLASSES}, "columns: {public.pay_1.payer: keep}")
    assert only(ruled, "DM104").hint == "write the rule for public.pay"


def test_a_partition_key_stays(tmp_path: Path) -> None:
    plan = compiled(tmp_path, PAYMENTS, {"pay": {**PAYMENT_CLASSES, "at": "person.birth_date"}})
    assert only(plan, "DM138").column == "at"


def test_inheritance_children_follow_their_parent(tmp_path: Path) -> None:
    parent = table("animals", "owner text", "born date")
    child = table("dogs", "owner text", "born date", "breed text", inherits=("public.animals",))
    plan = compiled(
        tmp_path,
        [parent, child],
        {"animals": {"owner": "person.name", "born": "public"}, "dogs": {"breed": "public"}},
    )
    assert codes(plan) == []
    assert transforms(plan)["dogs.owner"] == "full_name"


def test_extension_tables_pass_unless_named(tmp_path: Path) -> None:
    owned = table("spatial_ref_sys", "srtext text", extension="postgis", extension_condition="")
    plan = compiled(tmp_path, [owned], {})
    assert codes(plan) == []
    assert plan.tables[0].columns[0].reason == "extension postgis"
    named = compiled(tmp_path, [owned], {"spatial_ref_sys": {"srtext": "free_text"}})
    assert transforms(named)["spatial_ref_sys.srtext"] == "redact"


def test_a_rule_may_need_another_column(tmp_path: Path) -> None:
    text = "columns:\n  public.customers.born: {shift_date: {by: no_such}}"
    people = table("customers", "born date")
    plan = compiled(tmp_path, [people], {"customers": {"born": "person.birth_date"}}, text)
    assert "needs the column no_such" in only(plan, "DM107").message


def test_a_transform_must_take_the_type(tmp_path: Path) -> None:
    plan = compiled(
        tmp_path, [table("t", "a boolean")], {"t": {"a": "public"}}, "columns: {public.t.a: email}"
    )
    finding = only(plan, "DM110")
    assert "staging.yaml:4: public.t.a cannot be masked with email" in finding.message
    assert transforms(plan)["t.a"] == "keep"


def test_the_first_choice_that_fits_is_taken(tmp_path: Path) -> None:
    text = "columns: {public.t.a: [ip, email, hash]}"
    plan = compiled(tmp_path, [table("t", "a text")], {"t": {"a": "public"}}, text)
    assert codes(plan) == []
    assert transforms(plan)["t.a"] == "ip"
    on_date = compiled(
        tmp_path, [table("t", "a date")], {"t": {"a": "public"}}, "columns: {public.t.a: [ip, 'null']}"
    )
    assert transforms(on_date)["t.a"] == "null"
    assert [finding.code for finding in on_date.findings] == ["DM111"]


def test_none_of_several_choices(tmp_path: Path) -> None:
    text = "columns: {public.t.a: [email, phone]}"
    plan = compiled(tmp_path, [table("t", "a boolean")], {"t": {"a": "public"}}, text)
    assert "nor with phone: " in only(plan, "DM110").message


def test_unique_keys_want_injective_transforms(tmp_path: Path) -> None:
    users = table(
        "users", "id int not null", "name text not null", unique_keys=(primary("id"), unique("name"))
    )
    classes = {"users": {"id": "key", "name": "person.name"}}
    plan = compiled(tmp_path, [users], classes, "columns: {public.users.name: full_name}")
    assert only(plan, "DM120").column == "name"
    by_class = compiled(tmp_path, [users], classes)
    assert by_class.errors == ()
    mask = by_class.by_table["public.users"].masks[0]
    assert (mask.transform, mask.unique) == ("hash", True)


@pytest.mark.parametrize(
    ("keys", "needed"),
    [
        ((unique("a", "b"),), True),
        ((unique("a", "b"), unique("b")), False),
        ((unique("a", "b", nulls_distinct=False), unique("b")), True),
        ((unique("a", "b"), primary("b")), False),
        ((unique("a", "b"), unique("c")), True),
        ((unique("a", "b", "c"), unique("c")), False),
        ((unique("a", "c"), unique("c", partial=True)), True),
        ((unique("a", partial=True),), True),
        ((unique("b"),), False),
        ((unique(expression_columns=("a",)),), True),
    ],
)
def test_composite_keys(tmp_path: Path, keys: tuple[UniqueKey, ...], needed: bool) -> None:
    """``a`` is masked; ``b`` may be NULL, ``c`` may not."""
    one = table("t", "a text", "b int", "c int not null", unique_keys=keys)
    plan = compiled(
        tmp_path, [one], {"t": {"a": "public", "b": "key", "c": "key"}}, "columns: {public.t.a: full_name}"
    )
    assert ("DM120" in codes(plan)) is needed


def test_a_unique_index_over_an_expression_is_not_proven(tmp_path: Path) -> None:
    one = table("t", "email text", unique_keys=(unique(expression_columns=("email",)),))
    plan = compiled(tmp_path, [one], {"t": {"email": "person.email"}})
    assert only(plan, "DM122").severity == "warning"
    assert plan.tables[0].masks[0].unique


def test_exclusion_constraints(tmp_path: Path) -> None:
    key = UniqueKey("no_overlap", ("room", "during"), "exclusion")
    one = table("t", "room text", "during daterange", unique_keys=(key,))
    room = compiled(
        tmp_path, [one], {"t": {"room": "public", "during": "public"}}, "columns: {public.t.room: hash}"
    )
    assert codes(room) == []
    during = compiled(
        tmp_path,
        [one],
        {"t": {"room": "public", "during": "public"}},
        "columns: {public.t.during: {fixed: {value: empty}}}",
    )
    assert "DM123" in codes(during)


def test_citext_keys(tmp_path: Path) -> None:
    one = table("t", "email citext", unique_keys=(unique("email"),))
    plan = compiled(tmp_path, [one], {"t": {"email": "person.email"}})
    assert only(plan, "DM124").severity == "warning"


def test_not_null_columns_get_no_null(tmp_path: Path) -> None:
    one = table("t", "a text not null")
    plan = compiled(tmp_path, [one], {"t": {"a": "public"}}, "columns: {public.t.a: null}")
    assert only(plan, "DM130").column == "a"


def test_results_must_fit(tmp_path: Path) -> None:
    one = table("t", "a varchar(20)")
    plan = compiled(tmp_path, [one], {"t": {"a": "public"}}, "columns: {public.t.a: {hash: {length: 32}}}")
    finding = only(plan, "DM131")
    assert "32 characters" in finding.message
    assert "holds 20" in finding.message


@pytest.mark.parametrize(
    ("kind", "value", "code"),
    [
        ("varchar(3)", "abcd", "DM133"),
        ("enum", "cross", "DM133"),
        ("int", "x", "DM133"),
        ("int", "3000000000", "DM133"),
        ("date", "2024-02-30", "DM133"),
        ("boolean", "maybe", "DM133"),
        ("enum", "glad", None),
        ("int", "7", None),
        ("varchar(3)", "abc", None),
    ],
)
def test_fixed_values_must_belong(tmp_path: Path, kind: str, value: str, code: str | None) -> None:
    text = f"columns: {{public.t.a: {{fixed: {{value: '{value}'}}}}}}"
    plan = compiled(tmp_path, [table("t", f"a {kind}")], {"t": {"a": "public"}}, text)
    assert codes(plan) == ([code] if code else [])


def test_a_fixed_number_must_not_overflow(tmp_path: Path) -> None:
    from dataclasses import replace

    narrow = column("a numeric")
    narrow = replace(narrow, type=replace(narrow.type, name="numeric(5,2)", precision=5, scale=2))
    one = replace(table("t"), columns=(narrow,))
    plan = compiled(tmp_path, [one], {"t": {"a": "public"}}, "columns: {public.t.a: {fixed: {value: 1000}}}")
    assert only(plan, "DM132").hint == "take a smaller one"
    fits = compiled(
        tmp_path, [one], {"t": {"a": "public"}}, "columns: {public.t.a: {fixed: {value: 999.99}}}"
    )
    assert codes(fits) == []


def test_generated_columns_have_no_rule(tmp_path: Path) -> None:
    one = table("t", "email text", "lowered text = lower(email)")
    ruled = compiled(tmp_path, [one], {"t": {"email": "person.email"}}, "columns: {public.t.lowered: hash}")
    assert only(ruled, "DM134").column == "lowered"
    plan = compiled(tmp_path, [one], {"t": {"email": "person.email"}})
    assert codes(plan) == []
    assert [finding.code for finding in plan.findings] == ["DM160"]
    assert plan.tables[0].columns[1].reason == "generated"


def test_identity_columns_are_better_kept(tmp_path: Path) -> None:
    one = table("t", "id int not null identity", unique_keys=(primary("id"),))
    plan = compiled(tmp_path, [one], {"t": {"id": "key"}}, "columns: {public.t.id: key}")
    assert only(plan, "DM135").severity == "warning"


def test_check_constraints_are_proven_or_named(tmp_path: Path) -> None:
    sex = table(
        "t",
        "g char(1) not null",
        checks=(check("(upper((g)::text) = ANY (ARRAY['M'::text, 'F'::text]))", "g"),),
    )
    # No list was written for this class: the constraint's own constants are among the choices.
    plan = compiled(tmp_path, [sex], {"t": {"g": "person.gender"}})
    assert codes(plan) == []
    assert dict(plan.tables[0].masks[0].params)["value"] == "M"
    unproven = compiled(tmp_path, [sex], {"t": {"g": "public"}}, "columns: {public.t.g: ff1}")
    assert only(unproven, "DM136").severity == "warning"
    broken = compiled(tmp_path, [sex], {"t": {"g": "public"}}, "columns: {public.t.g: {fixed: {value: X}}}")
    assert only(broken, "DM137").severity == "error"


def test_a_proven_choice_goes_before_an_unproven_one(tmp_path: Path) -> None:
    checks = (check("((born >= '1930-01-01'::date) AND (born <= (now() - '18 years'::interval)))", "born"),)
    one = table("t", "born date not null", checks=checks)
    plan = compiled(tmp_path, [one], {"t": {"born": "person.birth_date"}})
    assert codes(plan) == []
    assert transforms(plan) == {"t.born": "truncate_date"}


USERS = table("users", "email text not null", unique_keys=(primary("email"),))
LOGINS = table("logins", "who varchar(80)", foreign_keys=(foreign("who", "users", "email"),))


def test_a_mask_spreads_over_foreign_keys(tmp_path: Path) -> None:
    devices = table(
        "devices", "login varchar(60) not null", foreign_keys=(foreign("login", "logins", "who"),)
    )
    plan = compiled(
        tmp_path,
        [devices, LOGINS, USERS],
        {"users": {"email": "person.email"}, "logins": {"who": "public"}, "devices": {"login": "key"}},
    )
    assert codes(plan) == []
    masks = [one.masks[0] for one in plan.tables]
    assert {mask.transform for mask in masks} == {"email"}
    assert {mask.domain for mask in masks} == {"person.email"}
    assert {mask.unique for mask in masks} == {True}
    # Masked alike means masked as the narrowest of them.
    assert {mask.type.max_length for mask in masks} == {60}
    assert [finding.code for finding in plan.findings] == ["DM141", "DM141"]
    assert plan.tables[0].columns[0].reason == "foreign key with public.users.email (class person.email)"


def test_a_mask_spreads_from_the_referring_end_too(tmp_path: Path) -> None:
    classes = {"users": {"email": "public"}, "logins": {"who": "public"}}
    plan = compiled(tmp_path, [USERS, LOGINS], classes, "columns: {public.logins.who: hash}")
    assert transforms(plan) == {"users.email": "hash", "logins.who": "hash"}
    assert {mask.domain for one in plan.tables for mask in one.masks} == {"public.logins.who"}


@pytest.mark.parametrize(
    "text",
    [
        "columns: {public.users.email: hash, public.logins.who: email}",
        "columns: {public.users.email: hash, public.logins.who: {hash: {}, domain: other}}",
        "columns: {public.users.email: hash, public.logins.who: keep}",
        "columns: {public.logins.who: keep}",
    ],
)
def test_the_ends_of_a_foreign_key_may_not_differ(tmp_path: Path, text: str) -> None:
    plan = compiled(
        tmp_path, [USERS, LOGINS], {"users": {"email": "person.email"}, "logins": {"who": "public"}}, text
    )
    assert "DM140" in codes(plan)
    assert "staging.yaml:4" in plan.errors[0].message


def test_equal_rules_at_both_ends_are_fine(tmp_path: Path) -> None:
    text = "columns: {public.users.email: hash, public.logins.who: hash}"
    plan = compiled(
        tmp_path, [USERS, LOGINS], {"users": {"email": "person.email"}, "logins": {"who": "public"}}, text
    )
    assert codes(plan) == []


def test_references_count_as_foreign_keys(tmp_path: Path) -> None:
    audit = table("audit", "who text")
    plan = compiled(
        tmp_path,
        [USERS, audit],
        {"users": {"email": "person.email"}, "audit": {"who": "public"}},
        "references:\n  - public.audit.who -> public.users.email",
    )
    assert codes(plan) == []
    assert transforms(plan)["audit.who"] == "email"


def test_self_references_cycles_and_composite_keys(tmp_path: Path) -> None:
    staff = table(
        "staff",
        "code text not null",
        "boss text",
        "team text",
        unique_keys=(primary("code"),),
        foreign_keys=(foreign("boss", "staff", "code"), foreign("team", "teams", "code")),
    )
    teams = table(
        "teams",
        "code text not null",
        "lead text",
        unique_keys=(primary("code"),),
        foreign_keys=(foreign("lead,code", "staff", "code,team"),),
    )
    classes = {
        "staff": {"code": "person.username", "boss": "key", "team": "key"},
        "teams": {"code": "key", "lead": "key"},
    }
    plan = compiled(tmp_path, [staff, teams], classes)
    assert plan.errors == ()
    assert transforms(plan) == {
        "staff.code": "username",
        "staff.boss": "username",
        "staff.team": "keep",
        "teams.code": "keep",
        "teams.lead": "username",
    }


def test_foreign_keys_over_different_kinds(tmp_path: Path) -> None:
    audit = table("audit", "who jsonb")
    plan = compiled(
        tmp_path,
        [USERS, audit],
        {"users": {"email": "person.email"}, "audit": {"who": "public"}},
        "references:\n  - public.audit.who -> public.users.email",
    )
    assert "DM142" in codes(plan)


ORDERS = table("orders", "id int not null", "customer_id int", unique_keys=(primary("id"),),
               foreign_keys=(foreign("customer_id", "customers", "id"),))  # fmt: skip
ORDER_CLASSES = {
    "customers": {"id": "key", "email": "person.email"},
    "orders": {"id": "key", "customer_id": "key"},
}


@pytest.mark.parametrize("rule", ["{rows: none}", "{sample: 0.5}", "{where: id < 10}"])
def test_rows_that_others_reference_stay(tmp_path: Path, rule: str) -> None:
    plan = compiled(tmp_path, [CUSTOMERS, ORDERS], ORDER_CLASSES, f"tables: {{public.customers: {rule}}}")
    finding = only(plan, "DM150")
    assert finding.table == "public.customers"
    assert finding.hint == "give public.orders `rows: none` too, or mask public.orders.customer_id with null"
    emptied = f"tables: {{public.customers: {rule}, public.orders: {{rows: none}}}}"
    assert codes(compiled(tmp_path, [CUSTOMERS, ORDERS], ORDER_CLASSES, emptied)) == []


def test_a_nulled_foreign_key_asks_for_nothing(tmp_path: Path) -> None:
    text = "tables: {public.customers: {rows: none}}\ncolumns: {public.orders.customer_id: null}"
    plan = compiled(tmp_path, [CUSTOMERS, ORDERS], ORDER_CLASSES, text)
    assert codes(plan) == []
    assert transforms(plan)["orders.customer_id"] == "null"
    assert transforms(plan)["customers.id"] == "keep"


def test_an_emptied_table_needs_no_classes(tmp_path: Path) -> None:
    outbox = table("outbox", "email text", "email_hash text", "at date", partition_key=("at",))
    plan = compiled(
        tmp_path,
        [outbox],
        {"outbox": {"email": "person.email", "at": "person.birth_date"}},
        "tables: {public.outbox: {rows: none}}",
    )
    assert codes(plan) == []
    assert plan.tables[0].columns[1].reason == "rows: none"


def test_row_rules_reach_the_plan(tmp_path: Path) -> None:
    plan = compiled(
        tmp_path,
        PAYMENTS,
        {"pay": PAYMENT_CLASSES},
        "tables:\n  public.pay: {where: id > 5}\n  public.pay_2: {rows: none}",
    )
    assert [(one.rows, one.where, one.sample) for one in plan.tables] == [
        ("all", "id > 5", None),
        ("none", None, None),
    ]
    sampled = compiled(
        tmp_path, [ORDERS, CUSTOMERS], ORDER_CLASSES, "tables: {public.orders: {sample: 0.25}}"
    )
    assert sampled.by_table["public.orders"].sample == 0.25


def test_a_table_that_references_itself_is_not_filtered(tmp_path: Path) -> None:
    staff = table("staff", "id int not null", "boss int", unique_keys=(primary("id"),),
                  foreign_keys=(foreign("boss", "staff", "id"),))  # fmt: skip
    classes = {"staff": {"id": "key", "boss": "key"}}
    assert only(compiled(tmp_path, [staff], classes, "tables: {public.staff: {sample: 0.5}}"), "DM151")
    assert codes(compiled(tmp_path, [staff], classes, "tables: {public.staff: {rows: none}}")) == []


def test_search_vectors_repeat_text(tmp_path: Path) -> None:
    one = table("t", "body text", "search tsvector not null")
    classes = {"t": {"body": "free_text", "search": "public"}}
    assert only(compiled(tmp_path, [one], classes), "DM161").severity == "error"
    looked_at = compiled(tmp_path, [one], classes, "columns: {public.t.search: keep}")
    assert only(looked_at, "DM161").severity == "warning"
    masked = compiled(tmp_path, [one], {"t": {"body": "free_text", "search": "search_index"}})
    assert codes(masked) == []
    assert codes(compiled(tmp_path, [one], {"t": {"body": "public", "search": "public"}})) == []


@pytest.mark.parametrize("name", ["email_hash", "EmailNormalized", "search_email", "email_lower"])
def test_copies_are_told_by_their_names(tmp_path: Path, name: str) -> None:
    one = table("t", "email text", f"{name} text")
    classes = {"t": {"email": "person.email", name: "public"}}
    assert only(compiled(tmp_path, [one], classes), "DM162").column == name
    assert codes(compiled(tmp_path, [one], classes, f"columns: {{public.t.{name}: keep}}")) == []


def test_payloads_beside_masked_columns(tmp_path: Path) -> None:
    one = table("t", "email text", "extra jsonb")
    classes = {"t": {"email": "person.email", "extra": "public"}}
    assert only(compiled(tmp_path, [one], classes), "DM163").column == "extra"
    assert codes(compiled(tmp_path, [one], {"t": {"email": "person.email", "extra": "document"}})) == []


def test_domains(tmp_path: Path) -> None:
    one = table("a", "email text", "other text", "code text")
    two = table("b", "email text")
    classes = {
        "a": {"email": "person.email", "other": "person.email", "code": "key"},
        "b": {"email": "person.email"},
    }
    text = "columns:\n  public.a.other: {email: {}, domain: other}\n  public.a.code: hash"
    plan = compiled(tmp_path, [one, two], classes, text)
    domains = {f"{t.table}.{mask.column}": mask.domain for t in plan.tables for mask in t.masks}
    assert domains == {
        "public.a.email": "person.email",
        "public.a.other": "other",
        "public.a.code": "public.a.code",
        "public.b.email": "person.email",
    }


def test_the_digest_is_of_what_the_plan_does(tmp_path: Path) -> None:
    classes = {"customers": {"id": "key", "email": "person.email"}}
    plan = compiled(tmp_path, [CUSTOMERS], classes)
    assert len(plan.digest) == 64
    assert compiled(tmp_path, [CUSTOMERS], {**classes, "gone": {"a": "key"}}).digest == plan.digest
    assert compiled(tmp_path, catalog(CUSTOMERS), classes).digest == plan.digest
    others = [
        compiled(tmp_path, [CUSTOMERS], classes, "columns: {public.customers.email: hash}").digest,
        compiled(tmp_path, [CUSTOMERS], classes, "columns: {public.customers.email: keep}").digest,
        compiled(tmp_path, [CUSTOMERS], classes, "tables: {public.customers: {rows: none}}").digest,
        compiled(tmp_path, [CUSTOMERS], classes, "classes: {person.email: {email: {}, domain: x}}").digest,
        compiled(
            tmp_path, [CUSTOMERS], classes, "classes: {person.email: {email: {domain: example.net}}}"
        ).digest,
    ]
    assert len({plan.digest, *others}) == 6
