from __future__ import annotations

from pathlib import Path

import pytest
from support.policies import catalog, table

from datamask.classify.classes import CLASSES
from datamask.classify.file import parse_classification
from datamask.config.document import parse_document
from datamask.errors import PolicyError
from datamask.policy.compile import compile_policy
from datamask.policy.file import read_policy
from datamask.policy.pack import pack_names, pack_path


@pytest.mark.parametrize("name", pack_names())
def test_every_class_may_stand_in_a_document_and_in_a_column(name: str) -> None:
    """Of every class a path of a document, a text column that may be NULL and one that may not."""
    paths = ", ".join(f'"$.p{at}": {data_class}' for at, data_class in enumerate(CLASSES))
    lines = ["version: 1", "tables:", "  public.t:", f"    doc: {{json: {{{paths}}}}}"]
    columns = ["doc jsonb"]
    for at, data_class in enumerate(CLASSES):
        columns += [f"c{at} text", f"d{at} text not null", f"e{at} date", f"f{at} int not null"]
        lines += [f"    {kind}{at}: {data_class}" for kind in "cdef"]
    classification = parse_classification(
        parse_document("\n".join(lines), Path("classification.yaml"), kind=PolicyError)
    )
    plan = compile_policy(read_policy(pack_path(name)), classification, catalog(table("t", *columns)))
    assert [finding.message for finding in plan.errors] == []
