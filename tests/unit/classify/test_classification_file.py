from __future__ import annotations

from pathlib import Path

import pytest

from datamask.classify.classes import CLASSES, get, lineage
from datamask.classify.discover import Proposal, Proposals
from datamask.classify.file import read_classification
from datamask.classify.names import column_key, parse_column, parse_table
from datamask.classify.render import merge_classification, render_classification
from datamask.errors import PolicyError

GOOD = """\
version: 1
tables:
  public.customers:
    id: key
    email: person.email
    preferences: {json: {"$.contact.email": person.email, "$.theme": public}}
  '"odd.schema".Orders':
    "Zip Code": address.postal_code
    null: public
  public.empty:
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "classification.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def refusal(folder: Path, text: str) -> PolicyError:
    path = write(folder, text)
    with pytest.raises(PolicyError) as caught:
        read_classification(path)
    caught.value.message = caught.value.message.replace(str(path), "FILE")
    return caught.value


def test_reads_classes_by_table_and_column(tmp_path: Path) -> None:
    found = read_classification(write(tmp_path, GOOD))
    email = found.entry("public.customers", "email")
    assert email is not None
    assert (email.data_class, str(email.mark)) == ("person.email", f"{tmp_path / 'classification.yaml'}:5")
    document = found.entry("public.customers", "preferences")
    assert document is not None
    assert document.data_class == "document"
    assert document.paths == (("$.contact.email", "person.email"), ("$.theme", "public"))
    assert list(found.tables['"odd.schema".Orders']) == ["Zip Code", "null"]
    assert found.entry("public.empty", "id") is None
    assert found.entry("public.customers", "no") is None


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        (
            "version: 1\ntables:\n  public.t:\n    a: key\n    b: person.emial\n",
            "FILE:5: unknown data class 'person.emial' for public.t.b",
            "did you mean 'person.email'?",
        ),
        ("tables: {}\n", "FILE:1: a classification begins with `version: 1`", None),
        ("version: 2\n", "FILE:1: version must be at most 1, not 2", None),
        (
            "version: 1\ntabels: {}\n",
            "FILE:2: unknown key 'tabels' in a classification",
            "did you mean 'tables'?",
        ),
        (
            "version: 1\ntables:\n  customers: {}\n",
            "FILE:3: 'customers' is not the name of a table",
            "write schema.table, and a part that holds a dot in double quotes",
        ),
        (
            'version: 1\ntables:\n  public.t: {a: key}\n  \'"public"."t"\': {a: key}\n',
            "FILE:4: the table public.t is listed twice",
            "remove one of them",
        ),
        (
            "version: 1\ntables:\n  public.t:\n    a: {json: {theme: public}}\n",
            "FILE:4: 'theme' is not a JSON path",
            "write $.contact.email, $['odd key'], $.items[*].email, $.items[0] or $..email",
        ),
        (
            "version: 1\ntables:\n  public.t:\n    a:\n",
            "FILE:4: the class of public.t.a must be text, not empty",
            None,
        ),
    ],
)
def test_errors_name_the_line(tmp_path: Path, text: str, message: str, hint: str | None) -> None:
    error = refusal(tmp_path, text)
    assert (error.message, error.hint) == (message, hint)


def test_names_with_dots_and_quotes() -> None:
    assert parse_table("public.t") == "public.t"
    assert parse_table('"a.b"."T x"') == '"a.b".T x'
    assert parse_table("t") is None
    assert parse_table("a.b.c") is None
    assert parse_table("a..b") is None
    assert parse_column('public.t."c.d"') == ("public.t", "c.d")
    assert parse_column('"q""q".t.c') == ('"q""q".t', "c")
    assert column_key("public.t", "c.d") == 'public.t."c.d"'


def test_the_class_tree() -> None:
    assert list(lineage("person.email")) == ["person.email", "person"]
    assert get("key").personal is False
    with pytest.raises(PolicyError, match=r"unknown data class 'person\.emal'") as caught:
        get("person.emal")
    assert caught.value.hint == "did you mean 'person.email'?"
    for name in CLASSES:
        parent = name.rpartition(".")[0]
        assert not parent or parent in CLASSES


def proposal(table: str, column: str, data_class: str, confidence: float = 0.9) -> Proposal:
    return Proposal(table, column, data_class, confidence, (f"the name {column}",))


ODD = Proposals(
    (
        proposal("public.b", "id", "key"),
        proposal("public.b", "note", "free_text", 0.3),
        proposal('"s.t".A b', 'quo"te', "public"),
        proposal('"s.t".A b', "colon: x", "public"),
        proposal('"s.t".A b', "tab\tline\nend", "public"),
        proposal('"s.t".A b', "日本 # 🐘", "public"),
        proposal('"s.t".A b', "null", "public"),
        proposal('"s.t".A b', " ", "public"),
    )
)


def test_what_is_written_reads_back(tmp_path: Path) -> None:
    text = render_classification(ODD)
    found = read_classification(write(tmp_path, text))
    entries = {
        (table, column): entry.data_class
        for table, columns in found.tables.items()
        for column, entry in columns.items()
    }
    assert entries == {key: item.data_class for key, item in ODD.by_column.items()}
    assert "    note: free_text  # check: the name note\n" in text
    assert "    id: key\n" in text


def test_an_empty_database_has_an_empty_classification(tmp_path: Path) -> None:
    assert read_classification(write(tmp_path, render_classification(Proposals(())))).tables == {}


def test_documents_are_written_path_by_path(tmp_path: Path) -> None:
    paths = (("$.contact.email", "person.email"), ("$['odd key'][*]", "public"), ("$.a.*", "key"))
    documents = Proposals(
        (
            Proposal("public.b", "payload", "document", 0.8, ("a json payload may hold anything",), paths),
            Proposal("public.b", "unsure", "document", 0.4, ("why",), paths[:1]),
            Proposal("public.b", "opaque", "document", 0.6, ("a json payload may hold anything",)),
        )
    )
    text = render_classification(documents)
    assert text.endswith(
        """\
  public.b:
    payload:
      json:
        "$.contact.email": person.email
        "$['odd key'][*]": public
        "$.a.*": key
    unsure:  # check: why
      json:
        "$.contact.email": person.email
    opaque: document
"""
    )
    found = read_classification(write(tmp_path, text)).entry("public.b", "payload")
    assert found is not None
    assert (found.data_class, found.paths) == ("document", paths)
    # Beside one, others are added at the end of the table.
    fax = proposal("public.b", "fax", "person.phone")
    merged = merge_classification(text, Proposals((*documents.items, fax)), tmp_path / "c.yaml")
    assert merged == text + "    fax: person.phone\n"
    before = "version: 1\ntables:\n  public.b:\n    id: key\n"
    merged = merge_classification(before, Proposals(documents.items[:1]), tmp_path / "c.yaml")
    assert merged == before + "".join(text.splitlines(keepends=True)[-9:-4])


REVIEWED = """\
# Ours.
version: 1
tables:
  public.a:   # the first
    id: key
    name: public     # a product's
    # end of a

  # about b
  public.b:
      email: person.email
"""


def test_merging_adds_what_is_missing_and_keeps_every_line(tmp_path: Path) -> None:
    path = write(tmp_path, REVIEWED)
    proposals = Proposals(
        (
            proposal("public.a", "name", "person.name"),
            proposal("public.a", "phone", "person.phone"),
            proposal("public.b", "fax", "person.phone"),
            proposal("public.c", "id", "key"),
        )
    )
    assert merge_classification(REVIEWED, proposals, path) == REVIEWED.replace(
        "# a product's\n", "# a product's\n    phone: person.phone\n"
    ) + ("      fax: person.phone\n  public.c:\n    id: key\n")
    assert merge_classification(REVIEWED, Proposals(proposals.items[:1]), path) == REVIEWED


def test_merging_into_a_file_without_tables(tmp_path: Path) -> None:
    proposals = Proposals((proposal("public.c", "id", "key"),))
    text = merge_classification("version: 1\ntables:\n", proposals, tmp_path / "c.yaml")
    assert text == render_classification(proposals)


def test_merging_cannot_add_to_braces(tmp_path: Path) -> None:
    text = "version: 1\ntables:\n  public.a: {id: key}\n  public.b:\n    id: key\n"
    proposals = Proposals((proposal("public.a", "name", "person.name"),))
    with pytest.raises(PolicyError, match=r":3: cannot add the columns name to public\.a"):
        merge_classification(text, proposals, tmp_path / "c.yaml")
