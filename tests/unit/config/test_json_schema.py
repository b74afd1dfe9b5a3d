"""The schemas for editors say what the readers read."""

from __future__ import annotations

import json

import pytest

from datamask.classify.classes import CLASSES
from datamask.commands.config import json_schema
from datamask.config import json_schema as configuration
from datamask.config import settings
from datamask.errors import UsageError
from datamask.masking import registry
from datamask.policy import file as policy_file


def test_every_key_of_the_configuration_is_there():
    assert set(configuration.project_properties()) == set(settings._KEYS)
    assert set(configuration.environment_properties()) == set(settings._ENVIRONMENT_KEYS)
    assert set(configuration.snapshot_properties()) == set(settings._SNAPSHOT_KEYS)


def test_every_key_of_a_policy_and_every_transform_is_there():
    schema = json_schema("policy")
    assert set(schema["properties"]) == set(policy_file._KEYS)
    rule = schema["$defs"]["rule"]["anyOf"][1]["properties"]
    for name in registry.names():
        params = registry.get(name).params
        assert set(rule[name]["properties"]) == {param.name for param in params}


def test_every_class_is_there():
    tables = json_schema("classification")["properties"]["tables"]
    known = tables["additionalProperties"]["additionalProperties"]["anyOf"][0]["oneOf"]
    assert [item["const"] for item in known] == list(CLASSES)


@pytest.mark.parametrize("kind", ["configuration", "policy", "classification"])
def test_it_is_json(kind):
    assert json.loads(json.dumps(json_schema(kind)))["$schema"] == configuration.DIALECT


def test_another_kind_is_refused():
    with pytest.raises(UsageError, match="there is no schema of 'polciy'"):
        json_schema("polciy")
