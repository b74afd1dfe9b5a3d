"""What holds for every plan, over random databases, classes and rules."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.policies import catalog, classified, column, policy

from datamask.catalog.model import Catalog, ForeignKey, Table, UniqueKey
from datamask.masking import registry
from datamask.policy.compile import compile_policy
from datamask.policy.digest import plan_digest
from datamask.policy.plan import Plan

CLASSES = ("key", "public", "person.email", "person.name", "person.phone", "free_text", "credential.token")
RULES = ("keep", "hash", "email", "full_name", "'null'", "[full_name, hash]", "auto", "key", "ff1")
TYPES = ("text", "varchar(30)", "varchar(8)", "int", "citext")


@st.composite
def databases(draw: st.DrawFn) -> Catalog:
    tables = []
    for number in range(draw(st.integers(1, 4))):
        names = [f"c{at}" for at in range(draw(st.integers(1, 4)))]
        columns = tuple(
            column(f"{name} {draw(st.sampled_from(TYPES))}{draw(st.sampled_from(['', ' not null']))}", at)
            for at, name in enumerate(names, 1)
        )
        keys = tuple(
            UniqueKey(
                f"k{at}", tuple(draw(st.lists(st.sampled_from(names), min_size=1, unique=True))), "index"
            )
            for at in range(draw(st.integers(0, 2)))
        )
        foreign = []
        for at in range(draw(st.integers(0, 2))):
            target = draw(st.sampled_from([*tables, None]))
            there = [one.name for one in target.columns] if target else names
            key = f"public.t{number}" if target is None else target.key
            foreign.append(
                ForeignKey(f"f{at}", (draw(st.sampled_from(names)),), key, (draw(st.sampled_from(there)),))
            )
        tables.append(Table("public", f"t{number}", columns, unique_keys=keys, foreign_keys=tuple(foreign)))
    return catalog(*tables)


@st.composite
def plans(draw: st.DrawFn) -> tuple[Catalog, Plan, Plan]:
    database = draw(databases())
    refs = [(one.name, listed.name) for one in database.tables for listed in one.columns]
    classes: dict[str, dict[str, str]] = {one.name: {} for one in database.tables}
    for name, listed in refs:
        data_class = draw(st.sampled_from((*CLASSES, None)))
        if data_class:
            classes[name][listed] = data_class
    rules = draw(st.dictionaries(st.sampled_from(refs), st.sampled_from(RULES), max_size=3))
    text = f"unclassified: {draw(st.sampled_from(['refuse', 'mask', 'keep']))}\n"
    if rules:
        text += "columns:\n" + "".join(
            f"  public.{one}.{two}: {rule}\n" for (one, two), rule in rules.items()
        )
    with tempfile.TemporaryDirectory() as folder:
        written = policy(Path(folder), text)
    entries = classified({name: listed for name, listed in classes.items() if listed})
    return database, compile_policy(written, entries, database), compile_policy(written, entries, database)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(plans())
def test_a_plan_without_errors_keeps_every_promise(made: tuple[Catalog, Plan, Plan]) -> None:
    database, plan, again = made
    assert plan == again
    assert [one.table for one in plan.tables] == [one.key for one in database.tables]
    if plan.errors:
        return
    for one in database.tables:
        masks = {mask.column: mask for mask in plan.by_table[one.key].masks}
        for listed in one.columns:
            mask = masks.get(listed.name)
            if mask is None:
                continue
            transform = registry.get(mask.transform)
            laws = transform.laws(mask.params, mask.type, mask.unique)
            assert transform.accepts(listed.type) is None
            assert not (listed.not_null and laws.nulls == "made")
            assert laws.injective or not mask.unique
            if listed.type.kind == "text" and listed.type.max_length is not None:
                assert laws.max_length is not None
                assert laws.max_length <= listed.type.max_length
        for key in one.unique_keys:
            kept = set(key.columns) - set(masks)
            # A row with a NULL conflicts with none, so another key inside the kept columns is enough.
            held = any(set(other.columns) <= kept for other in one.unique_keys if other != key)
            assert held or all(masks[name].unique for name in key.columns if name in masks)
        for foreign in one.foreign_keys:
            # One column that becomes NULL, and the foreign key asks for nothing.
            if any(name in masks and masks[name].nulls_everything for name in foreign.columns):
                continue
            there = {mask.column: mask for mask in plan.by_table[foreign.referenced_table].masks}
            for here, target in zip(foreign.columns, foreign.referenced_columns, strict=True):
                assert _alike(masks.get(here)) == _alike(there.get(target))


def _alike(mask: object) -> object:
    """What two columns of one foreign key must share."""
    if mask is None:
        return None
    return (mask.transform, dict(mask.params), mask.domain, mask.type.max_length, mask.type.kind)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(plans(), st.randoms(use_true_random=False))
def test_the_digest_does_not_depend_on_the_order_of_tables(
    made: tuple[Catalog, Plan, Plan], random: object
) -> None:
    _, plan, _ = made
    shuffled = list(plan.tables)
    random.shuffle(shuffled)
    assert plan_digest(shuffled) == plan.digest
