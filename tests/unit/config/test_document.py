from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from datamask.config.document import Plain, load_document, parse_document
from datamask.errors import PolicyError, UsageError

FILE = Path("x.yaml")

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]))
)
DOCUMENTS = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1), inner, max_size=4
        )
    ),
    max_leaves=12,
)


class Quoting(yaml.SafeDumper):
    """Puts all text between quotes: PyYAML leaves plain what YAML 1.1 reads as text and 1.2 as a number, such as 08."""


Quoting.add_representer(
    str, lambda dumper, text: dumper.represent_scalar("tag:yaml.org,2002:str", text, style='"')
)


@given(DOCUMENTS)
@example(["08", "1e3", "0o7", "null"])
def test_what_yaml_writes_is_read_back(value: Plain) -> None:
    text = yaml.dump(value, Dumper=Quoting, allow_unicode=True)
    assert parse_document(text, FILE).plain() == value


def test_scalars_follow_the_core_schema() -> None:
    text = "[no, on, true, False, 010, 1:30, 2024-01-31, 1_000, 0x1F, 0o17, -3, 1.5, 1e3, ~, null, '5', 1.2]"
    assert parse_document(text, FILE).plain() == [
        "no",
        "on",
        True,
        False,
        10,
        "1:30",
        "2024-01-31",
        "1_000",
        31,
        15,
        -3,
        1.5,
        1000.0,
        None,
        None,
        "5",
        1.2,
    ]


def test_keys_are_the_words_as_written() -> None:
    node = parse_document("no: 1\nnull: 2\n1: 3\n", FILE)
    assert node.plain() == {"no": 1, "null": 2, "1": 3}
    assert {key: mark.line for key, mark in node.key_marks.items()} == {"no": 1, "null": 2, "1": 3}


def test_marks_name_file_line_and_column() -> None:
    node = parse_document("a:\n  b: [1,\n    two]\n", FILE).mapping("it")["a"].mapping("a")["b"]
    second = node.sequence("b")[1]
    assert (second.mark.file, second.mark.line, second.mark.column) == (FILE, 3, 5)
    error = second.error("wrong", "fix it")
    assert isinstance(error, UsageError)
    assert (str(error), error.hint) == ("x.yaml:3: wrong", "fix it")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: 1\nb: 2\na: 3\n", "x.yaml:3: the key 'a' stands twice: here and on line 1"),
        ("a:\n\t- b\n", "x.yaml:2: a tab is used for indentation, which YAML does not allow"),
        ("a: 1\n\tb: 2\n", "x.yaml:2: a tab is used for indentation, which YAML does not allow"),
        ("a: 1\nb: \x01", "x.yaml:2: the control character U+0001 cannot stand in YAML"),
        ("a: &x [*x]", "x.yaml:1: an anchor cannot contain its own alias"),
        ("? [a]\n: 1", "x.yaml:1: a key must be a plain word, not a list or a mapping"),
        ("a: 1\n<<: {b: 1}", "x.yaml:2: merge keys (<<) are not supported"),
        ("a: !!int x", "x.yaml:1: cannot read this value: it is not a number"),
        ("a: !!bool x", "x.yaml:1: cannot read this value: a boolean is true or false"),
        (
            "a: !!set {b}",
            "x.yaml:1: cannot read this value: the tag 'tag:yaml.org,2002:set' is not supported",
        ),
        (
            "a: !!python/name:os.x x",
            "x.yaml:1: cannot read this value: the tag 'tag:yaml.org,2002:python/name:os.x' is not supported",
        ),
    ],
)
def test_bad_documents(text: str, message: str) -> None:
    with pytest.raises(PolicyError) as caught:
        parse_document(text, FILE, kind=PolicyError)
    assert str(caught.value) == message


def test_invalid_syntax_names_the_line() -> None:
    with pytest.raises(UsageError, match=r"^x\.yaml:2: not valid YAML: "):
        parse_document("a: [1\nb: 2", FILE)


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    missing = tmp_path / "missing.yaml"
    with pytest.raises(UsageError) as caught:
        load_document(missing)
    assert str(caught.value) == f"{missing}: there is no such file"
    latin = tmp_path / "latin.yaml"
    latin.write_bytes("a: 1\nb: é\n".encode("latin-1"))
    with pytest.raises(UsageError) as caught:
        load_document(latin)
    assert str(caught.value) == f"{latin}:2: not UTF-8 text"
    with pytest.raises(UsageError, match="cannot be read"):
        load_document(tmp_path)


def test_a_byte_order_mark_is_no_key(tmp_path: Path) -> None:
    file = tmp_path / "bom.yaml"
    file.write_bytes(b"\xef\xbb\xbfa: 1\n")
    assert load_document(file).plain() == {"a": 1}


def test_values_of_the_wrong_kind() -> None:
    node = parse_document("n: 5\nt: word\nl: [1]\nm: {k: 1}\ne:\nb: true\n", FILE)
    keys = node.mapping("it")
    cases = [
        (lambda: keys["n"].text("n"), "x.yaml:1: n must be text, not the number 5"),
        (lambda: keys["e"].text("e"), "x.yaml:5: e must be text, not empty"),
        (lambda: keys["t"].mapping("t"), "x.yaml:2: t must be a mapping of keys to values, not text"),
        (lambda: keys["m"].sequence("m"), "x.yaml:4: m must be a list, not a mapping"),
        (lambda: keys["b"].integer("b"), "x.yaml:6: b must be a whole number, not true"),
        (lambda: keys["n"].integer("n", minimum=6), "x.yaml:1: n must be at least 6, not 5"),
        (lambda: keys["n"].number("n", maximum=4.5), "x.yaml:1: n must be at most 4.5, not 5"),
        (lambda: keys["l"].number("l"), "x.yaml:3: l must be a number, not a list"),
        (lambda: keys["t"].boolean("t"), "x.yaml:2: t must be true or false, not text"),
        (lambda: keys["t"].choice("t", ["words", "x"]), "x.yaml:2: t must be one of words, x, not 'word'"),
    ]
    for call, message in cases:
        with pytest.raises(UsageError) as caught:
            call()
        assert str(caught.value) == message


def test_an_unknown_key_gets_the_nearest_one() -> None:
    with pytest.raises(UsageError) as caught:
        parse_document("columns: 1\nclases: {}\n", FILE).mapping("the policy", ["classes", "columns"])
    assert str(caught.value) == "x.yaml:2: unknown key 'clases' in the policy"
    assert caught.value.hint == "did you mean 'classes'?"
