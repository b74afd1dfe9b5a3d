"""The stable codes of the compiler's findings. ``docs/reference/findings.md`` explains each."""

from __future__ import annotations

from dataclasses import dataclass

from datamask.config.document import Mark
from datamask.policy.plan import Finding, Severity


@dataclass(frozen=True, slots=True)
class Code:
    """A kind of finding.

    :param severity: what a finding of this kind is; an ``error`` stops a snapshot.
    :param title: in a few words.
    :param explanation: what it means and what to do, in Markdown.
    """

    severity: Severity
    title: str
    explanation: str = ""


CODES: dict[str, Code] = {
    "DM100": Code(
        "error",
        "a column is not classified",
        "A column is in no classification, and the policy says `unclassified: refuse` (the default). The hint "
        "proposes a class. Add the column to the classification; `datamask discover` does it for all of them.",
    ),
    "DM101": Code(
        "warning",
        "an unclassified column passes unchanged",
        "A column is in no classification and passes unchanged, because the policy says `unclassified: keep`.",
    ),
    "DM102": Code(
        "info",
        "an unclassified column is masked by its type",
        "A column is in no classification and is masked by its type, because the policy says "
        "`unclassified: mask`.",
    ),
    "DM103": Code(
        "warning",
        "the classification names what does not exist",
        "The classification names a table or column that the database does not have. Nothing leaks by it; remove "
        "the entry.",
    ),
    "DM104": Code(
        "error",
        "the policy names what does not exist",
        "The policy has a rule, a row rule or a reference about a table or column that the database does not "
        "have, or a rule for one partition. What the rule was meant to protect may now have another name.",
    ),
    "DM105": Code(
        "error",
        "a data class has no rule",
        "A column's class tells something about a person, and neither the policy nor what it extends has a rule "
        "for the class or one of its ancestors.",
    ),
    "DM106": Code(
        "warning",
        "a partition is classified by itself",
        "The classification lists a partition. Partitions have the classes of their partitioned table; the entry "
        "has no effect.",
    ),
    "DM107": Code(
        "error",
        "a rule needs a column that the table does not have",
        "A transform needs another column of the row (such as `shift_date` with `by`), and the table does not "
        "have it.",
    ),
    "DM108": Code(
        "error",
        "a condition cannot be used",
        "A rule's `when` compares what cannot be compared (a number with text, a date with text: write "
        "`DATE '2024-12-31'`), or is neither true nor false.",
    ),
    "DM109": Code(
        "error",
        "no column tells which entity a row is about",
        "A rule says `by: customers.id`, and no foreign key of the column's table leads there, or more than one "
        "does. Declare it under `references`, or name the column of the same row.",
    ),
    "DM110": Code(
        "error",
        "the transform does not take the column's type",
        "The transform does not take the column's type, or its parameters make no sense for it. A rule may be a "
        "list: the first transform that fits is taken.",
    ),
    "DM111": Code(
        "info",
        "a later choice of the rule is taken",
        "The first transform of a rule's list does not fit, or cannot be proven against a CHECK constraint, so a "
        "later one is taken.",
    ),
    "DM112": Code(
        "error",
        "a rule is made of its own result",
        "A `template` names its own column, or one that is made of it. A rule may be made of columns of the row that are "
        "not made of its own.",
    ),
    "DM120": Code(
        "error",
        "values under a unique key could become equal",
        "The column is under a primary key, a unique constraint or a unique index, and the transform can make "
        "different values equal. Take an injective transform. A key of several columns stays unique when every "
        "masked column of it is masked injectively, or when its unmasked columns hold another key that is NOT "
        "NULL. Partial indexes count as whole ones.",
    ),
    "DM122": Code(
        "warning",
        "a unique index over an expression cannot be proven",
        "A unique index over an expression (such as `lower(email)`), or over a generated column, covers a masked "
        "column. The column's transform is injective, but whether the expression keeps the results apart is not "
        "known.",
    ),
    "DM123": Code(
        "error",
        "an exclusion constraint covers a masked value",
        "An exclusion constraint covers a masked range, date, network or composite value. Masked ranges could "
        "overlap.",
    ),
    "DM124": Code(
        "warning",
        "values that compare equal may be masked differently",
        "A `citext` column is under a unique key or a foreign key. It compares without regard to case, transforms "
        "do not: two spellings of one value get two pseudonyms.",
    ),
    "DM125": Code(
        "warning",
        "a masked column decides which rows a partial unique index covers",
        "The WHERE clause of a partial unique index names a masked column, and masking may bring rows under the "
        "index that were not before. Rows outside of it may share values, which then collide. Conditions that only "
        "ask for NULL or for the empty text are proven where the transform keeps those.",
    ),
    "DM130": Code(
        "error",
        "NULL in a column that is NOT NULL",
        "The transform makes NULL, and the column is NOT NULL (in its table, a partition or its domain).",
    ),
    "DM131": Code(
        "error",
        "the result may be too long",
        "The longest result is longer than `varchar(n)` or `char(n)` holds.",
    ),
    "DM132": Code(
        "error",
        "the result may be too large",
        "A fixed number has more digits before the point than `numeric(p,s)` holds.",
    ),
    "DM133": Code(
        "error",
        "a fixed value does not belong to the type",
        "A fixed value is no value of the column's type: no label of the enum, no number, no date, too long.",
    ),
    "DM134": Code(
        "error",
        "a generated column has a rule",
        "A generated column has a rule, or a foreign key would spread a mask to it. PostgreSQL computes generated "
        "columns from their inputs; mask those.",
    ),
    "DM135": Code(
        "warning",
        "masked identifiers may collide with a sequence",
        "A column that a sequence fills (identity, serial) is masked. Rows added later may get a number that a "
        "masked value already has.",
    ),
    "DM136": Code(
        "warning",
        "a CHECK constraint cannot be proven",
        "Nothing proves that results meet a CHECK constraint (also one of the column's domain, and one over a "
        "generated column that is computed from masked ones). Lists of constants, comparisons with constants, "
        "`length(…)`, and their AND are understood; `null`, `fixed` and `truncate_date` are proven against them. "
        "Where a rule's list has a transform that is proven, that one is taken. A load stops with an error if a "
        "row does break the constraint; nothing is published. `datamask check --try` and "
        "`datamask snapshot --try` try the constraint on masked samples: the finding is a note where all of them met it, "
        "and `DM170` where one did not.",
    ),
    "DM137": Code(
        "error",
        "a fixed value breaks a CHECK constraint",
        "A fixed value certainly breaks a CHECK constraint.",
    ),
    "DM138": Code(
        "error",
        "a partition key is masked",
        "The column decides which partition a row belongs to. A masked row would be loaded into a partition that "
        "does not accept it.",
    ),
    "DM140": Code(
        "error",
        "the two ends of a foreign key have different rules",
        "Two columns that a foreign key joins (declared, or under `references`; directly or over others) have "
        "rules that differ. Rows would no longer find each other. Give both the same rule, or only one of them: "
        "it spreads.",
    ),
    "DM141": Code(
        "info",
        "a mask spreads over a foreign key",
        "A column is masked like the one that a foreign key joins it to. The domain is that of the column whose "
        "rule it is.",
    ),
    "DM142": Code(
        "error",
        "the columns of a foreign key differ too much to be masked alike",
        "The columns of a foreign key are of kinds that cannot be masked alike, such as text and json.",
    ),
    "DM143": Code(
        "error",
        "a mask under a foreign key depends on more than the value",
        "A foreign key joins the column to others, so equal values must give equal results in all of them; but "
        "the rule has a `when`, or its transform reads other columns of the row, or is a SQL expression.",
    ),
    "DM144": Code(
        "error",
        "a mask reads a column that the source's server masks",
        "A mask reads another column of the row (by `by`, `when` or a template) that a `sql` transform masks on "
        "the source's server. The original never leaves the server, so results would hang on the masked value.",
    ),
    "DM145": Code(
        "error",
        "a SQL expression does not work on the source",
        "The expression of a `sql` transform is refused by the source's server, calls a volatile, aggregate or "
        "set-returning function, or cannot be cast to the column's type. `check` and every snapshot ask the "
        "server, without reading a row.",
    ),
    "DM146": Code(
        "error",
        "a foreign key with MATCH FULL would be half NULL",
        "A foreign key of several columns is declared MATCH FULL, which asks for all of them or none, and only "
        "some of its columns become NULL. Mask all of them with `null`, or none.",
    ),
    "DM147": Code(
        "error",
        "a foreign key hangs on a column computed from masked values",
        "One end of a foreign key is a generated column that is computed from masked columns. Its values change "
        "on load, and the rows at the other end no longer match.",
    ),
    "DM150": Code(
        "error",
        "rows that others reference are left out",
        "A row rule leaves out rows of a table that another table references. Empty that one too, or mask its "
        "foreign key with `null`.",
    ),
    "DM151": Code(
        "error",
        "a table that references itself is filtered",
        "A table that references itself has a `where` or a `sample`: rows taken may reference rows left out.",
    ),
    "DM160": Code(
        "info",
        "a generated column is computed again from masked values",
        "A generated column is computed from masked columns; the load computes it again from the masked values.",
    ),
    "DM161": Code(
        "error",
        "a search vector repeats masked text",
        "A `tsvector` column passes unchanged beside masked text: it may hold every word of it. Classify it as "
        "`search_index`, which makes it NULL or empty. If it is built from public columns only, `keep` under "
        "`columns` makes this a warning.",
    ),
    "DM162": Code(
        "warning",
        "a column looks like a copy of a masked one",
        "A column passes unchanged whose name says that it repeats a masked one: `email_hash`, "
        "`name_normalized`, `search_phone`. Classify it alike, or write `keep` for it under `columns`.",
    ),
    "DM163": Code(
        "warning",
        "a payload passes unchanged beside masked columns",
        "A json or xml column passes unchanged beside masked columns. Payloads often repeat them.",
    ),
    "DM164": Code(
        "warning",
        "a condition lets values pass",
        "A rule has a `when`: rows that do not meet the condition keep their value. Where the column tells "
        "something about a person (or is not classified), that is a leak unless somebody made sure that the other "
        "rows hold nothing of the kind; on other columns it is an info.",
    ),
    "DM165": Code(
        "info",
        "exceptions let values pass",
        "A rule has exceptions: values that match one of the patterns stay as they are.",
    ),
    "DM166": Code(
        "warning",
        "a column holds the values of a masked one",
        "Found by a trial, in samples: a column that passes unchanged holds the same values as a "
        "masked one, row by row, as a part of longer text, or in another table. Classify it alike, or write "
        "`keep` for it under `columns`.",
    ),
    "DM167": Code(
        "warning",
        "a trigger derives a column from a masked one",
        "The function of a trigger sets a column that passes unchanged, and reads a masked column. Triggers do "
        "not run when rows are loaded: the column keeps what was derived from the original. Classify it alike, "
        "or write `keep` for it under `columns`.",
    ),
    "DM168": Code(
        "warning",
        "what no path of a document names passes unchanged",
        "A column of JSON is classified path by path, and the policy says `documents: {unknown: keep}`: values "
        "that no path names stay, and those that an application will add tomorrow. `redact`, the default, blots them "
        "out; `drop` removes them.",
    ),
    "DM169": Code(
        "warning",
        "text is searched and not blotted out",
        "A column (or a part of a document) is masked with `free_text`, which replaces what it finds: addresses, "
        "numbers with check digits, the row's own names, names behind titles and greetings. A name that nothing tells "
        "from other words stays, and so does whatever else a person can be known by. `redact` leaves nothing; "
        "`otherwise: redact` leaves the pseudonyms of what was found.",
    ),
    "DM170": Code(
        "error",
        "masked values break a CHECK constraint",
        "Found by a trial: masked sample rows break a CHECK constraint, so a load of the snapshot "
        "would fail. The share is of the sample.",
    ),
    "DM171": Code(
        "error",
        "masked values are not of the column's type",
        "Found by a trial: the server does not take masked sample values as input of the column's "
        "type or domain, so a load of the snapshot would fail.",
    ),
    "DM172": Code(
        "error",
        "masked values conflict under an exclusion constraint",
        "Found by a trial: masked sample rows conflict under an exclusion constraint, so a load of the snapshot would "
        "fail.",
    ),
    "DM173": Code(
        "error",
        "masked values are equal under a unique key",
        "Found by a trial in a scratch database: masked sample rows repeat each other under a primary key, a unique "
        "constraint or a unique index, so a load of the snapshot would fail.",
    ),
    "DM174": Code(
        "error",
        "masked rows no longer find the rows that they reference",
        "Found by a trial: rows of a sample found their referenced row in another sample before masking, and do "
        "not after it. Both ends of the foreign key are masked alike, so the values must differ in spelling.",
    ),
    "DM175": Code(
        "error",
        "masked values do not fit into an index",
        "Found by a trial in a scratch database: an index cannot be built over masked sample rows, because a value is "
        "too long for it or its expression fails.",
    ),
    "DM176": Code(
        "error",
        "the database refuses masked rows",
        "Found by a trial in a scratch database: a table does not take masked sample rows, for a reason that is "
        "none of the others: a generated column that cannot be computed, the bounds of a partition, NULL.",
    ),
    "DM190": Code(
        "warning",
        "an accepted finding has expired",
        "An entry in the file of accepted findings is past its last day. The warning that it accepted counts "
        "again.",
    ),
    "DM191": Code(
        "warning",
        "an accepted finding does not occur",
        "An entry in the file of accepted findings covers no warning. Remove it, so that it does not cover one "
        "that comes later for another reason.",
    ),
    "DM192": Code(
        "warning",
        "an error cannot be accepted",
        "An entry in the file of accepted findings covers an error. Errors stop a snapshot whatever the file "
        "says.",
    ),
}
"""Every code, in the order of the documentation."""


class Findings:
    """Collects findings; the severity is the code's own unless said otherwise."""

    def __init__(self) -> None:
        self._found: list[Finding] = []
        self._seen: set[Finding] = set()

    def add(
        self,
        code: str,
        table: str | None,
        column: str | None,
        message: str,
        hint: str,
        *,
        severity: Severity | None = None,
        mark: Mark | None = None,
    ) -> None:
        """Add a finding; the same one twice counts once.

        :param mark: where it is written what the finding is about, if that is not the column's own entry.
        """
        finding = Finding(code, severity or CODES[code].severity, table, column, message, hint, mark)
        if finding not in self._seen:
            self._seen.add(finding)
            self._found.append(finding)

    def sorted(self) -> tuple[Finding, ...]:
        """Errors first, then by place."""
        order = {"error": 0, "warning": 1, "info": 2}
        return tuple(
            sorted(
                self._found,
                key=lambda found: (order[found.severity], found.table or "", found.column or "", found.code),
            )
        )
