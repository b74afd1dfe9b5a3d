from __future__ import annotations

import time
from pathlib import Path

from support.policies import catalog, classified, foreign, policy, primary, table

from datamask.policy.compile import compile_policy


def _compile(folder: Path, count: int) -> float:
    """CPU seconds that compiling a policy for ``count`` tables takes."""
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
        for number in range(count)
    ]
    classes = {
        one.name: {listed.name: "person.name" for listed in one.columns[2:]}
        | {"id": "key", "parent_id": "key"}
        for one in tables
    }
    # One column is left out, so that a class has to be proposed for it.
    del classes["t7"]["c3"]
    written, entries, database = policy(folder), classified(classes), catalog(*tables)
    start = time.process_time()
    plan = compile_policy(written, entries, database)
    seconds = time.process_time() - start
    assert [finding.code for finding in plan.errors] == ["DM100"]
    assert sum(len(one.masks) for one in plan.tables) == count * 18 - 1
    return seconds


def test_the_cost_of_compiling_grows_with_the_tables_and_no_faster(tmp_path: Path) -> None:
    _compile(tmp_path, 20)
    # Four times the tables cost four times as much; a step that compares all with all would cost sixteen.
    ratio = min(_compile(tmp_path, 400) / _compile(tmp_path, 100) for _ in range(3))
    assert ratio < 8
