from __future__ import annotations

from pathlib import Path

import pytest

from datamask.errors import PolicyError
from datamask.policy.file import read_policy
from datamask.policy.init import render_policy
from datamask.policy.pack import pack_names, pack_path

FULL = """\
version: 1
name: staging
extends: default
unclassified: mask
classes:
  person.email: {email: {domain: example.net}}
  person.gender: null
  person.name: [full_name, keep]
columns:
  public.customers.notes: {redact: {}, domain: notes}
  '"a.b".T."c.d"': keep
tables:
  public.outbox: {rows: none}
  public.events: {where: "created_at > now() - interval '90 days'"}
  public.visits: {sample: 0.1}
references:
  - public.audit.customer_id -> public.customers.id
  - public.audit.(a, b) -> public.pairs.(x, y)
"""


def write(folder: Path, text: str, name: str = "staging.yaml") -> Path:
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_reads_every_part(tmp_path: Path) -> None:
    path = write(tmp_path, FULL)
    policy = read_policy(path)
    assert (policy.name, policy.unclassified) == ("staging", "mask")
    email = policy.classes["person.email"].rules[0]
    assert (email.transform, email.params["domain"], str(email.mark)) == ("email", "example.net", f"{path}:6")
    assert [rule.transform for rule in policy.classes["person.gender"].rules] == ["null"]
    assert [rule.transform for rule in policy.classes["person.name"].rules] == ["full_name", "keep"]
    notes = policy.columns["public.customers", "notes"].rules[0]
    assert (notes.transform, notes.domain) == ("redact", "notes")
    assert policy.columns['"a.b".T', "c.d"].rules[0].transform == "keep"
    assert policy.rows["public.outbox"].rows == "none"
    assert policy.rows["public.events"].where == "created_at > now() - interval '90 days'"
    assert policy.rows["public.visits"].sample == 0.1
    assert [(r.columns, r.referenced_table, r.referenced_columns) for r in policy.references] == [
        (("customer_id",), "public.customers", ("id",)),
        (("a", "b"), "public.pairs", ("x", "y")),
    ]
    # What the file does not say comes from the pack.
    assert "credential" in policy.classes
    assert policy.files == (pack_path("default"), path)


def test_a_child_overrides_its_parents(tmp_path: Path) -> None:
    write(
        tmp_path,
        "version: 1\nname: base\nunclassified: keep\nclasses: {person: 'null', address: keep}\n"
        "tables: {public.a: {rows: none}}\nreferences: [public.a.b -> public.c.d]\n",
        "base.yaml",
    )
    child = write(
        tmp_path,
        "version: 1\nextends: ./base.yaml\nclasses: {person: hash}\nreferences: [public.e.f -> public.c.d]\n",
        "child.yaml",
    )
    policy = read_policy(child)
    assert policy.name == "child"
    assert policy.unclassified == "keep"
    assert {name: choice.rules[0].transform for name, choice in policy.classes.items()} == {
        "person": "hash",
        "address": "keep",
    }
    assert list(policy.rows) == ["public.a"]
    assert [reference.table for reference in policy.references] == ["public.a", "public.e"]


HEAD = "version: 1\n"
COLUMN_HINT = "write schema.table.column, and a part that holds a dot in double quotes"
REFERENCE_HINT = (
    "write schema.table.column -> schema.table.column, or schema.table.(a, b) for several columns"
)


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("name: x\n", "1: a policy begins with `version: 1`", None),
        ("clases: {}\n", "2: unknown key 'clases' in a policy", "did you mean 'classes'?"),
        (
            "unclassified: refuze\n",
            "2: unclassified must be one of refuse, mask, keep, not 'refuze'",
            "did you mean 'refuse'?",
        ),
        ("extends: defualt\n", "2: extends: there is no policy pack 'defualt'", "did you mean 'default'?"),
        ("extends: ./no.yaml\n", "2: extends: there is no file D/no.yaml", "a path is relative to this file"),
        (
            "classes:\n  person.emial: hash\n",
            "3: unknown data class 'person.emial'",
            "did you mean 'person.email'?",
        ),
        (
            "classes:\n  person.email: emial\n",
            "3: the rule for person.email: unknown transform 'emial'",
            "did you mean 'email'?",
        ),
        (
            "classes:\n  person.email: {emial: {}}\n",
            "3: the rule for person.email: unknown transform 'emial'",
            "did you mean 'email'?",
        ),
        (
            "classes:\n  person.email: {email: {}, hash: {}}\n",
            "3: the rule for person.email must name exactly one transform, not 2",
            "write {transform: {parameter: value}}; several transforms to choose from make a list",
        ),
        (
            "classes:\n  person.email: []\n",
            "3: the rule for person.email is an empty list",
            "write the name of a transform, or keep",
        ),
        ("classes:\n  person: {keep: {a: 1}}\n", "3: the rule for person: keep takes no parameters", None),
        (
            "classes:\n  person: {hash: {}, domain: 'a b'}\n",
            "3: 'a b' cannot be the name of a domain",
            "take letters, digits, and . _ : - between them, at most 100",
        ),
        (
            "columns:\n  customers.notes: keep\n",
            "3: 'customers.notes' is not the name of a column",
            COLUMN_HINT,
        ),
        (
            "columns:\n  public.t.c: keep\n  '\"public\".t.c': keep\n",
            '4: the column "public".t.c has two rules',
            "remove one of them",
        ),
        (
            "tables:\n  outbox: {rows: none}\n",
            "3: 'outbox' is not the name of a table",
            "write schema.table, and a part that holds a dot in double quotes",
        ),
        (
            "tables:\n  public.t: {rows: nome}\n",
            "3: rows must be one of all, none, not 'nome'",
            "did you mean 'none'?",
        ),
        (
            "tables:\n  public.t: {sample: 1.5}\n",
            "3: sample must be a fraction between 0 and 1",
            "a tenth is 0.1",
        ),
        (
            "tables:\n  public.t: {sample: 0.1, where: a}\n",
            "3: the rule for the table public.t must have exactly one of rows, where and sample",
            "a sample of a selection is written as a where",
        ),
        (
            "references:\n  - public.a.b = public.c.d\n",
            "3: 'public.a.b = public.c.d' is not a reference",
            REFERENCE_HINT,
        ),
        (
            "references:\n  - public.a.(b, c) -> public.c.d\n",
            "3: 'public.a.(b, c) -> public.c.d' is not a reference",
            REFERENCE_HINT,
        ),
    ],
)
def test_errors_name_the_line(tmp_path: Path, text: str, message: str, hint: str | None) -> None:
    path = write(tmp_path, text if text.startswith("name") else HEAD + text)
    with pytest.raises(PolicyError) as caught:
        read_policy(path)
    assert caught.value.message.replace(str(tmp_path), "D") == f"D/staging.yaml:{message}"
    assert caught.value.hint == hint


def test_a_wrong_parameter_is_named_with_its_line(tmp_path: Path) -> None:
    path = write(tmp_path, HEAD + "classes:\n  person.email:\n    email:\n      domian: example.com\n")
    with pytest.raises(PolicyError) as caught:
        read_policy(path)
    assert caught.value.message.startswith(f"{path}:5: the rule for person.email: ")
    assert "'domian'" in caught.value.message
    assert "domain" in (caught.value.hint or "")


def test_extends_in_a_circle(tmp_path: Path) -> None:
    write(tmp_path, "version: 1\nextends: ./b.yaml\n", "a.yaml")
    write(tmp_path, "version: 1\nextends: ./a.yaml\n", "b.yaml")
    with pytest.raises(PolicyError) as caught:
        read_policy(tmp_path / "a.yaml")
    assert (
        caught.value.message
        == f"{tmp_path / 'b.yaml'}:2: extends goes in a circle: a.yaml -> b.yaml -> a.yaml"
    )


@pytest.mark.parametrize("name", pack_names())
def test_packs_are_policies_that_cover_every_personal_class(name: str) -> None:
    from datamask.classify.classes import CLASSES, lineage

    policy = read_policy(pack_path(name))
    assert policy.name == name
    uncovered = [
        data_class.name
        for data_class in CLASSES.values()
        if data_class.personal and not any(above in policy.classes for above in lineage(data_class.name))
    ]
    assert uncovered == []


def test_a_first_policy_is_the_pack(tmp_path: Path) -> None:
    policy = read_policy(write(tmp_path, render_policy("staging")))
    assert policy.name == "staging"
    assert policy.unclassified == "refuse"
    assert policy.classes == read_policy(pack_path("default")).classes


def test_the_comments_of_a_first_policy_are_right(tmp_path: Path) -> None:
    text = render_policy("dev")
    head, _, examples = text.partition("\n\n")
    uncommented = "\n".join(
        line.removeprefix("# ")
        for line in examples.splitlines()
        if (line.startswith("# ") and line[2:3].islower()) or line.startswith("#  ")
    )
    policy = read_policy(write(tmp_path, head + "\n" + uncommented))
    assert len(policy.classes) > 1
    assert list(policy.columns) == [("public.customers", "notes")]
    assert list(policy.rows) == ["public.outbox"]
    assert len(policy.references) == 1
