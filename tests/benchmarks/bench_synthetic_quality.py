"""How like the real rows synthetic ones are: ``python tests/benchmarks/bench_synthetic_quality.py [SDMETRICS_PYTHON]``.

100,000 rows of ten mixed columns and 10,000 parents with their children are fitted and made again, in CPU time of one
core. With the interpreter of an environment that has SDMetrics, its quality report scores them on a holdout: rows of the
same kind that no profile has seen.
"""

from __future__ import annotations

import os

os.environ["POLARS_MAX_THREADS"] = "1"

import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import polars as pl

from datamask.catalog.model import Catalog, Column, ColumnType, ForeignKey, Table, UniqueKey
from datamask.synthetic.fit import fit_children, fit_table
from datamask.synthetic.generator import make_block
from datamask.synthetic.planner import plan_synthetic
from datamask.synthetic.profile import Profile, TableProfile
from datamask.synthetic.recipe import Recipe
from datamask.synthetic.scaling import scaled_recipe

ROWS, PARENTS = 100_000, 10_000
TEXT, INT = ColumnType("text", "text", "text"), ColumnType("integer", "integer", "int4")
MONEY = ColumnType("numeric(12,2)", "numeric", "numeric", precision=12, scale=2)
DAY = ColumnType("date", "date", "date")
CUSTOMERS = {
    "id": INT, "age": INT, "income": MONEY, "spent": MONEY, "visits": INT, "plan": TEXT, "region": TEXT, "channel": TEXT,
    "signup": DAY, "last_login": DAY, "active": ColumnType("boolean", "boolean", "bool"),
}  # fmt: skip
ORDERS = {
    "id": INT,
    "customer_id": INT,
    "total": MONEY,
    "items": INT,
    "status": TEXT,
    "placed": DAY,
    "shipped": DAY,
}

SCORE = """
import sys, warnings, polars as pl
warnings.filterwarnings("ignore")
from sdmetrics.reports.single_table import QualityReport
real, ours = (pl.read_parquet(path).to_pandas() for path in sys.argv[1:3])
kinds = dict(item.split("=") for item in sys.argv[3:])
days = {"datetime_format": "%Y-%m-%d"}
columns = {name: {"sdtype": kind, **(days if kind == "datetime" else {})} for name, kind in kinds.items()}
report = QualityReport()
report.generate(real[list(columns)], ours[list(columns)], {"columns": columns}, verbose=False)
details = report.get_properties()
print(report.get_score(), *details["Score"])
"""


def customers(rows: int, seed: int) -> pl.DataFrame:
    chance = np.random.default_rng(seed)
    age = np.clip(chance.normal(45, 15, rows), 18, 95).astype(int)
    income = np.round(np.exp(9.5 + age / 80 + chance.normal(0, 0.4, rows)), 2)
    visits = chance.poisson(income / 4000)
    spent = np.round(visits * chance.gamma(2, 20, rows), 2)
    plan = np.array(["free", "basic", "pro", "team"])[
        np.clip((income / 15000 + chance.normal(0, 0.7, rows)).astype(int), 0, 3)
    ]
    region = chance.choice(["north", "south", "east", "west", "isles"], rows, p=[0.35, 0.3, 0.2, 0.14, 0.01])
    channel = np.where(age < 40, chance.choice(["web", "app"], rows), chance.choice(["web", "store"], rows))
    signup = np.datetime64("2019-01-01") + chance.integers(0, 1800, rows).astype("timedelta64[D]")
    login = signup + chance.geometric(0.01, rows).astype("timedelta64[D]")
    return pl.DataFrame(
        {
            "id": np.arange(1, rows + 1), "age": age, "income": pl.Series(income).cast(pl.String),
            "spent": pl.Series(spent).cast(pl.String), "visits": visits, "plan": plan, "region": region,
            "channel": channel, "signup": pl.Series(signup).cast(pl.String),
            "last_login": pl.Series(login).cast(pl.String), "active": np.where(chance.random(rows) < 0.8, "t", "f"),
        }
    )  # fmt: skip


def orders(parents: pl.DataFrame, seed: int) -> pl.DataFrame:
    chance = np.random.default_rng(seed)
    counts = chance.poisson(5, parents.height) * (chance.random(parents.height) > 0.26)
    rows = int(counts.sum())
    items = chance.geometric(0.4, rows)
    total = np.round(items * chance.gamma(3, 15, rows), 2)
    placed = np.datetime64("2021-01-01") + chance.integers(0, 1000, rows).astype("timedelta64[D]")
    shipped = placed + chance.integers(0, 10, rows).astype("timedelta64[D]")
    status = np.where(
        total > 100,
        chance.choice(["paid", "shipped"], rows),
        chance.choice(["new", "paid", "returned"], rows),
    )
    return pl.DataFrame(
        {
            "id": np.arange(1, rows + 1), "customer_id": np.repeat(parents.get_column("id").to_numpy(), counts),
            "total": pl.Series(total).cast(pl.String), "items": items, "status": status,
            "placed": pl.Series(placed).cast(pl.String), "shipped": pl.Series(shipped).cast(pl.String),
        }
    )  # fmt: skip


def table(name: str, kinds: dict[str, ColumnType], foreign: tuple[ForeignKey, ...] = ()) -> Table:
    columns = tuple(
        Column(column, kind, place + 1, not_null=True) for place, (column, kind) in enumerate(kinds.items())
    )
    return Table(
        "public",
        name,
        columns,
        unique_keys=(UniqueKey(f"{name}_pkey", ("id",), "primary"),),
        foreign_keys=foreign,
    )


def made_again(catalog: Catalog, tables: dict[str, TableProfile]) -> tuple[dict[str, pl.DataFrame], float]:
    """All rows, and the CPU seconds that they took as PostgreSQL's text."""
    profile = Profile("bench", "bench", tables)
    plan = plan_synthetic(catalog, {}, scaled_recipe(Recipe(), profile, catalog, 1.0), 0, profile=profile)
    found, seconds = {}, 0.0
    for planned in plan.tables:
        begun = time.process_time()
        found[planned.key] = pl.concat([make_block(plan, planned, block) for block in range(planned.blocks)])
        seconds += time.process_time() - begun
    return found, seconds


def typed(frame: pl.DataFrame, kinds: dict[str, ColumnType]) -> pl.DataFrame:
    dtypes = {"numeric": pl.Float64, "integer": pl.Int64}
    return frame.with_columns(
        frame.get_column(name).str.to_date("%Y-%m-%d") if kind.kind == "date" and frame.schema[name] == pl.String
        else frame.get_column(name) == "t" if kind.kind == "boolean" and frame.schema[name] == pl.String
        else frame.get_column(name).cast(dtypes.get(kind.kind, frame.schema[name]))
        for name, kind in kinds.items()
    ).with_columns(
        pl.col(name).cast(pl.String) for name, kind in kinds.items() if kind.kind in {"date", "boolean"}
    )  # fmt: skip


def score(python: str, real: pl.DataFrame, ours: pl.DataFrame, kinds: dict[str, ColumnType]) -> str:
    names = {"integer": "numerical", "numeric": "numerical", "date": "datetime"}
    listed = [
        f"{name}={names.get(kind.kind, 'categorical')}"
        for name, kind in kinds.items()
        if not name.endswith("id")
    ]
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / name for name in ("real.parquet", "ours.parquet")]
        for path, frame in zip(paths, (real, ours), strict=True):
            typed(frame, kinds).write_parquet(path)
        done = subprocess.run(
            [python, "-c", SCORE, *map(str, paths), *listed], capture_output=True, text=True, check=False
        )
    return done.stdout.strip() or done.stderr.strip().splitlines()[-1]


def membership(
    real: pl.DataFrame, holdout: pl.DataFrame, ours: pl.DataFrame, kinds: dict[str, ColumnType]
) -> str:
    """Whether rows that were profiled lie nearer to synthetic ones than rows that were not."""
    names = [
        name
        for name, kind in kinds.items()
        if kind.kind in {"integer", "numeric", "date"} and not name.endswith("id")
    ]

    def points(frame: pl.DataFrame) -> np.ndarray:
        part = (
            typed(frame, kinds)
            .head(2000)
            .with_columns(
                pl.col(name).str.to_date().to_physical() for name in names if kinds[name].kind == "date"
            )
        )
        return part.select(names).to_numpy().astype(float)

    trained, other, made = (points(frame) for frame in (real, holdout, ours))
    scale = trained.std(axis=0)
    near = [
        np.sqrt((((rows[:, None] - made[None]) / scale) ** 2).sum(axis=2)).min(axis=1)
        for rows in (trained, other)
    ]
    ranks = np.argsort(np.argsort(np.concatenate(near)))
    auc = 1 - (ranks[: len(near[0])].sum() - len(near[0]) * (len(near[0]) - 1) / 2) / (
        len(near[0]) * len(near[1])
    )
    exact = (
        typed(ours, kinds).select(names).join(typed(real, kinds).select(names), on=names, how="semi").height
    )
    return (
        f"nearest record {np.median(near[0]):.3f} (holdout {np.median(near[1]):.3f}), "
        f"exact matches {exact} of {ours.height:,}, "
        f"membership AUC {auc:.3f}"
    )


def main() -> int:
    python = sys.argv[1] if len(sys.argv) > 1 else None
    real, holdout = customers(ROWS, 1), customers(ROWS, 2)
    one = table("customers", CUSTOMERS)
    fit_table(one.key, real.head(1000), one.columns, frozenset({"id"}))
    begun = time.process_time()
    fitted = fit_table(one.key, real, one.columns, frozenset({"id"}))
    seconds = time.process_time() - begun
    found, making = made_again(Catalog("bench", 1, 180000, "UTF8", "C", (one,)), {one.key: fitted})
    ours = found[one.key]
    early = typed(ours, CUSTOMERS).filter(pl.col("last_login") < pl.col("signup")).height
    print(
        f"one table: fit {seconds:.2f} s, {ours.height / making:,.0f} rows/s, {early} logins before their signup"
    )
    print("  " + membership(real, holdout, ours, CUSTOMERS))
    if python:
        print("  quality on a holdout (whole, shapes, pairs):", score(python, holdout, ours, CUSTOMERS))
        print("  the real rows against the same holdout:     ", score(python, holdout, real, CUSTOMERS))

    parents = customers(PARENTS, 3)
    children, others = orders(parents, 4), orders(customers(PARENTS, 5), 6)
    key = ForeignKey("orders_customer", ("customer_id",), "public.customers", ("id",))
    two = table("orders", ORDERS, (key,))
    begun = time.process_time()
    profiles = {
        one.key: fit_table(one.key, parents, one.columns, frozenset({"id"})),
        two.key: fit_table(two.key, children, two.columns, frozenset({"id", "customer_id"})),
    }
    counted = fit_children(("customer_id",), one.key, children.select("customer_id"), PARENTS)
    assert counted is not None
    whole = profiles[two.key]
    profiles[two.key] = TableProfile(
        whole.table, whole.rows, whole.columns, whole.correlated, whole.correlation, (counted,)
    )
    seconds = time.process_time() - begun
    found, making = made_again(Catalog("bench", 1, 180000, "UTF8", "C", (one, two)), profiles)
    rows = sum(frame.height for frame in found.values())
    print(
        f"two tables: fit {seconds:.2f} s, {rows / making:,.0f} rows/s; "
        f"{found[two.key].height:,} children, {children.height:,} real"
    )
    histograms = [
        np.bincount(
            np.bincount(frame.get_column("customer_id").to_numpy(), minlength=PARENTS + 1)[1:], minlength=30
        )[:30]
        / PARENTS
        for frame in (others, found[two.key])
    ]
    cardinality = 1 - np.abs(np.cumsum(histograms[0]) - np.cumsum(histograms[1])).max()
    print(
        f"  cardinality (Kolmogorov-Smirnov complement) {cardinality:.3f}, "
        f"without children {histograms[1][0]:.3f}, real {histograms[0][0]:.3f}"
    )
    if python:
        print("  quality on a holdout:", score(python, others, found[two.key], ORDERS))
    return 0


if __name__ == "__main__":
    sys.exit(main())
