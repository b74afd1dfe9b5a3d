"""Laws of the comparison, for states that no server ever had."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from datamask.catalog.schema_state import SchemaObject, SchemaState, dump_state, load_state
from datamask.catalog.spelling import one_spelling
from datamask.drift.compare import compare
from datamask.drift.difference import inverted
from datamask.drift.scope import Scope
from datamask.drift.statements import commented, statements

NAMES = st.sampled_from(["a.t", "a.u", "b.t"])
PARTS = st.sampled_from(["x", "y", '"Z"'])
VALUES = st.one_of(
    st.integers(0, 2),
    st.booleans(),
    st.sampled_from(["", "text", "1"]),
    st.lists(st.sampled_from("xyz"), max_size=3),
)
ATTRIBUTES = st.dictionaries(
    st.sampled_from(["type", "owner", "comment", "column order", "definition", "default", "labels"]),
    VALUES,
    max_size=3,
)
KINDS = st.sampled_from(["column", "constraint", "index", "trigger", "policy", "grant", "sequence"])


@st.composite
def states(draw: st.DrawFn) -> SchemaState:
    found: dict[str, SchemaObject] = {}

    def add(kind: str, name: str, of: str | None, like: str | None) -> None:
        item = SchemaObject(kind, name, draw(ATTRIBUTES), of, like)
        found[item.key] = item

    for schema in draw(st.sets(st.sampled_from(["a", "b"]))):
        add("schema", schema, None, None)
    for name in draw(st.sets(NAMES)):
        schema = f"schema {name[0]}"
        add("table", name, schema if schema in found else None, draw(st.sampled_from([None, "table a.t"])))
        for kind, part in draw(st.sets(st.tuples(KINDS, PARTS), max_size=4)):
            like = draw(st.sampled_from([None, f"{kind} a.t.{part}"]))
            add(kind, f"{name}.{part}", f"table {name}", like)
    return SchemaState(tuple(found.values()))


@given(states())
def test_a_state_does_not_differ_from_itself(state: SchemaState) -> None:
    assert compare(state, state) == ()
    assert compare(state, SchemaState(tuple(reversed(state.objects)))) == ()


@given(states(), states())
def test_the_other_way_round_is_the_inverse(before: SchemaState, after: SchemaState) -> None:
    assert compare(after, before) == inverted(compare(before, after))


@given(states(), states())
def test_every_object_that_differs_is_told_or_counted(before: SchemaState, after: SchemaState) -> None:
    told = compare(before, after)
    one_sided = before.by_key.keys() ^ after.by_key.keys()
    whole = [item for item in told if item.change != "changed"]
    assert len(whole) + sum(number for item in whole for _, number in item.includes) == len(one_sided)
    assert {item.key for item in whole} <= one_sided
    assert (told == ()) == (
        not one_sided
        and not any(
            compare(SchemaState((item,)), SchemaState((after.by_key[key],)))
            for key, item in before.by_key.items()
        )
    )


@given(states(), states())
def test_what_is_excluded_is_not_told(before: SchemaState, after: SchemaState) -> None:
    told = compare(before, after, Scope(exclude=("a.*", "schema:*"), ignore=("owner",)))
    assert all(item.name.startswith("b.") for item in told)
    assert all(aspect.name != "owner" for item in told for aspect in item.aspects)


@given(states())
def test_a_file_gives_back_what_was_written(state: SchemaState) -> None:
    again = load_state(dump_state(state, indent=1), where="file")
    assert again.by_key == state.by_key
    assert dump_state(again) == dump_state(state)


@given(states(), states())
def test_the_script_is_comments_alone(before: SchemaState, after: SchemaState) -> None:
    script = commented(statements(compare(before, after), before, after))
    assert all(line.startswith("--") for line in script.splitlines())


@given(st.text(alphabet="(ARRAY[]'a,:)text\" ", max_size=40))
def test_one_spelling_is_stable(text: str) -> None:
    once = one_spelling(text)
    assert one_spelling(once) == once


@given(st.lists(st.text(alphabet="ab'(),[]\" ", max_size=6), min_size=1, max_size=4))
def test_a_cast_of_a_list_is_a_cast_of_each_element(labels: list[str]) -> None:
    quoted = [f"""'{label.replace("'", "''")}'::character varying""" for label in labels]
    whole = f"CHECK (((state)::text = ANY ((ARRAY[{', '.join(quoted)}])::text[])))"
    each = f"CHECK (((state)::text = ANY (ARRAY[{', '.join(f'({label})::text' for label in quoted)}])))"
    assert one_spelling(whole) == each
    assert one_spelling(each) == each
