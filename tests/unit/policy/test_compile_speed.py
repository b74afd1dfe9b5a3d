from __future__ import annotations

import time
from pathlib import Path

from support.policies import catalog, classified, foreign, policy, primary, table

from datamask.policy.compile import compile_policy


def test_five_hundred_tables_take_less_than_a_second(tmp_path: Path) -> None:
    tables = [
        table(
            f"t{number}",
            "id int not null",
            "parent_id int",
            "email varchar(80)",
            *(f"c{at} text" for at in range(17)),
            unique_keys=(primary("id"),),
            foreign_keys=(foreign("parent_id", f"t{number // 2}", "id"),),
        )
        for number in range(500)
    ]
    classes = {
        one.name: {listed.name: "person.name" for listed in one.columns[2:]}
        | {"id": "key", "parent_id": "key"}
        for one in tables
    }
    # One column is left out, so that a class has to be proposed for it.
    del classes["t7"]["c3"]
    written, entries, database = policy(tmp_path), classified(classes), catalog(*tables)
    start = time.process_time()
    plan = compile_policy(written, entries, database)
    assert time.process_time() - start < 1
    assert [finding.code for finding in plan.errors] == ["DM100"]
    assert sum(len(one.masks) for one in plan.tables) == 500 * 18 - 1
