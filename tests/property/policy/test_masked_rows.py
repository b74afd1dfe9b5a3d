"""Plans without errors, carried out on rows: every key of random databases holds after masking as it did before."""

from __future__ import annotations

from hypothesis import HealthCheck, event, given, settings
from support.keyed_databases import Rows, by_key, compiled, dangling, masked, violates

from datamask.catalog.model import Catalog
from datamask.policy.plan import Plan


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(compiled())
def test_masked_rows_keep_every_key(case: tuple[Rows, Catalog, Plan]) -> None:
    made, database, plan = case
    if plan.errors:
        event("refused")
        return
    event("carried out")
    before, after = made, masked(made, plan)
    for one in database.tables:
        if one.root is not None:
            continue
        rows = after.of(one)
        for key in one.unique_keys:
            assert not violates(before.of(one), key)
            assert not violates(rows, key), (one.key, key)
        for listed in one.columns:
            values = [row[listed.name] for row in rows]
            assert not (listed.not_null and None in values)
            limit = listed.type.max_length
            assert limit is None or all(value is None or len(value) <= limit for value in values)
        for edge in one.foreign_keys:
            target = by_key(database.tables)[edge.referenced_table]
            assert not dangling(before.of(one), before.of(target), edge)
            assert not dangling(rows, after.of(target), edge), (one.key, edge)
