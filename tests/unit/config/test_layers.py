"""The layers of a configuration: which one wins, and what none of them may move."""

from __future__ import annotations

from pathlib import Path

import pytest

from datamask.commands.config import explain
from datamask.config.settings import load_settings
from datamask.errors import UsageError

BASE = """version: 1
project: shop
environments:
  production: {url: env:PRODUCTION_URL, tier: protected}
  staging:
    url: env:STAGING_URL
    tier: shared
    policy: policies/staging.yaml
    keep_previous: true
  qa-1: {like: staging, url: env:QA_URL, golden: false}
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "datamask.yaml"
    path.write_text(BASE)
    return path


def places(file: Path, environ: dict[str, str] | None = None) -> dict[str, tuple[object, str, int | None]]:
    settings = load_settings(file, environ=environ or {})
    return {item.key: (item.value, item.layer, item.line) for item in explain(settings).settings}


def test_an_environment_is_like_another_but_for_its_address(file):
    qa = load_settings(file, environ={}).environment("qa-1")
    assert (qa.tier, qa.keep_previous, qa.golden) == ("shared", True, False)
    assert qa.policy == file.parent / "policies/staging.yaml"
    assert str(qa.url) == "env:QA_URL"
    file.write_text(BASE.replace(", url: env:QA_URL", ""))
    with pytest.raises(UsageError, match=r"datamask\.yaml:10: environments\.qa-1 has no url"):
        load_settings(file, environ={})


def test_likeness_goes_on_and_ends(file):
    file.write_text(BASE + "  qa-2: {like: qa-1, url: env:QA_URL}\n")
    assert load_settings(file, environ={}).environment("qa-2").golden is False
    file.write_text(BASE.replace("keep_previous: true", "like: qa-1"))
    with pytest.raises(UsageError, match=r":10: environments\.qa-1 is like staging, which is like it again"):
        load_settings(file, environ={})
    file.write_text(BASE.replace("like: staging", "like: stagin"))
    with pytest.raises(UsageError, match="is like 'stagin', which is no environment"):
        load_settings(file, environ={})


def test_an_environments_own_file_lies_over_the_common_one(file):
    (file.parent / "datamask.staging.yaml").write_text("baseline: latest\nkeep_previous: false\n")
    staging = load_settings(file, environ={}).environment("staging")
    assert (staging.baseline, staging.keep_previous, staging.tier) == ("latest", False, "shared")
    # What is like it is like all of it.
    assert load_settings(file, environ={}).environment("qa-1").baseline == "latest"


def test_errors_name_the_layers_own_file(file):
    (file.parent / "datamask.staging.yaml").write_text("\ntear: shared\n")
    with pytest.raises(UsageError, match=r"datamask\.staging\.yaml:2: unknown key 'tear' in environments"):
        load_settings(file, environ={})


def test_variables_lie_over_the_files(file):
    environ = {
        "DATAMASK_STORE": "/elsewhere",
        "DATAMASK_WORKERS": "3",
        "DATAMASK_SNAPSHOT__CHUNK_SIZE": "64MB",
        "DATAMASK_ENVIRONMENTS__QA_1__GOLDEN": "true",
        "DATAMASK_ENVIRONMENTS__QA_1__URL": "postgresql://me:secret@host/qa",
        "DATAMASK_KEY": "something else",
        "DATAMASK_DEBUG": "1",
    }
    settings = load_settings(file, environ=environ)
    assert (settings.store, settings.workers, settings.snapshot.chunk_bytes) == ("/elsewhere", 3, 64 << 20)
    qa = settings.environment("qa-1")
    assert qa.golden is True
    assert str(qa.url) == "env:DATAMASK_ENVIRONMENTS__QA_1__URL"


@pytest.mark.parametrize(
    "variable",
    [
        "DATAMASK_ENVIRONMENTS__PRODUCTION__TIER",
        "DATAMASK_ENVIRONMENTS__STAGING__ACCEPTS",
        "DATAMASK_ENVIRONMENTS__NOWHERE__URL",
        "DATAMASK_ENVIRONMENTS__STAGING",
        "DATAMASK_SNAPSHOT__SPEED",
    ],
)
def test_what_a_variable_may_not_move(file, variable):
    with pytest.raises(UsageError, match=f"the variable {variable} sets nothing that a variable may set"):
        load_settings(file, environ={variable: "disposable"})


def test_a_wrong_variable_is_named(file):
    with pytest.raises(UsageError, match=r"^variable DATAMASK_WORKERS: workers must be a whole number"):
        load_settings(file, environ={"DATAMASK_WORKERS": "many"})


def test_every_setting_is_explained(file, monkeypatch):
    (file.parent / "datamask.staging.yaml").write_text("golden: false\n")
    monkeypatch.setenv("DATAMASK_STORE", "/elsewhere")
    found = places(file, {"DATAMASK_STORE": "/elsewhere"})
    assert found["project"] == ("shop", "datamask.yaml", 2)
    assert found["store"] == ("/elsewhere", "variable DATAMASK_STORE", None)
    assert found["environments.staging.golden"] == (False, "datamask.staging.yaml", 1)
    assert found["environments.qa-1.tier"] == ("shared", "datamask.yaml", 7)
    assert found["environments.production.spare"] == (False, "default", None)
    assert found["environments.staging.spare"] == (True, "default", None)
    assert found["snapshot.chunk_size"] == (32 << 20, "default", None)
    assert found["environments.staging.url"] == ("env:STAGING_URL", "datamask.yaml", 6)


def test_a_part_is_explained(file):
    settings = load_settings(file, environ={})
    assert {item.key.split(".")[1] for item in explain(settings, "environments.qa-1").settings} == {"qa-1"}
    with pytest.raises(UsageError, match=r"there is no setting environments\.qa"):
        explain(settings, "environments.qa")
