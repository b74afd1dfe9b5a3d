import inspect
import subprocess
import sys
from importlib import import_module
from pkgutil import iter_modules

import pytest

from datamask.catalog.model import ColumnType
from datamask.errors import PolicyError
from datamask.masking import transforms
from datamask.masking.registry import get, names
from datamask.masking.transform import Transform

TEXT = ColumnType("text", "text", "text")
REQUIRED = (
    "null fixed redact hash email first_name last_name full_name phone street city postal_code company username "
    "uuid number_noise shift_date truncate_date ff1 card_number ip key url redact_json empty birth_date"
)


def test_the_first_transforms_are_still_there():
    assert set(REQUIRED.split()) <= set(names())


def test_every_transform_is_listed():
    classes = {
        member
        for module in iter_modules(transforms.__path__, f"{transforms.__name__}.")
        for _, member in inspect.getmembers(import_module(module.name), inspect.isclass)
        if issubclass(member, Transform)
        and not inspect.isabstract(member)
        and member.__module__ == module.name
    }
    assert {type(get(name)) for name in names()} == classes


def test_every_transform_says_what_it_does():
    for name in names():
        transform = get(name)
        assert transform.summary
        assert transform.__doc__
        assert all(param.summary for param in transform.params)


def test_an_unknown_transform_names_the_nearest():
    with pytest.raises(PolicyError) as caught:
        get("emial")
    assert caught.value.message == "there is no transform 'emial'"
    assert caught.value.hint == "did you mean 'email'?"


@pytest.mark.parametrize(
    ("transform", "params", "message", "hint"),
    [
        ("email", {"domian": "x"}, "email: there is no parameter 'domian'", "did you mean 'domain'?"),
        ("email", {"domain": 1}, "email: domain must be text", None),
        ("email", {"keep_domain": 1}, "email: keep_domain must be true or false", None),
        ("hash", {"length": True}, "hash: length must be a whole number, 8 to 64", None),
        ("hash", {"length": 4}, "hash: length must be a whole number, 8 to 64", None),
        ("shift_date", {"per": "row"}, "shift_date: per must be one of value, domain", None),
        ("fixed", {}, "fixed: value is missing; it must be text, a number, true or false", None),
        ("redact", {"first": -1}, "redact: first must be a whole number, at least 0", None),
        ("first_name", {"locale": "english"}, "first_name: locale must be a locale such as en_US", None),
    ],
)
def test_wrong_parameters(transform, params, message, hint):
    with pytest.raises(PolicyError) as caught:
        get(transform).validate(params)
    assert caught.value.message == message
    assert caught.value.hint == hint


def test_a_duration_out_of_range():
    with pytest.raises(PolicyError, match=r"within must be a length of time .*, 1 to 3650 days"):
        get("shift_date").validate({"within": "11y"})


def test_a_locale_that_nobody_has():
    with pytest.raises(PolicyError, match="first_name: locale 'xx_XX' is unknown"):
        get("first_name").validate({"locale": "xx_XX"})


def test_a_host_that_is_none():
    with pytest.raises(PolicyError, match="url: host must be a host name in lower case"):
        get("url").validate({"host": "not a host"})


def test_defaults_are_filled_in():
    rest = {"keep_domain": False, "domains": None, "from": None}
    assert get("email").validate({}) == {"domain": "example.com", **rest}
    assert get("email").validate({"domain": "a.test"}) == {"domain": "a.test", **rest}


@pytest.mark.parametrize(
    ("transform", "kind", "base", "reason"),
    [
        ("email", "integer", "int4", "email takes text columns, not integer"),
        ("shift_date", "text", "text", "shift_date takes date and timestamp columns, not text"),
        ("key", "date", "date", "key takes integer, text and uuid columns, not date"),
    ],
)
def test_types_that_are_not_taken(transform, kind, base, reason):
    name = {"int4": "integer"}.get(base, base)
    assert get(transform).accepts(ColumnType(name, kind, base)) == reason


def test_arrays_are_taken_element_by_element():
    texts = ColumnType("character varying(20)[]", "array", "varchar", 20, element="text")
    numbers = ColumnType("integer[]", "array", "_int4", element="integer")
    assert get("email").accepts(texts) is None
    assert get("email").laws(get("email").validate({}), texts, False).max_length == 20
    assert get("key").accepts(numbers) is None
    assert get("email").accepts(numbers) == "email takes text columns, not integer[]"


@pytest.mark.parametrize(
    ("kind", "value", "message"),
    [
        (ColumnType("integer", "integer", "int4"), "x", "fixed: the value is no integer"),
        (ColumnType("smallint", "integer", "int2"), 40000, "fixed: the value is no smallint"),
        (ColumnType("numeric", "numeric", "numeric"), "1,5", "fixed: the value is no numeric"),
        (ColumnType("boolean", "boolean", "bool"), "maybe", "fixed: the value is no boolean"),
        (ColumnType("date", "date", "date"), "2023-02-29", "fixed: the value is no date in ISO form"),
        (ColumnType("uuid", "uuid", "uuid"), "1", "fixed: the value is no uuid"),
        (ColumnType("jsonb", "json", "jsonb"), "{", "fixed: the value is no jsonb"),
        (ColumnType("mood", "enum", "mood", labels=("ok",)), "bad", "fixed: the value is no label of mood"),
        (
            ColumnType("varchar(3)", "text", "varchar", 3),
            "four",
            "fixed: the value has 4 characters, varchar(3) holds 3",
        ),
    ],
)
def test_a_fixed_value_that_the_type_cannot_hold(kind, value, message):
    fixed = get("fixed")
    with pytest.raises(PolicyError) as caught:
        fixed.laws(fixed.validate({"value": value}), kind, False)
    assert caught.value.message == message


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (ColumnType("integer", "integer", "int4"), -5),
        (ColumnType("numeric", "numeric", "numeric"), "1.5e3"),
        (ColumnType("boolean", "boolean", "bool"), True),
        (ColumnType("timestamp", "timestamp", "timestamptz"), "2024-02-29 12:00:00+00"),
        (ColumnType("date", "date", "date"), "infinity"),
        (ColumnType("mood", "enum", "mood", labels=("ok",)), "ok"),
        (ColumnType("interval", "interval", "interval"), "1 day"),
    ],
)
def test_a_fixed_value_that_fits(kind, value):
    fixed = get("fixed")
    assert fixed.laws(fixed.validate({"value": value}), kind, False).copy_safe


def test_parameters_that_contradict_each_other():
    redact, noise = get("redact"), get("number_noise")
    with pytest.raises(PolicyError, match="redact: first and last keep characters of a run only"):
        redact.laws(redact.validate({"first": 1}), TEXT, False)
    with pytest.raises(PolicyError, match="redact: char must be one character"):
        redact.laws(redact.validate({"char": "**", "keep_length": True}), TEXT, False)
    with pytest.raises(PolicyError, match="number_noise: noise of 0 leaves every number as it is"):
        noise.laws(noise.validate({"relative": 0}), ColumnType("integer", "integer", "int4"), False)


def test_what_a_shift_needs():
    shift = get("shift_date")
    assert shift.needs(shift.validate({"by": "customer_id"})) == ("customer_id",)
    assert shift.needs(shift.validate({})) == ()


def test_asking_for_laws_imports_neither_faker_nor_the_hash_plugin():
    script = (
        "import sys\n"
        "from datamask.catalog.model import ColumnType\n"
        "from datamask.errors import PolicyError\n"
        "from datamask.masking.registry import get, names\n"
        "for name in names():\n"
        "    transform = get(name)\n"
        "    if any(param.required for param in transform.params):\n"
        "        continue\n"
        "    text = ColumnType('text', 'text', 'text')\n"
        "    try:\n"
        "        params = transform.validate({})\n"
        "        transform.accepts(text) or transform.laws(params, text, True)\n"
        "    except PolicyError:\n"
        "        continue\n"
        "print(sorted({'faker', 'phonenumbers', 'polars_hash'} & set(sys.modules)))\n"
    )
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert result.stdout == "[]\n"
