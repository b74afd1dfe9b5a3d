import pytest

from datamask.errors import PolicyError
from datamask.masking import pools
from datamask.masking.genders import FEMALE, MALE, UNKNOWN
from datamask.masking.pools import LIMITS, SHIPPED, fitting, known_locale, plain_names, pool


@pytest.mark.parametrize("locale", SHIPPED)
@pytest.mark.parametrize("kind", LIMITS)
@pytest.mark.parametrize("gender", [UNKNOWN, FEMALE, MALE])
def test_shipped_pools_are_clean(locale, kind, gender):
    entries = pool(kind, locale, gender)
    assert len(entries) > 50
    assert len(set(entries)) == len(entries)
    for entry in entries:
        assert entry == entry.strip() != ""
        assert len(entry) <= LIMITS[kind]
        assert not set(entry) & set("\t\n\r\\")


def test_shipped_pools_are_what_the_script_writes(tmp_path, monkeypatch):
    monkeypatch.setattr(pools, "SHIPPED", ("fr_FR",))
    pools.write_pools(tmp_path)
    written = sorted(file.stem for file in (tmp_path / "fr_FR").iterdir())
    assert written == sorted([*LIMITS, "first_name_female", "first_name_male"])
    names = (tmp_path / "fr_FR" / "last_name.txt").read_text(encoding="utf-8").splitlines()
    assert len(names) > 200


def test_other_locales_are_drawn_the_same_every_time():
    first = pool("last_name", "sv_SE")
    pool.cache_clear()
    assert pool("last_name", "sv_SE") == first
    assert len(first) > 200


def test_first_names_have_a_gender_everywhere_and_last_names_where_they_do():
    for locale in SHIPPED:
        women, men = set(pool("first_name", locale, FEMALE)), set(pool("first_name", locale, MALE))
        # Some names are both.
        assert len(women & men) < min(len(women), len(men)) / 4
    assert sum(name.endswith("ová") for name in pool("last_name", "cs_CZ", FEMALE)) > 50
    assert not [name for name in pool("last_name", "cs_CZ", MALE) if name.endswith("ová")]
    assert pool("last_name", "de_DE", FEMALE) is pool("last_name", "de_DE")
    assert pool("city", "de_DE", MALE) is pool("city", "de_DE")


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
