"""The list of modules in ``docs/design/house.md``, from their first lines. ``make docs`` writes it."""

from __future__ import annotations

import ast
from itertools import groupby
from pathlib import Path

ROOT = Path(__file__).parents[2]
HOUSE = ROOT / "docs" / "design" / "house.md"

BEGIN, END = "<!-- modules -->\n", "<!-- end of modules -->"


def modules_text() -> str:
    """A heading for each folder, a line for each module."""
    lines: list[str] = []
    paths = sorted((ROOT / "datamask").rglob("*.py"), key=lambda path: (path.parent.as_posix(), path.name))
    for folder, files in groupby(paths, key=lambda path: path.parent):
        listed = list(files)
        about = next((first_line(path) for path in listed if path.name == "__init__.py"), "")
        lines += [f"### `{folder.relative_to(ROOT).as_posix()}`", "", *([about, ""] if about else [])]
        lines += [f"- `{path.name}`: {first_line(path)}" for path in listed if path.name != "__init__.py"]
        lines.append("")
    return "\n".join(lines)


def first_line(path: Path) -> str:
    """The first paragraph of a module's docstring, in one line."""
    docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    return " ".join(docstring.partition("\n\n")[0].split()).replace("``", "`")


def with_modules(page: str) -> str:
    """The page with its list of modules as it should be."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{modules_text()}\n{END}{after}"


if __name__ == "__main__":
    HOUSE.write_text(with_modules(HOUSE.read_text(encoding="utf-8")), encoding="utf-8")
