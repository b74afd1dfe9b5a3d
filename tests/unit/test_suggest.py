from __future__ import annotations

from datamask.suggest import did_you_mean, nearest


def test_the_nearest_word() -> None:
    assert nearest("stagign", ["dev", "staging"]) == "staging"
    assert nearest("DEV", ["dev", "staging"]) == "dev"
    assert nearest("qqq", ["dev", "staging"]) is None


def test_hints() -> None:
    assert did_you_mean("stagign", ["dev", "staging"]) == "did you mean 'staging'?"
    assert did_you_mean("qqq", ["staging", "dev"]) == "known: dev, staging"
    assert did_you_mean("qqq", []) == "there are none"
