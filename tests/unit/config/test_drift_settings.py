from __future__ import annotations

import re
from pathlib import Path

import pytest

from datamask.config import drift
from datamask.config.drift import DataThresholds, DriftSettings
from datamask.config.settings import Settings, load_settings
from datamask.errors import UsageError

PAGE = Path(__file__).parents[3] / "docs/reference/configuration.md"

HEAD = "version: 1\nenvironments:\n  dev:\n    url: env:DEV_URL\n    tier: disposable\n"


@pytest.fixture
def read(tmp_path: Path):
    def reader(text: str) -> Settings:
        (tmp_path / "datamask.yaml").write_text(text, encoding="utf-8")
        return load_settings(tmp_path / "datamask.yaml", environ={})

    return reader


def test_by_default_warnings_count_and_fail(read) -> None:
    assert read(HEAD).environment("dev").drift == DriftSettings()
    assert (DriftSettings().severity, DriftSettings().on_drift) == ("warning", "fail")


def test_an_environment_has_its_own_over_the_projects(read) -> None:
    text = (
        HEAD
        + "    drift: {on_drift: warn, data: {rows: 0.5}}\n"
        + "  staging:\n    url: env:STAGING_URL\n    like: dev\n"
        + "drift:\n  exclude: public.tmp_*\n  ignore: [owner]\n  severity: error\n  column_order: true\n"
        + "  baseline: b.json\n  data: {sample: 500, psi: 0.1}\n"
    )
    settings = read(text)
    assert settings.environment("dev").drift == DriftSettings(
        "b.json",
        ("public.tmp_*",),
        ("owner",),
        True,
        "error",
        "warn",
        DataThresholds(rows=0.5, psi=0.1, sample=500),
    )
    assert settings.environment("staging").drift == settings.environment("dev").drift


@pytest.mark.parametrize(
    ("section", "message"),
    [
        ("on_drift: stop", "environments.dev.drift.on_drift must be one of fail, warn, not 'stop'"),
        ("severity: high", "environments.dev.drift.severity must be one of error, warning, info"),
        ("exlude: x", "unknown key 'exlude' in environments.dev.drift"),
        ("data: {sample: 5}", "environments.dev.drift.data.sample must be at least 100"),
        ("data: {psi: -1}", "environments.dev.drift.data.psi must be at least 0"),
        ("data: {chi: 1}", "unknown key 'chi'"),
        ("exclude: {a: b}", "environments.dev.drift.exclude must be text"),
    ],
)
def test_what_means_nothing_is_refused(read, section: str, message: str) -> None:
    with pytest.raises(UsageError, match=re.escape(message)) as caught:
        read(HEAD + f"    drift: {{{section}}}\n")
    assert "datamask.yaml:6" in caught.value.message


def test_the_schema_and_the_page_have_every_key() -> None:
    assert list(drift.SCHEMA["properties"]) == list(drift.KEYS)
    assert list(drift.SCHEMA["properties"]["data"]["properties"]) == list(drift.DATA_KEYS)
    section = PAGE.read_text(encoding="utf-8").split("\n## Drift\n")[1].split("\n## ")[0]
    assert re.findall(r"^\| `(\w+)`", section, re.MULTILINE) == list(drift.KEYS)
    assert set(drift.DATA_KEYS) <= set(re.findall(r"`(\w+)`", section))
