"""A scenario's volume: generated rows beside those that a database has."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

from datamask.catalog.introspect import introspect
from datamask.catalog.model import Catalog
from datamask.commands.generate import classes_of
from datamask.commands.project import Project
from datamask.config.document import Node
from datamask.db.quoting import identifier_list, qualified
from datamask.db.session import Session
from datamask.errors import DatabaseError
from datamask.scenario.apply import Applied, advance_sequence
from datamask.scenario.model import Scenario


def fill(project: Project, session: Session, scenario: Scenario, applied: Applied) -> None:
    """Generate the rows that a scenario's ``generate`` asks for, beside those that are there.

    They refer to rows that exist and to each other, and repeat no key of a row that exists.

    :raises UsageError: where they cannot be made.
    :raises DatabaseError: where the database does not take them; names the table.
    """
    # They bring NumPy and Polars along, which a scenario without volume does not need.
    import polars as pl

    from datamask.snapshot import copytext
    from datamask.synthetic.facts import read_facts
    from datamask.synthetic.generator import generate
    from datamask.synthetic.planner import plan_synthetic
    from datamask.synthetic.read_existing import first_numbers, read_existing
    from datamask.synthetic.recipe import find_table
    from datamask.synthetic.recipe_file import parse_recipe

    node = scenario.volume
    assert node is not None
    keys = {"rows": node, "default": Node(0, node.mark)}
    recipe = parse_recipe(Node(keys, node.mark, MappingProxyType(dict.fromkeys(keys, node.mark))))
    catalog = introspect(session)
    tables = [find_table(name, catalog) for name in recipe.rows]
    recipe = replace(recipe, first=first_numbers(session, catalog, tables))
    plan = plan_synthetic(
        catalog,
        classes_of(project, catalog),
        recipe,
        scenario.seed,
        read_facts(session),
        existing=read_existing(session, catalog, tables),
    )
    session.script("SET CONSTRAINTS ALL DEFERRED")
    for made, frame in generate(plan):
        if not frame.height:
            continue
        table = catalog.by_key[made.key]
        texts = [name for name in frame.columns if frame.schema[name] == pl.String]
        sql = f"COPY {qualified(table.schema, table.name)} ({identifier_list(frame.columns)}) FROM STDIN"
        try:
            with session.copy_in(sql) as copy:
                copy.write(copytext.render(copytext.escape(frame, texts)))
        except DatabaseError as error:
            raise DatabaseError(
                f"scenario {scenario.name}: table {made.key} does not take the generated rows: {error.message}",
                hint=error.hint,
                sqlstate=error.sqlstate,
            ) from None
        applied.generated[made.key] += frame.height
    _advance(session, catalog, applied)


def _advance(session: Session, catalog: Catalog, applied: Applied) -> None:
    for key in applied.generated:
        table = catalog.by_key[key]
        for column in table.columns:
            if column.type.kind == "integer":
                advance_sequence(session, table, column.name)
