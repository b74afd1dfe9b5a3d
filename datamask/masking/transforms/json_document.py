"""Masking inside JSON documents: json."""

from __future__ import annotations

from collections.abc import Mapping

from datamask.errors import PolicyError
from datamask.masking.jsonmask import JsonMask
from datamask.masking.jsonpath import Automaton, Path
from datamask.masking.model import JSONValue
from datamask.masking.params import Param
from datamask.masking.stand_in import StandIn
from datamask.masking.structured import UNKNOWN, check_rules, needed, rules, unknown
from datamask.masking.transform import Binding, Case, Laws, MaskFunction, Transform

_RULES = ("paths", "names")


class Json(Transform):
    """A transform for each path of a document; what no path names is blotted out unless ``unknown`` says otherwise.

    A path names a value and all that is inside of it; of several the one with the most names in it counts. Texts are
    masked as text, or as the date or number that they look like by a transform that takes no text; numbers as
    ``bigint``, ``numeric`` or text, whichever the transform takes first, and stay numbers where the result is one,
    else they become strings; null stays null. Everything else of a document stays as it is written.

    ``unknown: redact`` makes ``[redacted]`` of texts, 0 of numbers, false of true; ``drop`` removes members and
    elements. Members' names stay unless ``names`` has a rule for their object; without one, a name with an ``@`` in it
    becomes a token of its keyed hash, unless ``unknown`` is ``keep``. What is no JSON, in a column of text,
    or nested deeper than 10,000, becomes a JSON string of its keyed hash, and so does a document that
    would be too long for its column.
    """

    name = "json"
    summary = "transforms inside of JSON documents, by JSON path"
    params = (
        Param(
            "paths",
            "rules",
            None,
            "rules by path: `$.contact.email`, `$.items[*].name`, `$..email`, `$['odd key']`",
        ),
        UNKNOWN,
        Param("names", "rules", None, "rules for the names of members, by the path of their object"),
    )
    kinds = frozenset(("json", "text"))
    cost = 3000

    def validate(self, params: Mapping[str, JSONValue]) -> dict[str, JSONValue]:
        """Refuses what is no path."""
        checked = super().validate(params)
        try:
            Automaton(*([Path.parse(path) for path in rules(checked, name)] for name in _RULES))
        except PolicyError as error:
            raise PolicyError(f"json: {error.message}", hint=error.hint) from None
        return checked

    def needs(self, params: Mapping[str, JSONValue]) -> tuple[str, ...]:
        """The columns that the rules need."""
        return needed(params, _RULES)

    def column_laws(self, case: Case) -> Laws:
        """Different documents may become equal."""
        check_rules(self.name, case.params, _RULES)
        return Laws(max_length=case.type.max_length, copy_safe=False)

    def bind(self, binding: Binding) -> MaskFunction:
        """The function for one column."""
        params = binding.params
        return JsonMask(
            binding,
            rules(params, "paths"),
            rules(params, "names"),
            unknown(params),
            StandIn(binding, '"', '"'),
        )
