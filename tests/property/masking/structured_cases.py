"""JSON, hstore, composite values, XML, pairs and arrays, as the laws are tried on them."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable

from law_case import JSONB, TEXT, Case

from datamask.catalog.model import ColumnType

HSTORE = ColumnType("hstore", "other", "hstore")
COMPOSITE = ColumnType("address", "composite", "address")
XML = ColumnType("xml", "xml", "xml")
INTEGERS = ColumnType("integer[]", "array", "_int4", element="integer")
DATES = ColumnType("date[]", "array", "_date", element="date")
JSONBS = ColumnType("jsonb[]", "array", "_jsonb", element="json")
HSTORES = ColumnType("hstore[]", "array", "_hstore", element="other")

PATHS = {
    "$.name": "last_name",
    "$.contact.email": "email",
    "$.tags[*]": "hash",
    "$.ids[0]": "key",
    "$.kept": "keep",
}

ODD_JSON = (
    "{}", "[]", "null", "12", '"x"', '{"a": {"b": ["c", 1.5e-3, true, null]}}', '{"": ""}', '{"kept": "value"}',
    '{"contact": {"email": null}}', '{"contact": [{"email": "a"}]}', '{"contact": {"email": {"email": ["x", 1, true]}}}',
    '{"tags": ["\\u00e9\\n", "\\ud83d\\ude00", "\\"", "\\\\"], "ids": [1, 2, 3]}', '{"na\\u006de": "escaped name"}',
    '{"name": "one", "name": "two"}', '{"name": 12345678901234567890123456789.5e10}', '{"name" : "v", "l"\t:\n1}',
    "[" * 300 + '"deep"' + "]" * 300, '{"ids": [[7], 8]}', '{"name": "\\ud800"}', '{"name": "名前 🙂"}', "-0.5",
    '{"ids": [9223372036854775807]}', '{"name": true, "tags": [false]}', '[{"name": "in an array"}]',
)  # fmt: skip
NO_JSON = (
    "call Mary", " ", '{"a": "b}', '{"a": 1}}', "}{", '["a"}', '{"a" 1}', '{"a":1,}', "[1,]", '"a","b"', "1,2", "01",
    "{,}", '{"a":"\\x"}', '{"a":"\\u12g4"}', '{"a":"tab\t"}', "nul", "truefalse", "[1 2]", '{"a":}', '{"a"}', "[", "]",
    '"', "\\",
    '{name: "bare"}', '{"a": \\"b"}', '["a":1]', "{} {}", "- 1", "+1", "1.", ".5", "\x01", '{"a":1}\x01', "{[}]",
)  # fmt: skip
ODD_HSTORE = (
    '"a"=>"1", "b c"=>NULL, "d"=>"x\\"y\\\\"', '"name"=>""', '"name"=>"{[,]}=>", "n"=>"a\nb"',
    '"NULL"=>"NULL"', '"q\\"x"=>"1"',
)  # fmt: skip
ODD_COMPOSITES = ('(a,"b c",)', '("a""b\\\\c","",x)', "()", "(,)", '("(1,""x y"")",2)', '("{1,2}",\\,)')
ODD_XML = (
    '<a id="1"><e>m@x</e> tail <b>x<c/>y</b><!-- c --></a>', "<e>1</e>t<e>2</e>", "plain", "<a>", "<a/>", "<a></a>text",
    '<?xml version="1.0" encoding="utf-8"?>\n<a xmlns="u:x"><e>q</e></a>', "<a><![CDATA[<x>]]></a>",
    "&amp;", "<a>&#65;</a>",
    '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>', '<p:a xmlns:p="u:x"><p:e k="v">q</p:e></p:a>',
    "<a><?php echo 1?></a>", "<a>" * 300 + "</a>" * 300, "</r><r>", "<r/>", "<a b='\"&lt;'/>",
)  # fmt: skip
ODD_PAIRS = (
    "a=1&b=2&c",
    "name=",
    "=",
    "&",
    "name=1&name=2",
    "name=a%20b+c",
    "name = padded & x=1",
    "a==b&&",
    "name=%zz",
)


def _documents(make: Callable[[int], str]) -> Callable[[int], list[str]]:
    return lambda count: [make(number * 7919) for number in range(1, count + 1)]


def _json(number: int) -> str:
    return json.dumps(
        {"name": f"person {number}", "contact": {"email": f"{number}@x.example"}, "ids": [number]}
    )


MANY_JSON = _documents(_json)
MANY_HSTORE = _documents(lambda n: f'"name"=>"person {n}", "id"=>"{n}"')
MANY_COMPOSITES = _documents(lambda n: f'({n},"person {n}",)')
MANY_XML = _documents(lambda n: f'<p id="{n}"><e>person {n}</e></p>')
MANY_PAIRS = _documents(lambda n: f"name=person+{n}&id={n}")

CASES = [
    *(
        Case("json", JSONB, {"paths": PATHS, "unknown": unknown}, many=MANY_JSON, odd=ODD_JSON)
        for unknown in ("redact", "drop", "keep")
    ),
    Case("json", TEXT, {"paths": PATHS, "names": {"$": "hash"}}, many=MANY_JSON, odd=(*ODD_JSON, *NO_JSON)),
    Case(
        "json",
        TEXT,
        {"paths": {"$..email": "email"}, "unknown": "keep"},
        many=MANY_JSON,
        odd=(*ODD_JSON, *NO_JSON),
    ),
    Case(
        "json",
        JSONBS,
        {"paths": PATHS},
        many=_documents(lambda n: '{"' + _json(n).replace('"', '\\"') + '",NULL}'),
    ),
    Case(
        "base64_json",
        TEXT,
        {"paths": PATHS},
        many=_documents(lambda n: base64.b64encode(_json(n).encode()).decode()),
        odd=tuple(
            base64.urlsafe_b64encode(text.encode()).decode().rstrip("=") for text in (*ODD_JSON, *NO_JSON)
        ),
    ),
    *(
        Case(
            "hstore",
            HSTORE,
            {"keys": {"name": "full_name"}, "unknown": unknown},
            many=MANY_HSTORE,
            odd=ODD_HSTORE,
        )
        for unknown in ("redact", "drop", "keep")
    ),
    Case(
        "hstore",
        HSTORES,
        {"keys": {"name": "hash"}},
        many=_documents(lambda n: f'{{"\\"name\\"=>\\"{n}\\""}}'),
    ),
    *(
        Case(
            "composite",
            COMPOSITE,
            {"fields": {"2": "hash"}, "unknown": unknown},
            many=MANY_COMPOSITES,
            odd=ODD_COMPOSITES,
        )
        for unknown in ("drop", "keep")
    ),
    *(
        Case(
            "xml",
            kind,
            {"paths": {"//e": "hash", "//@id": "key"}, "unknown": unknown},
            many=MANY_XML,
            odd=ODD_XML,
        )
        for kind, unknown in ((XML, "redact"), (XML, "drop"), (TEXT, "keep"))
    ),
    *(
        Case("pairs", TEXT, {"keys": {"name": "hash"}, "unknown": unknown}, many=MANY_PAIRS, odd=ODD_PAIRS)
        for unknown in ("redact", "drop", "keep")
    ),
    Case(
        "pairs",
        TEXT,
        {"keys": {"name": "hash"}, "url": True},
        many=_documents(lambda n: f"https://x.example/{n}?name={n}"),
        odd=("https://x.example/", "?name=1", "https://x.example/?name=a%26b#top", "not a url"),
    ),
    Case(
        "key",
        INTEGERS,
        many=_documents(lambda n: f"{{{n},{n + 1}}}"),
        odd=("{}", "{1,NULL}", "{{1,2},{3,4}}", "[2:3]={1,2}"),
    ),
    Case(
        "shift_date",
        DATES,
        many=_documents(lambda n: f"{{{1950 + n % 70}-{1 + n % 12:02d}-{1 + n % 28:02d},infinity}}"),
        odd=("{}",),
    ),
]
