"""A profile of rows, and rows like them: distributions, relations and nothing of a single row."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from datamask.catalog.model import Catalog, Column, ColumnType, Table
from datamask.errors import VerificationError
from datamask.synthetic.copula import Joint
from datamask.synthetic.fit import fit_children, fit_table, nearest_correlation
from datamask.synthetic.generator import generate
from datamask.synthetic.normal import normal_quantile
from datamask.synthetic.planner import plan_synthetic
from datamask.synthetic.profile import LEAST_COUNT, Profile, dump_profile, load_profile
from datamask.synthetic.recipe import Recipe, Rows

ROWS = 20_000
TYPES = {
    "id": ColumnType("bigint", "integer", "int8"),
    "age": ColumnType("integer", "integer", "int4"),
    "income": ColumnType("numeric(10,2)", "numeric", "numeric", precision=10, scale=2),
    "plan": ColumnType("text", "text", "text"),
    "signup": ColumnType("date", "date", "date"),
    "login": ColumnType("date", "date", "date"),
    "note": ColumnType("text", "text", "text"),
}
COLUMNS = tuple(
    Column(name, kind, place + 1, not_null=name == "id") for place, (name, kind) in enumerate(TYPES.items())
)


def people(rows: int = ROWS, seed: int = 1) -> pl.DataFrame:
    """Older people earn more and have the larger plan; nobody logs in before the signup."""
    chance = np.random.default_rng(seed)
    age = chance.integers(18, 90, rows)
    income = np.round(np.exp(9 + age / 60 + chance.normal(0, 0.3, rows)), 2)
    plan = np.array(["free", "basic", "large"])[
        np.clip((income / 20_000 + chance.normal(0, 0.4, rows)).astype(int), 0, 2)
    ]
    plan[:3] = "only once"
    signup = np.datetime64("2020-01-01") + chance.integers(0, 1000, rows).astype("timedelta64[D]")
    login = signup + chance.geometric(0.02, rows).astype("timedelta64[D]")
    income[5] = 9_999_999.0
    return pl.DataFrame(
        {
            "id": np.arange(rows),
            "age": age,
            "income": pl.Series(income).cast(pl.String),
            "plan": plan,
            "signup": pl.Series(signup).cast(pl.String),
            "login": pl.select(
                pl.when(pl.Series(chance.random(rows) < 0.9)).then(pl.Series(login).cast(pl.String))
            ).to_series(),
            "note": [f"note {number}" for number in range(rows)],
        }
    )


@pytest.fixture(scope="module")
def profile():
    return fit_table("public.people", people(), COLUMNS, frozenset({"id"}))


@pytest.fixture(scope="module")
def made(profile) -> pl.DataFrame:
    catalog = Catalog("test", 1, 180000, "UTF8", "C", (Table("public", "people", COLUMNS),))
    recipe = Recipe(rows={"people": Rows(ROWS)})
    plan = plan_synthetic(catalog, {}, recipe, 0, profile=Profile("s", "p", {"public.people": profile}))
    assert any(isinstance(unit, Joint) for unit in plan.tables[0].units)
    return pl.concat([frame for _, frame in generate(plan)])


@pytest.mark.parametrize("name", ["age", "income"])
def test_numbers_have_the_same_distribution(made: pl.DataFrame, name: str) -> None:
    ours, theirs = (frame.get_column(name).cast(pl.Float64).sort() for frame in (made, people()))
    # The two-sample Kolmogorov-Smirnov distance.
    grid = theirs.to_numpy()
    distance = np.abs(
        np.searchsorted(ours.to_numpy(), grid, side="right") - np.searchsorted(grid, grid, side="right")
    ).max()
    assert distance / ROWS < 0.02


def test_categories_have_the_same_shares(made: pl.DataFrame) -> None:
    shares = [
        dict(frame.get_column("plan").value_counts(normalize=True).iter_rows()) for frame in (made, people())
    ]
    for plan in ("free", "basic", "large"):
        assert shares[0][plan] == pytest.approx(shares[1][plan], abs=0.02)


def test_columns_are_related_as_they_were(made: pl.DataFrame) -> None:
    def related(frame: pl.DataFrame) -> list[float]:
        by_plan = frame.group_by("plan").agg(pl.col("income").cast(pl.Float64).median())
        medians = dict(by_plan.iter_rows())
        spearman = pl.corr("age", pl.col("income").cast(pl.Float64), method="spearman")
        return [frame.select(spearman).item(), medians["large"] / medians["free"]]

    ours, theirs = related(made), related(people())
    assert ours[0] == pytest.approx(theirs[0], abs=0.03)
    assert ours[1] == pytest.approx(theirs[1], rel=0.1)


def test_what_always_held_between_columns_holds(made: pl.DataFrame) -> None:
    assert made.filter(pl.col("login") < pl.col("signup")).is_empty()
    assert made.get_column("login").null_count() / ROWS == pytest.approx(0.1, abs=0.02)


def test_nothing_of_a_single_row_is_in_it(profile, made: pl.DataFrame) -> None:
    text = dump_profile(Profile("s", "p", {"public.people": profile}))
    assert b"only once" not in text
    assert b"note 1" not in text
    income = profile.column("income").quantiles
    ordered = people().get_column("income").cast(pl.Float64).sort()
    # Both ends are means of many: the largest income and the smallest are nowhere.
    assert ordered[LEAST_COUNT] < income[0] < ordered[4 * LEAST_COUNT]
    assert ordered[-4 * LEAST_COUNT] < income[-1] < ordered[-LEAST_COUNT]
    assert made.get_column("income").cast(pl.Float64).max() < 1_000_000


def test_shares_of_null_do_not_show_few_rows() -> None:
    frame = people(1000).with_columns(note=pl.when(pl.col("id") > 5).then("note"))
    found = fit_table("t", frame, COLUMNS, frozenset())
    assert found.column("note").nulls == 0.0


def test_a_profile_comes_back_from_its_json(profile) -> None:
    whole = Profile("s", "p", {"public.people": profile})
    assert load_profile(dump_profile(whole), where="p.json") == whole


@pytest.mark.parametrize("content", [b"", b"{}", b'{"kind": "datamask profile"}', b"[1]"])
def test_anything_else_is_no_profile(content: bytes) -> None:
    with pytest.raises(VerificationError, match=r"p\.json is no profile"):
        load_profile(content, where="p.json")


def test_a_newer_profile_is_not_guessed_at() -> None:
    content = dump_profile(Profile("s", "p", {})).replace(b'"format":1', b'"format":2')
    with pytest.raises(VerificationError, match="format 2, and this datamask reads format 1"):
        load_profile(content, where="p.json")


def test_children_are_counted_without_the_rare_ones() -> None:
    counts = [0] * 100 + [1] * 300 + [2] * 200 + [50]
    keys = [parent for parent, count in enumerate(counts) for _ in range(count)]
    found = fit_children(("parent",), "public.parents", pl.DataFrame({"parent": keys}), len(counts))
    assert found is not None
    assert len(found.shares) == 3
    assert found.shares == pytest.approx((100 / 601, 300 / 601, 201 / 601), abs=1e-5)
    assert found.mean == pytest.approx(750 / 601, abs=1e-5)


def test_normal_quantiles() -> None:
    found = normal_quantile(np.array([0.5, 0.975, 0.001, 1e-10]))
    assert found == pytest.approx([0.0, 1.959963984540054, -3.090232306167813, -6.361340902404], abs=1e-9)


def test_a_matrix_that_is_no_correlation_is_repaired() -> None:
    found = nearest_correlation(np.array([[1, 0.9, -0.9], [0.9, 1, 0.9], [-0.9, 0.9, 1.0]]))
    assert np.linalg.eigvalsh(found).min() > 0
    assert np.diag(found) == pytest.approx(1.0)
