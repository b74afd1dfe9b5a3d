"""How many rows a profile's tables get at a scale."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from datamask.catalog.model import Catalog
from datamask.synthetic.profile import Profile, TableProfile
from datamask.synthetic.recipe import Recipe, Rows, find_table


def scaled_recipe(recipe: Recipe, profile: Profile, catalog: Catalog, scale: float) -> Recipe:
    """The recipe with rows for the tables that it does not name, as the profile counted them.

    Tables whose rows belong to rows of another one get as many for each as the profile says; the others their
    number times the scale. Where keys have no room for so many, there are fewer.

    :param scale: 1 for as many rows as were profiled.
    """
    named = {find_table(name, catalog) for name in recipe.rows}
    rows: dict[str, Rows] = {}
    for key, table in profile.tables.items():
        if key in named or key not in catalog.by_key:
            continue
        count = round(table.rows * scale)
        rows[key] = Rows(count=max(1, count) if table.rows else 0, exact=False)
    for key, table in profile.tables.items():
        found = _children(table, profile, rows) if key in rows else None
        if found is not None:
            rows[key] = found
    return replace(recipe, rows={**recipe.rows, **rows}, default=0)


def _children(table: TableProfile, profile: Profile, rows: Mapping[str, Rows]) -> Rows | None:
    """Rows per row of the largest table that this one's refer to, unless that table counts by this one."""
    listed = [item for item in table.children if item.parent != table.table and item.parent in profile.tables]
    for item in sorted(listed, key=lambda item: -profile.tables[item.parent].rows):
        above: str | None = item.parent
        while above is not None and above != table.table:
            asked = rows.get(above)
            above = asked.per if asked is not None else None
        if above is None:
            return Rows(per=item.parent, mean=item.mean, shares=item.shares, exact=False)
    return None
