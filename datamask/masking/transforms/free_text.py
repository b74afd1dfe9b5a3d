"""Text that people wrote: free_text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from datamask.catalog.model import ColumnType
from datamask.errors import PolicyError
from datamask.masking.model import JSONValue
from datamask.masking.nested import TEXT, bind_rule, rule_laws, rule_needs
from datamask.masking.params import Param, text, texts
from datamask.masking.scan.collector import uncollected
from datamask.masking.scan.finding import Finding
from datamask.masking.scan.kinds import DEFAULT, FINDABLE, KINDS, OWN_NAMES, WRITTEN_IN_DIGITS, default_rule
from datamask.masking.scan.own_values import OwnColumn, OwnFinder
from datamask.masking.scan.presidio import Presidio
from datamask.masking.scan.scanner import Texts
from datamask.masking.scan.search import Search
from datamask.masking.scan.splice import splice
from datamask.masking.scan.written_dates import as_written, to_iso
from datamask.masking.transform import Binding, Case, Laws, MaskFunction, Transform
from datamask.suggest import did_you_mean

_DATE = ColumnType("date", "date", "date")
# Separators of numbers as typesetters write them, and as columns have them.
_TYPOGRAPHY = {
    "\u00a0": " ",
    "\u202f": " ",
    "\u200b": "",
    **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015", "-"),
}


class FreeText(Transform):
    """Personal data inside of text, each finding replaced by the pseudonym that it has in a column of its own.

    E-mail and web addresses, @handles, phone, card and bank account numbers, national ids with their check digits,
    IP and MAC addresses and announced dates of birth are found by form; the row's own names and values by the
    columns that `names_from` and `values_from` name; names of others by titles, greetings, farewells and known given
    names. All other text stays unless `otherwise` is redact: a name that none of this tells is not found.
    """

    name = "free_text"
    summary = "what identifies people inside of text becomes its pseudonym, the rest of the text stays"
    params = (
        Param("find", "texts", list(DEFAULT), "what is looked for; uuid may be added"),
        Param(
            "rules",
            "rules",
            None,
            "the transform of each kind that is found; left out: datamask's own in the domain of the kind's class, "
            "or what the policy has for that class",
        ),
        Param(
            "names_from",
            "texts",
            None,
            "columns of the row with names; the text is searched for each of their words",
        ),
        Param("values_from", "texts", None, "columns of the row that the text is searched for as a whole"),
        Param(
            "column_rules",
            "rules",
            None,
            "the transforms of these columns; left out: as the policy masks them",
        ),
        Param(
            "otherwise", "text", "keep", "what happens to the rest of the text", choices=("keep", "redact")
        ),
        Param(
            "backend",
            "text",
            "patterns",
            "presidio also asks Microsoft Presidio",
            choices=("patterns", "presidio"),
        ),
        Param("language", "text", "en", "the language that Presidio is told"),
    )
    kinds = frozenset(("text",))
    cost = 10_000

    def validate(self, params: Mapping[str, JSONValue]) -> dict[str, JSONValue]:
        """Refuses kinds that there are not, and rules for columns that are not named."""
        checked = super().validate(params)
        for kind in texts(checked, "find"):
            _known(kind, FINDABLE, "find")
        for kind in _rules(checked, "rules"):
            _known(kind, tuple(KINDS), "rules")
        columns = (*texts(checked, "names_from"), *texts(checked, "values_from"))
        for column in _rules(checked, "column_rules"):
            if column not in columns:
                raise PolicyError(
                    f"free_text: column_rules has a rule for {column!r}, which is not searched for",
                    hint="name the column in names_from or values_from",
                )
        return checked

    def needs(self, params: Mapping[str, JSONValue]) -> tuple[str, ...]:
        """The columns whose values are looked for, and those that the rules need."""
        columns = [*texts(params, "names_from"), *texts(params, "values_from")] if _owns(params) else []
        for rule in (*_rules(params, "rules").values(), *_rules(params, "column_rules").values()):
            columns += rule_needs(rule)
        return tuple(dict.fromkeys(columns))

    def column_laws(self, case: Case) -> Laws:
        """Text stays text, whatever characters it has; pseudonyms may be longer than what they stand for.

        In a column of limited length, what is beyond its length is cut off, behind all replacements.
        """
        for kind in KINDS:
            rule_laws(_rule(case.params, kind), _DATE if kind == "birth_date" else TEXT)
        return Laws(max_length=case.type.max_length, copy_safe=False)

    def bind(self, binding: Binding) -> MaskFunction:
        """The function for one column."""
        params = binding.params
        presidio = Presidio(text(params, "language")) if text(params, "backend") == "presidio" else None
        search = Search(frozenset(texts(params, "find")), _own_finder(params, binding), presidio)
        functions = {kind: _function(kind, params, binding) for kind in KINDS}
        blot, limit = text(params, "otherwise") == "redact", binding.mask.type.max_length

        def masked(values: pl.Series, row: Mapping[str, pl.Series]) -> pl.Series:
            result = values
            with uncollected():
                whole = Texts.of(values)
                findings = search.findings(whole, values, row)
                if findings or blot:
                    made = _replacements(whole, findings, row, functions)
                    result = splice(values, whole, findings, made, blot=blot)
            return result if limit is None else result.str.head(limit)

        return masked


def _known(name: str, names: Sequence[str], param: str) -> None:
    if name not in names:
        raise PolicyError(
            f"free_text: {param} names {name!r}, which is nothing that is found",
            hint=did_you_mean(name, names),
        )


def _replacements(
    whole: Texts,
    findings: Sequence[Finding],
    row: Mapping[str, pl.Series],
    functions: Mapping[str, MaskFunction],
) -> list[bytes]:
    """What takes the place of each finding: all of a kind are masked at once."""
    result = [b"" if one.replacement is None else one.replacement.encode() for one in findings]
    by_kind: dict[str, list[int]] = {}
    for number, finding in enumerate(findings):
        if finding.replacement is None:
            by_kind.setdefault(finding.kind, []).append(number)
    text = whole.whole
    for kind, numbers in by_kind.items():
        starts = [findings[number].start for number in numbers]
        ends = [findings[number].end for number in numbers]
        found = [text[start:end] for start, end in zip(starts, ends, strict=True)]
        originals = pl.Series(found, dtype=pl.Binary).cast(pl.String)
        if kind in WRITTEN_IN_DIGITS:
            originals = originals.str.replace_many(list(_TYPOGRAPHY), list(_TYPOGRAPHY.values()))
        rows = whole.rows(starts) if row else None
        others = {name: series.gather(rows) for name, series in row.items()} if rows is not None else {}
        # A rule that makes NULL takes the finding out of the text.
        made = functions[kind](originals, others).fill_null("").cast(pl.Binary).to_list()
        for number, replacement in zip(numbers, made, strict=True):
            result[number] = replacement
    return result


def _function(kind: str, params: Mapping[str, JSONValue], binding: Binding) -> MaskFunction:
    rule = _rule(params, kind)
    if kind != "birth_date":
        return bind_rule(rule, binding)
    if rule["transform"] == "keep":
        return bind_rule(rule, binding)
    return _on_dates(bind_rule(rule, binding, _DATE))


def _on_dates(function: MaskFunction) -> MaskFunction:
    """A function of dates in ISO form, for dates as people write them; what is no day is taken out."""

    def masked(values: pl.Series, row: Mapping[str, pl.Series]) -> pl.Series:
        written = values.to_list()
        dates = function(pl.Series([to_iso(one) for one in written], dtype=pl.String), row).to_list()
        shown = [
            as_written(one, model) if one else "[date]" for one, model in zip(dates, written, strict=True)
        ]
        return pl.Series(shown, dtype=pl.String)

    return masked


def _own_finder(params: Mapping[str, JSONValue], binding: Binding) -> OwnFinder | None:
    if not _owns(params):
        return None
    rules = _rules(params, "column_rules")
    columns = [
        OwnColumn(column, words, bind_rule(rules.get(column) or _rule(params, "full_name"), binding))
        for words, name in ((True, "names_from"), (False, "values_from"))
        for column in texts(params, name)
    ]
    return OwnFinder(columns) if columns else None


def _owns(params: Mapping[str, JSONValue]) -> bool:
    return OWN_NAMES in texts(params, "find")


def _rule(params: Mapping[str, JSONValue], kind: str) -> dict[str, JSONValue]:
    """The rule for a kind in its normal form."""
    return _rules(params, "rules").get(kind) or default_rule(kind)


def _rules(params: Mapping[str, JSONValue], name: str) -> dict[str, dict[str, JSONValue]]:
    value = params[name]
    return value if isinstance(value, dict) else {}  # type: ignore[return-value]
