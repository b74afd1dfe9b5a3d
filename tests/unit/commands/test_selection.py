"""Which snapshot a reference means."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.manifests import publish

from datamask.commands.project import Project
from datamask.commands.selection import select_snapshot
from datamask.config.settings import Environment, Settings
from datamask.errors import UsageError, VerificationError

FIRST, SECOND, THIRD = "20260101-000000-aaaaaa", "20260102-000000-bbbbbb", "20260102-000000-cccccc"


@pytest.fixture
def project(tmp_path: Path) -> Project:
    policy = tmp_path / "staging.yaml"
    policy.write_text("version: 1\nname: staging\n")
    environments = {
        "staging": Environment("staging", "host=nowhere", "shared", policy=policy),
        "production": Environment("production", "host=nowhere"),
    }
    settings = Settings(
        file=tmp_path / "datamask.yaml",
        root=tmp_path,
        project="shop",
        store=str(tmp_path / "store"),
        masking_key=None,
        classification=tmp_path / "classification.yaml",
        environments=environments,
    )
    project = Project(settings)
    publish(project.store(), FIRST, policy="staging")
    publish(project.store(), SECOND, policy="dev")
    publish(project.store(), THIRD, policy="dev")
    return project


@pytest.mark.parametrize(
    ("reference", "found"),
    [
        (FIRST, FIRST),
        ("20260101", FIRST),
        ("20260102-000000-b", SECOND),
        ("latest", THIRD),
        ("latest:staging", FIRST),
    ],
)
def test_a_reference_means_one_snapshot(project, reference, found):
    assert select_snapshot(project, reference).id == found


def test_latest_is_the_latest_that_can_be_used(project):
    assert (
        select_snapshot(project, "latest", accepts=lambda manifest: manifest.policy == "staging").id == FIRST
    )


def test_latest_passes_over_a_damaged_one(project):
    (Path(project.settings.store) / THIRD / "manifest.json").write_text("{}")
    assert select_snapshot(project, "latest").id == SECOND


def test_a_damaged_one_that_is_named_says_so(project):
    (Path(project.settings.store) / THIRD / "manifest.json").write_text("{}")
    with pytest.raises(VerificationError, match="is damaged"):
        select_snapshot(project, THIRD)


@pytest.mark.parametrize(
    ("reference", "message"),
    [
        ("20260102", "'20260102' is the beginning of 2 snapshots"),
        ("20270101", "there is no snapshot '20270101' in {store}"),
        ("latest:nowhere", "{file}: there is no environment 'nowhere'"),
        ("latest:production", "environment production has no policy of its own"),
    ],
)
def test_a_reference_that_means_none_or_several_is_refused(project, tmp_path, reference, message):
    with pytest.raises(UsageError) as caught:
        select_snapshot(project, reference)
    assert caught.value.message == message.format(store=tmp_path / "store", file=tmp_path / "datamask.yaml")


def test_a_misspelt_id_gets_a_proposal(project):
    with pytest.raises(UsageError) as caught:
        select_snapshot(project, FIRST[:-1] + "b")
    assert caught.value.hint is not None
    assert FIRST in caught.value.hint


def test_an_empty_store_says_what_to_do(project):
    for name in (FIRST, SECOND, THIRD):
        project.store().delete(name)
    with pytest.raises(UsageError) as caught:
        select_snapshot(project, "latest")
    assert caught.value.hint == "take one: datamask snapshot ENV --policy FILE"
