from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from datamask.load.names import building_name, golden_name, next_name, previous_name, spare_name

DERIVED = (next_name, previous_name, spare_name)
IDENTIFIERS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1).filter(
    lambda name: len(name.encode()) <= 63
)


def test_short_names_can_be_read():
    assert next_name("shop") == "shop__datamask_next"
    assert previous_name("shop") == "shop__datamask_previous"
    assert spare_name("shop") == "shop__datamask_spare"
    assert golden_name("20260102-030405-abcdef") == "datamask_golden_20260102-030405-abcdef"
    assert building_name("20260102-030405-abcdef") == "datamask_building_20260102-030405-abcdef"


@settings(deadline=None)
@given(IDENTIFIERS)
def test_every_name_is_one_that_postgresql_does_not_cut(name):
    names = {derive(name) for derive in DERIVED}
    assert len(names | {name}) == 4
    assert all(len(found.encode()) <= 63 for found in names)


@settings(deadline=None)
@given(st.lists(IDENTIFIERS, min_size=2, unique=True))
def test_different_databases_never_share_a_name(names):
    for derive in DERIVED:
        assert len({derive(name) for name in names}) == len(names)


@settings(deadline=None)
@given(st.text("é", min_size=20, max_size=31), st.text("é", min_size=20, max_size=31))
def test_long_names_with_one_beginning_differ(one, other):
    assert (next_name(one) == next_name(other)) == (one == other)
