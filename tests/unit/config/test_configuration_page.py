from __future__ import annotations

import re
from pathlib import Path

from datamask.config import settings
from datamask.config.secrets import parse_secret

PAGE = (Path(__file__).parents[3] / "docs/reference/configuration.md").read_text(encoding="utf-8")


def documented(title: str | None) -> list[str]:
    """The keys in the first table behind a heading."""
    part = PAGE.split(f"## {title}\n", 1)[1] if title else PAGE.split("\n## ", 1)[0]
    return re.findall(r"^\| `(\w+)", part.split("\n## ", 1)[0], re.MULTILINE)


def test_every_key_is_documented() -> None:
    assert sorted(documented(None)) == sorted(settings._KEYS)
    assert sorted(documented("Environments")) == sorted(settings._ENVIRONMENT_KEYS)
    assert sorted(documented("Snapshots")) == sorted(settings._SNAPSHOT_KEYS)


def test_every_kind_of_reference_is_one(tmp_path: Path) -> None:
    for scheme in documented("References to secrets"):
        assert (
            parse_secret(f"{scheme}:A/NAME" if scheme == "keyring" else f"{scheme}:NAME", tmp_path).scheme
            == scheme
        )


def test_the_example_is_a_configuration(tmp_path: Path) -> None:
    example = re.search(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    assert example
    file = tmp_path / "datamask.yaml"
    file.write_text(example.group(1), encoding="utf-8")
    assert list(settings.load_settings(file).environments) == ["production", "staging", "dev"]
