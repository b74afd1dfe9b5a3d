"""How well discovery does on columns labelled by hand."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from support.discovery import (
    Score,
    database_labels,
    names_only,
    noisy_labels,
    schema_labels,
    score,
)
from support.sampledata import SAMPLES, load_sample, sample_data_dir

from datamask.catalog.introspect import introspect
from datamask.classify.discover import discover
from datamask.commands.sampling import TableSampler
from datamask.db.session import connect

needs_samples = pytest.mark.skipif(sample_data_dir() is None, reason="the sample databases are not here")


def told(found: Score) -> str:
    return f"{found}\nmissed: {found.missed}\nwrong: {found.wrong}"


@pytest.mark.parametrize("split", ["dev", "holdout"])
def test_schemas_in_eight_languages_by_names_alone(split: str) -> None:
    labels = schema_labels(split)
    found = score(labels, discover(names_only(labels)))
    assert found.recall >= FLOORS[split][0], told(found)
    assert found.precision >= FLOORS[split][1], told(found)


@needs_samples
@pytest.mark.parametrize("name", ["fides", "dfe"])
def test_noisy_labels_of_others(name: str) -> None:
    """Their makers call ids and amounts personal, and hide no address of a school: floors against decay."""
    folder = sample_data_dir()
    assert folder is not None
    labels = noisy_labels(name, folder / "labels")
    found = score(labels, discover(names_only(labels)))
    assert found.recall >= FLOORS[name][0], told(found)
    assert found.precision >= FLOORS[name][1], told(found)


FLOORS = {"dev": (0.98, 0.95), "holdout": (0.95, 0.92), "fides": (0.72, 0.33), "dfe": (0.75, 0.18)}


@needs_samples
@pytest.mark.parametrize("name", SAMPLES)
def test_sample_databases(database: Callable[[], str], name: str) -> None:
    url = database()
    load_sample(name, url)
    labels = database_labels(name)
    with connect(url, read_only=True) as session:
        catalog = introspect(session)
        known = {(table.key, column.name) for table in catalog.tables for column in table.columns}
        assert {(label.table, label.column) for label in labels} <= known
        ways = [
            score(labels, discover(catalog)),
            score(labels, discover(catalog, TableSampler(session))),
        ]
    for found in ways:
        assert found.recall >= 0.98, told(found)
        # Of adventureworks, a tenth of what is found are documents and files without a row to look at.
        assert found.precision >= (0.8 if name == "adventureworks" else 0.9), told(found)
        assert found.class_share >= 0.9, told(found)
