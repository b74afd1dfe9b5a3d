import pytest

from datamask.errors import PolicyError
from datamask.masking import pools
from datamask.masking.pools import LIMITS, SHIPPED, fitting, known_locale, plain_names, pool


@pytest.mark.parametrize("locale", SHIPPED)
@pytest.mark.parametrize("kind", LIMITS)
def test_shipped_pools_are_clean(locale, kind):
    entries = pool(kind, locale)
    assert len(entries) > 200
    assert len(set(entries)) == len(entries)
    for entry in entries:
        assert entry == entry.strip() != ""
        assert len(entry) <= LIMITS[kind]
        assert not set(entry) & set("\t\n\r\\")


def test_shipped_pools_are_what_the_script_writes(tmp_path, monkeypatch):
    monkeypatch.setattr(pools, "SHIPPED", ("fr_FR",))
    pools.write_pools(tmp_path)
    assert sorted(file.stem for file in (tmp_path / "fr_FR").iterdir()) == sorted(LIMITS)
    names = (tmp_path / "fr_FR" / "last_name.txt").read_text(encoding="utf-8").splitlines()
    assert len(names) > 200


def test_other_locales_are_drawn_the_same_every_time():
    first = pool("last_name", "it_IT")
    pool.cache_clear()
    assert pool("last_name", "it_IT") == first
    assert len(first) > 200


def test_locales():
    assert known_locale("de_DE")
    assert known_locale("ja_JP")
    assert not known_locale("xx_XX")
    with pytest.raises(PolicyError, match="there are no names for the locale 'xx_XX'"):
        pool("city", "xx_XX")


def test_a_narrow_column_keeps_most_picks():
    entries = pool("city", "en_US")
    narrow = fitting(entries, 12)
    assert len(narrow) == len(entries)
    assert max(map(len, narrow)) <= 12
    assert all(new == old for new, old in zip(narrow, entries, strict=True) if len(old) <= 12)
    assert fitting(entries, None) is entries
    assert fitting(("abcdef", "xyz"), 2) == ("ab", "xy")


def test_plain_names_are_plain():
    names = plain_names(12)
    assert len(names) > 500
    assert all(
        name.isascii() and name.isalpha() and name.islower() and 3 <= len(name) <= 12 for name in names
    )
