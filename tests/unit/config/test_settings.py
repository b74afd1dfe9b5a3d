from __future__ import annotations

from pathlib import Path

import pytest

from datamask.config.secrets import SecretRef
from datamask.config.settings import Settings, load_settings
from datamask.errors import UsageError

WHOLE = """\
version: 1
project: shop
store: ./artifacts
masking_key: env:DATAMASK_KEY
classification: policies/classes.yaml
workers: 3
snapshot: {chunk_size: 8MB, compression_level: 3, max_rows_per_second: 1000, max_bytes_per_second: 10MB}
environments:
  production: {url: env:PRODUCTION_URL}
  staging:
    url: postgresql://app@db.example/shop?sslmode=require
    tier: shared
    policy: policies/staging.yaml
    accepts: [strict]
    keep_previous: true
  dev: {url: embedded, tier: disposable, baseline: latest:staging, golden: false, accepts: staging}
"""


def load(folder: Path, text: str) -> Settings:
    (folder / "datamask.yaml").write_text(text)
    return load_settings(start=folder, environ={})


def test_the_whole_file(tmp_path: Path) -> None:
    settings = load(tmp_path, WHOLE)
    assert settings.project == "shop"
    assert settings.store == str(tmp_path / "artifacts")
    assert settings.masking_key == SecretRef("env", "DATAMASK_KEY", tmp_path)
    assert settings.classification == tmp_path / "policies" / "classes.yaml"
    assert settings.workers == 3
    assert settings.snapshot.chunk_bytes == 8 << 20
    assert settings.snapshot.compression_level == 3
    assert settings.snapshot.max_rows_per_second == 1000
    assert settings.snapshot.max_bytes_per_second == 10 << 20
    production, staging, dev = settings.environments.values()
    assert (production.tier, production.policy, production.embedded) == ("protected", None, False)
    assert production.url == SecretRef("env", "PRODUCTION_URL", tmp_path)
    assert (staging.tier, staging.accepts, staging.keep_previous) == ("shared", ("strict",), True)
    assert staging.policy == tmp_path / "policies" / "staging.yaml"
    assert (dev.embedded, dev.golden, dev.accepts, dev.baseline) == (
        True,
        False,
        ("staging",),
        "latest:staging",
    )
    assert settings.environment("dev") is dev


def test_defaults(tmp_path: Path) -> None:
    settings = load(tmp_path, "version: 1\nenvironments: {p: {url: env:X}}\n")
    assert settings.store == str(tmp_path / "snapshots")
    assert settings.classification == tmp_path / "policies" / "classification.yaml"
    assert (settings.masking_key, settings.workers) == (None, None)
    assert settings.environments["p"].tier == "protected"


def test_an_object_store_stays_a_url(tmp_path: Path) -> None:
    text = "version: 1\nstore: s3://bucket/x\nenvironments: {p: {url: env:X}}\n"
    assert load(tmp_path, text).store == "s3://bucket/x"


def test_found_in_a_folder_above_or_by_variable(tmp_path: Path) -> None:
    load(tmp_path, WHOLE)
    below = tmp_path / "a" / "b"
    below.mkdir(parents=True)
    assert load_settings(start=below, environ={}).root == tmp_path
    named = {"DATAMASK_CONFIG": str(tmp_path / "datamask.yaml")}
    assert load_settings(start=Path("/"), environ=named).project == "shop"
    (tmp_path / "datamask.yaml").unlink()
    with pytest.raises(UsageError) as caught:
        load_settings(start=below, environ={})
    assert str(caught.value) == f"there is no datamask.yaml in {below} or any folder above it"


def test_an_unknown_environment_gets_the_nearest_name(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no environment 'stagign'") as caught:
        load(tmp_path, WHOLE).environment("stagign")
    assert caught.value.hint == "did you mean 'staging'?"


ONE = "environments: {p: {url: env:X}}\n"
ENVIRONMENT = "version: 1\nenvironments:\n  dev:\n    "


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("project: x\n", 1, "the key 'version' is missing"),
        ("version: 2\n", 1, "version 2 is not one that this datamask reads (1)"),
        ("version: 1\n", 1, "the key 'environments' is missing"),
        ("version: 1\nenvironments: {}\n", 2, "environments names no database"),
        ("version: 1\nstores: x\n", 2, "unknown key 'stores' in the configuration"),
        ("version: 1\nenvironments:\n  1dev: {url: env:X}\n", 3, "'1dev' cannot be an environment's name"),
        (ENVIRONMENT + "tier: shared\n", 3, "environments.dev has no url"),
        (ENVIRONMENT + "url: env:X\n    teir: shared\n", 5, "unknown key 'teir' in environments.dev"),
        (
            ENVIRONMENT + "url: env:X\n    tier: prod\n",
            5,
            "environments.dev.tier must be one of protected, shared, disposable, not 'prod'",
        ),
        (
            ENVIRONMENT + "url: embedded\n",
            4,
            "environments.dev is embedded, so it cannot be protected: datamask makes and fills it",
        ),
        (
            ENVIRONMENT + "url: shop\n",
            4,
            "environments.dev.url is neither a reference, a PostgreSQL address nor 'embedded'",
        ),
        (
            ENVIRONMENT + "url: env:NOT-A-NAME\n",
            4,
            "environments.dev.url: env: must be followed by a variable's name",
        ),
        (
            "version: 1\nmasking_key: 0123456789abcdef\n",
            2,
            "masking_key: a secret must be a reference, not the secret itself",
        ),
        (
            "version: 1\nsnapshot: {chunk_size: 8 apples}\n" + ONE,
            2,
            "snapshot.chunk_size must be a size with a unit",
        ),
        (
            "version: 1\nsnapshot: {chunk_size: 8kB}\n" + ONE,
            2,
            "snapshot.chunk_size must be at least 1MB and at most 1GB",
        ),
        ("version: 1\nworkers: 0\n" + ONE, 2, "workers must be at least 1, not 0"),
    ],
)
def test_mistakes_name_file_and_line(tmp_path: Path, text: str, line: int, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        load(tmp_path, text)
    assert str(caught.value) == f"{tmp_path / 'datamask.yaml'}:{line}: {message}"
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://app:hunter2@db/shop",
        "postgres://app:hunt@er2@db/shop",
        "postgresql://app@db/shop?password=hunter2",
        "postgresql://app@db/shop?sslpassword=hunter2",
        "host=db user=app password = hunter2",
        "host=db PASSWORD='hunter2'",
    ],
)
def test_a_password_in_clear_text_is_refused_and_not_repeated(tmp_path: Path, url: str) -> None:
    with pytest.raises(UsageError) as caught:
        load(tmp_path, ENVIRONMENT + f'url: "{url}"\n')
    assert str(caught.value).endswith(":4: environments.dev.url holds a password in clear text")
    assert "hunt" not in str(caught.value) + str(caught.value.hint)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://app@db/shop",
        "postgresql://db:5433/shop?user=app",
        "host=/run/pg dbname=x",
        "service=prod",
    ],
)
def test_addresses_without_a_password_are_fine(tmp_path: Path, url: str) -> None:
    assert load(tmp_path, ENVIRONMENT + f'url: "{url}"\n').environments["dev"].url == url
