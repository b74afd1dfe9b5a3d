"""Functions of a project's own: loaded, held to what they declare, and silent about values."""

from __future__ import annotations

from importlib.metadata import EntryPoint
from pathlib import Path

import polars as pl
import pytest

from datamask.catalog.model import ColumnType
from datamask.errors import PolicyError
from datamask.masking import installed, registry
from datamask.masking.engine import Masker
from datamask.masking.files import portable
from datamask.masking.keys import MaskingKey
from datamask.masking.law_trial import try_transform, types_for
from datamask.masking.model import ColumnMask
from datamask.masking.own_functions import Context, bind_own, masking_function
from datamask.masking.transform import Binding, Laws, Transform

KEY, OTHER = MaskingKey(b"k" * 32), MaskingKey(b"l" * 32)
TEXT = ColumnType("text", "text", "text")
HEAD = "import polars as pl\nfrom datamask.masking.own_functions import masking_function\n\n"


def own(folder: Path, code: str, function: str = "f", **params: object) -> dict[str, object]:
    """The parameters of ``python`` for a file of that code."""
    file = folder / "own.py"
    file.write_text(HEAD + code, encoding="utf-8")
    return registry.get("python").validate(
        {"file": str(file), "function": function, "params": params or None}
    )


def masked(params, values, kind=TEXT, key=KEY, **others):
    frame = pl.DataFrame({"value": values, **others}, schema_overrides={"value": pl.String})
    return Masker([ColumnMask("value", "python", kind, "d", params)], key).mask(frame)["value"].to_list()


def test_it_gets_texts_and_the_context(tmp_path: Path) -> None:
    code = (
        "@masking_function(needs=('country',))\n"
        "def f(values, context):\n"
        "    assert values.null_count() == 0 and (values != '').all()\n"
        "    return context.params['a'] + context.row['country'] + context.token(values, 4)\n"
    )
    params = own(tmp_path, code, a="x-")
    first, null, empty, again = masked(params, ["v", None, "", "v"], country=["DE", "DE", "DE", "FR"])
    assert (null, empty) == (None, "")
    assert first.startswith("x-DE")
    assert again == "x-FR" + first[4:]
    assert masked(params, ["v"], country=["DE"], key=OTHER) != [first]


def bound(function: object, *, key: MaskingKey = KEY, domain: str = "d"):
    """A function as the engine calls it."""
    binding = Binding(ColumnMask("value", "python", TEXT, domain), key)
    return bind_own(function, binding, {}, "own.py")  # type: ignore[arg-type]


def test_keyed_numbers() -> None:
    found = []

    @masking_function()
    def f(values: pl.Series, context: Context) -> pl.Series:
        found.append((context.pick(values, 7), context.tags(values, "a"), context.tags(values, "b")))
        return values

    values = pl.Series([str(number) for number in range(3000)])
    for key, domain in ((KEY, "d"), (KEY, "e"), (OTHER, "d")):
        bound(f, key=key, domain=domain)(values, {})
    picked, one, two = found[0]
    assert (picked.dtype, picked.min(), picked.max(), picked.n_unique()) == (pl.UInt32, 0, 6, 7)
    assert one.shape == (3000, 2)
    assert not (one == two).any()
    assert not any((one == other).any() for _, other, _ in found[1:])


@pytest.mark.parametrize("length", [0, 17])
def test_tokens_have_a_length(length: int) -> None:
    @masking_function()
    def f(values: pl.Series, context: Context) -> pl.Series:
        return context.token(values, length)

    with pytest.raises(PolicyError, match=r"own\.py: f failed: ValueError"):
        bound(f)(pl.Series(["a"]), {})


@pytest.mark.parametrize(
    ("declared", "result", "message"),
    [
        ({}, lambda values: values.to_list(), "own.py: f gave a list instead of a Polars Series"),
        ({}, lambda values: values.head(1), "own.py: f gave 1 results for 2 values"),
        ({}, lambda values: values.str.len_chars(), "own.py: f gave UInt32 instead of String"),
        (
            {},
            lambda values: pl.Series([None, "x"]),
            "own.py: f made NULL, which it declares not to",
        ),
        (
            {"max_length": 3},
            lambda values: values + "xyz",
            "own.py: f gave 8 characters, and declares 3 at most",
        ),
        ({}, lambda values: {}[values[0]], "own.py: f failed: KeyError in line "),
    ],
)
def test_it_is_held_to_what_it_declares(declared, result, message) -> None:
    @masking_function(**declared)
    def f(values, context):
        return result(values)

    with pytest.raises(PolicyError) as caught:
        bound(f)(pl.Series(["Maria", "Anna"]), {})
    assert caught.value.message.startswith(message)
    assert "Maria" not in str(caught.value)
    assert caught.value.__context__ is None or caught.value.__suppress_context__


@pytest.mark.parametrize(
    ("code", "function", "message"),
    [
        ("def f(:\n", "f", "own.py:4: invalid syntax"),
        ("import no_such_module\n", "f", "own.py:4: ModuleNotFoundError while the file was loaded"),
        ("@masking_function()\ndef f(v, c): return v\n", "g", "own.py: there is no function 'g'"),
        ("def f(v, c): return v\n", "f", "own.py: f declares no laws"),
    ],
)
def test_files_that_do_not_load(tmp_path: Path, code: str, function: str, message: str) -> None:
    with pytest.raises(PolicyError) as caught:
        own(tmp_path, code, function)
    assert message in caught.value.message


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match=r"the file \S+gone.py cannot be read: No such file"):
        registry.get("python").validate({"file": str(tmp_path / "gone.py"), "function": "f"})


def test_a_file_that_changes_stops_the_work(tmp_path: Path) -> None:
    params = own(tmp_path, "@masking_function()\ndef f(v, c): return v\n")
    assert masked(params, ["a"]) == ["a"]
    (tmp_path / "own.py").write_text(HEAD + "@masking_function()\ndef f(v, c): return v + 'x'\n")
    with pytest.raises(PolicyError, match="has changed since the policy was read"):
        masked(params, ["a"])


def test_the_folder_is_no_part_of_the_plan(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    code = "@masking_function()\ndef f(v, c): return v\n"
    here, there = own(tmp_path, code), own(tmp_path / "there", code)
    assert here != there
    for params in (here, there):
        assert isinstance(params["file"], dict)
        params["file"]["file"] = "own.py"
    assert portable(here) == portable(there)


def test_types_are_declared(tmp_path: Path) -> None:
    params = own(tmp_path, "@masking_function(kinds=('date',))\ndef f(v, c): return v\n")
    assert {one.kind for one in types_for("python", params)} == {"date"}
    with pytest.raises(PolicyError, match="python: f takes date columns, not text"):
        registry.get("python").laws(params, TEXT, False)


def test_a_trial_finds_what_is_broken(tmp_path: Path) -> None:
    code = (
        "@masking_function(injective=True)\ndef short(v, c): return v.str.head(2)\n"
        "@masking_function()\ndef near(v, c): return v.sort()\n"
        "@masking_function(copy_safe=True)\ndef raw(v, c): return v + c.token(v, 4)\n"
        "count = 0\n"
        "@masking_function()\ndef counts(v, c):\n    global count\n    count += 1\n    return v + str(count)\n"
    )
    broken = {}
    for function in ("short", "near", "raw", "counts"):
        found = try_transform("python", own(tmp_path, code, function), TEXT, count=1000)
        broken[function] = {law.law for law in found.laws if law.verdict == "broken"}
    assert broken["short"] == {"different values, different results"}
    assert "no matter which rows are near" in broken["near"]
    assert broken["raw"] == {"nothing that COPY escapes"}
    assert "same value, same result" in broken["counts"]


class Shout(Transform):
    """Upper case."""

    name = "shout"
    summary = "upper case"

    def column_laws(self, case):
        return Laws(copy_safe=False)

    def bind(self, binding):
        return lambda values, _: values.str.to_uppercase()


@masking_function()
def whisper(values: pl.Series, context: Context) -> pl.Series:
    """Lower case."""
    return values.str.to_lowercase() + str(context.params.get("end", ""))


BROKEN = "not a transform"


@pytest.fixture
def package(monkeypatch: pytest.MonkeyPatch):
    """Entry points as an installed package has them."""

    def install(**points: str) -> None:
        made = [
            EntryPoint(name.rstrip("_"), f"{__name__}:{value}", installed.GROUP)
            for name, value in points.items()
        ]
        monkeypatch.setattr(installed, "entry_points", lambda group: made)
        for cached in (installed.names, installed.load, installed._points):
            cached.cache_clear()

    yield install
    monkeypatch.undo()
    for cached in (installed.names, installed.load, installed._points):
        cached.cache_clear()


def test_packages_bring_transforms_along(package) -> None:
    package(shout="Shout", whisper="whisper", email="Shout")
    assert {"shout", "whisper"} <= set(registry.all_names())
    assert "shout" not in registry.names()
    assert registry.all_names().count("email") == 1
    assert type(registry.get("email")).__name__ == "Email"
    whispers = registry.get("whisper").validate({"params": {"end": "…"}})
    masks = [ColumnMask("a", "shout", TEXT, "d", {}), ColumnMask("b", "whisper", TEXT, "d", whispers)]
    assert Masker(masks, KEY).mask(pl.DataFrame({"a": ["Ab"], "b": ["Ab"]})).row(0) == ("AB", "ab…")
    assert registry.get("whisper").summary == "Lower case"


def test_packages_with_something_else(package) -> None:
    package(broken="BROKEN", loud="Shout", gone="no_such_name")
    with pytest.raises(PolicyError, match=r"the transform 'broken' of the package \S+ is no transform"):
        registry.get("broken")
    with pytest.raises(PolicyError, match="calls itself 'shout'"):
        registry.get("loud")
    with pytest.raises(PolicyError, match="cannot be imported: AttributeError"):
        registry.get("gone")


def test_two_packages_with_one_name(package) -> None:
    package(shout="Shout", shout_="whisper")
    with pytest.raises(PolicyError, match="two installed packages have a transform called 'shout'"):
        registry.get("shout")
