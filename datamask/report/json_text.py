"""JSON as the command line prints it; ``docs/reference/json.md`` is its contract."""

from __future__ import annotations

import json
from collections.abc import Mapping

Object = Mapping[str, object]
"""What becomes a JSON object: text, numbers, booleans, None, lists and such mappings."""


def dumps(content: Object) -> str:
    """One indented object."""
    return json.dumps(content, indent=2, ensure_ascii=False)
