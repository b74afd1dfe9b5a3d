from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from datamask.load.names import (
    branch_name,
    building_name,
    golden_name,
    next_name,
    previous_name,
    spare_name,
)

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


BRANCHES = st.text("abcXYZ019._/-", min_size=1, max_size=100)


def test_branches_can_be_read():
    assert branch_name("shop_dev", "my-branch") == "shop_dev__my_branch"
    assert branch_name("shop_dev", "feature/Big.Thing") == "shop_dev__feature_big_thing"
    assert branch_name("shop_dev", "///").startswith("shop_dev__")


@given(IDENTIFIERS, BRANCHES)
def test_names_of_branches_and_what_is_made_for_them_fit(name, branch):
    database = branch_name(name, branch)
    assert len(database.encode()) <= 63
    assert len({database, name, *(derive(database) for derive in DERIVED)}) == 5


@given(st.text("abc019._-", min_size=1, max_size=101), st.text("0123456789abcdef", min_size=64, max_size=64))
def test_goldens_of_any_snapshot_and_recipe_fit_and_differ(snapshot, recipe):
    plain, made = golden_name(snapshot), golden_name(snapshot, recipe)
    assert plain != made
    assert all(len(name.encode()) <= 63 for name in (plain, made, building_name(snapshot, recipe)))
    assert made.removeprefix("datamask_golden_") == building_name(snapshot, recipe).removeprefix(
        "datamask_building_"
    )
