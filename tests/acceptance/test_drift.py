"""`datamask drift`, as its user types it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from support.command_line import CommandLine
from support.in_process import InProcess

from datamask.db.session import connect

DOCUMENT = Path(__file__).parents[2] / "docs/reference/json.md"


def documented() -> set[str]:
    """The words in code style in the section of the verb."""
    section = re.search(r"^## `drift`\n(.*?)(?=^## )", DOCUMENT.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    assert section
    return set(re.findall(r"`([a-z_]+)`", section[1]))


@pytest.fixture
def drifting(adopted: CommandLine) -> InProcess:
    """A dev that was loaded and then changed by hand."""
    adopted.ok("load", "latest", "dev")
    run = InProcess(adopted.folder, adopted.environ)
    clean = run("drift", "dev")
    assert clean.code == 0, clean.out + clean.err
    assert "✓ no drift: dev is as snapshot " in clean.out
    with connect(adopted.environ["DEV_URL"]) as session:
        session.script(
            "alter table public.customers add column loyalty integer; comment on table public.orders is 'by hand';"
            "create index tmp_by_hand on public.customers (loyalty)"
        )
    return run


def keys(found: dict) -> list[str]:
    return [f"{item['change']} {item['kind']} {item['name']}" for item in found["differences"]]


COLUMN = "added column public.customers.loyalty"
INDEX = "added index public.tmp_by_hand"
COMMENT = "changed table public.orders"


def test_drift(drifting: InProcess) -> None:
    done = drifting("drift", "dev")
    assert done.code == 6
    assert (
        "  table public.customers\n  + column loyalty: integer\n  + index public.tmp_by_hand: CREATE INDEX"
        in done.out
    )
    assert "~ table public.orders (note): comment " in done.out
    assert done.out.endswith("✗ drift in dev: 1 error, 1 warning, 1 note\n")

    found = drifting("drift", "dev", "--json", "--ddl", "--data").json
    parts = [found, found["baseline"], found["differences"][0], found["data"], found["data"]["tables"][0]]
    changed = next(item for item in found["differences"] if item["change"] == "changed")
    parts += [changed["aspects"][0], found["data"]["tables"][0]["columns"][0]]
    used = {name for part in parts for name in part}
    values = {"added", "removed", "changed", "fail", "warn", "carried", "everything", "snapshot", "environment", "file",
              "rows", "content", "nulls", "distinct", "psi", "ks", "numbers", "times", "categories", "lengths", "reason",
              "objects", "drift"}  # fmt: skip
    assert used - documented() == set()
    assert documented() - used - values == set()
    assert keys(found) == [COLUMN, INDEX, COMMENT]
    assert (found["compared"], found["clean"], found["errors"], found["warnings"], found["notes"]) == (
        "carried", False, 1, 1, 1,
    )  # fmt: skip
    assert "ALTER TABLE public.customers DROP COLUMN loyalty;" in found["statements"]
    assert found["data"]["loaded"] is True
    assert found["data"]["drifted"] == 0

    # What is left out, and what counts.
    assert keys(drifting("drift", "dev", "--json", "--exclude", "table:*.customers").json) == [COMMENT]
    assert keys(
        drifting("drift", "dev", "--json", "--exclude", "index:*.tmp_*", "--ignore", "comment").json
    ) == [COLUMN]
    assert drifting("drift", "dev", "--exclude", "public.customers*", "--exclude", "public.tmp_*").code == 0
    assert drifting("drift", "dev", "--exclude", "column:*", "--severity", "error").code == 0
    warned = drifting("drift", "dev", "--on-drift", "warn")
    assert (warned.code, "! drift in dev: " in warned.out) == (0, True)

    # The same from the configuration, for one environment over the project's.
    drifting.append("datamask.yaml", "\ndrift:\n  exclude: ['*.customers*', 'index:*']\n  severity: info\n")
    assert keys(drifting("drift", "dev", "--json").json) == [COMMENT]
    assert drifting("drift", "dev").code == 6
    (drifting.folder / "datamask.dev.yaml").write_text("drift:\n  severity: warning\n")
    assert drifting("drift", "dev").code == 0


def test_baselines_and_rows(drifting: InProcess) -> None:
    production = drifting("drift", "production", "--json")
    assert (production.code, production.json["compared"]) == (0, "everything")
    saved = drifting("drift", "dev", "--save", "baselines/dev.json", "--json").json
    assert set(saved) == {"environment", "file", "objects"}
    assert saved["objects"] == production.json["objects"] + 2
    assert drifting("drift", "dev", "--against", "baselines/dev.json").code == 0
    from_production = drifting("drift", "production", "--against", "baselines/dev.json", "--json")
    assert from_production.code == 6
    assert {COLUMN.replace("added", "removed"), COMMENT} <= set(keys(from_production.json))
    live = drifting("drift", "dev", "--against", "production", "--json").json
    assert {COLUMN, INDEX, COMMENT} <= set(keys(live))

    nothing = drifting("drift", "staging", STAGING_URL=drifting.environ["PRODUCTION_URL"])
    assert (nothing.code, "staging has no baseline: nothing was loaded into it" in nothing.message) == (
        2,
        True,
    )
    same = drifting("drift", "dev", "--against", "dev")
    assert (same.code, same.message) == (2, "error: environment dev cannot be its own baseline")
    unknown = drifting("drift", "dev", "--against", "producton")
    assert unknown.code == 2
    assert (
        "'producton' is no environment, no file and no snapshot\nhint: did you mean 'production'?"
        in unknown.message
    )
    assert "there is no file no/such.json" in drifting("drift", "dev", "--against", "no/such.json").message
    assert drifting("drift", "dev", "--against", "datamask.yaml").code == 5
    assert "names no kind of object" in drifting("drift", "dev", "--exclude", "tabel:*").message
    assert "--severity must be one of error" in drifting("drift", "dev", "--severity", "high").message
    data = drifting("drift", "dev", "--against", "baselines/dev.json", "--data")
    assert (data.code, "has no rows to compare with" in data.message) == (2, True)

    # Rows are compared, and never told.
    drifting.append("datamask.yaml", "\ndrift:\n  exclude: ['column:*', 'index:*']\n  ignore: ['comment*']\n")
    assert drifting("drift", "dev", "--exact").code == 0
    with connect(drifting.environ["DEV_URL"]) as session:
        one_email = session.value("select min(email) from public.customers")
        session.script(
            "update public.customers set phone = null, loyalty_points = loyalty_points + 5000; analyze"
        )
    done = drifting("drift", "dev", "--exact", "-v")
    assert done.code == 6
    assert re.search(r"public\.customers +content +as loaded +changed +!", done.out)
    assert re.search(r"public\.customers +phone +nulls +\d\S* +100\.0% +!", done.out)
    assert re.search(r"public\.customers +loyalty_points +numbers +PSI .* +!", done.out)
    assert "changed since the load, at least" in done.out
    assert str(one_email).split("@")[0] not in done.out + drifting("drift", "dev", "--exact", "--json").out
