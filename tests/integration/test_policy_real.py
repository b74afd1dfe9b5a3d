"""Discovery and the first policies on real databases."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from support.sampledata import SAMPLES, load_sample, load_torture, sample_data_dir

from datamask.catalog.introspect import introspect
from datamask.catalog.model import Catalog
from datamask.classify.discover import discover
from datamask.classify.file import read_classification
from datamask.classify.render import merge_classification, render_classification
from datamask.commands.init import init
from datamask.commands.sampling import TableSampler
from datamask.db.session import connect
from datamask.policy.compile import compile_policy
from datamask.policy.file import read_policy
from datamask.policy.init import render_policy
from datamask.policy.pack import pack_names, pack_path
from datamask.policy.plan import Plan

# What a person who knows these databases calls personal. Countries are classified, and kept by the pack.
PERSONAL = {
    "pagila": """
        public.customer: first_name last_name email
        public.staff: first_name last_name email username password picture
        public.actor: first_name last_name
        public.address: address address2 district postal_code phone
    """,
    "chinook": """
        public.customer: first_name last_name company address city state postal_code phone fax email
        public.employee: last_name first_name birth_date hire_date address city state postal_code phone fax email
        public.invoice: billing_address billing_city billing_state billing_postal_code
    """,
    "northwind": """
        public.customers: company_name contact_name address city region postal_code phone fax
        public.employees: last_name first_name title_of_courtesy birth_date hire_date address city region postal_code
            home_phone extension photo notes photo_path
        public.orders: ship_name ship_address ship_city ship_region ship_postal_code
        public.suppliers: contact_name address city postal_code phone fax homepage
    """,
    "adventureworks": """
        person.person: title firstname middlename lastname suffix additionalcontactinfo demographics
        person.emailaddress: emailaddress
        person.personphone: phonenumber
        person.password: passwordhash passwordsalt
        person.address: addressline1 addressline2 city postalcode spatiallocation
        humanresources.employee: nationalidnumber loginid jobtitle birthdate maritalstatus gender hiredate
            vacationhours sickleavehours
        humanresources.employeepayhistory: rate
        humanresources.jobcandidate: resume
        production.productreview: reviewername emailaddress comments
        sales.creditcard: cardnumber expmonth expyear
        sales.salesorderheader: creditcardapprovalcode comment
    """,
}

# Of those, what Safe Harbor does not name: gender, marital status.
NOT_NAMED = {
    ("humanresources.employee", "maritalstatus"),
    ("humanresources.employee", "gender"),
}

# How many columns beside those of PERSONAL a first policy may mask: what it masks for caution hurts usefulness.
CAUTIOUS = {"pagila": 2, "chinook": 4, "northwind": 12, "adventureworks": 18}


def personal(name: str) -> set[tuple[str, str]]:
    found = set()
    table = ""
    for word in PERSONAL[name].split():
        if word.endswith(":"):
            table = word[:-1]
        else:
            found.add((table, word))
    return found


def catalog_of(url: str) -> Catalog:
    with connect(url, read_only=True) as session:
        return introspect(session)


def first_plan(folder: Path, catalog: Catalog, environment: str = "staging") -> Plan:
    (folder / "classification.yaml").write_text(render_classification(discover(catalog)), encoding="utf-8")
    (folder / f"{environment}.yaml").write_text(render_policy(environment), encoding="utf-8")
    return compile_policy(
        read_policy(folder / f"{environment}.yaml"),
        read_classification(folder / "classification.yaml"),
        catalog,
    )


@pytest.mark.skipif(sample_data_dir() is None, reason="the real databases are not beside the repository")
@pytest.mark.parametrize("name", SAMPLES)
def test_a_first_policy_compiles_and_catches_what_is_personal(
    name: str, database: Callable[[], str], tmp_path: Path
) -> None:
    url = database()
    load_sample(name, url)
    catalog = catalog_of(url)
    plan = first_plan(tmp_path, catalog)
    assert [finding.message for finding in plan.errors] == []
    assert [finding.message for finding in plan.findings if finding.severity == "warning"] == []
    masked = {(one.table, mask.column) for one in plan.tables for mask in one.masks}
    assert personal(name) - masked == set()
    assert len(masked - personal(name)) <= CAUTIOUS[name]
    assert first_plan(tmp_path, catalog, "dev").digest == plan.digest
    for pack in pack_names():
        packed = compile_policy(
            read_policy(pack_path(pack)), read_classification(tmp_path / "classification.yaml"), catalog
        )
        assert [finding.message for finding in packed.errors] == [], pack
        kept = personal(name) - {(one.table, mask.column) for one in packed.tables for mask in one.masks}
        # What is no identifier under Safe Harbor stays, and is what a de-identified record is for.
        assert kept == ({*NOT_NAMED} & kept if pack == "hipaa-safe-harbor" else set()), pack
    text = (tmp_path / "classification.yaml").read_text(encoding="utf-8")
    assert merge_classification(text, discover(catalog), tmp_path / "classification.yaml") == text


def test_sampled_values_tell_what_names_do_not(database: Callable[[], str], tmp_path: Path) -> None:
    url = database()
    with psycopg.connect(url) as connection:
        connection.execute(
            """
            create table customers (id int primary key, wibble text, mood text);
            insert into customers select n, 'ada' || n || '@example.org', 'glad' from generate_series(1, 50) n;
            """
        )

    with connect(url, read_only=True) as session:
        found = discover(introspect(session), TableSampler(session))
    assert [item.data_class for item in found.items] == ["key", "person.email", "public"]
    assert "ada" not in render_classification(found)


def test_init_writes_policies_that_check_accepts(database: Callable[[], str], tmp_path: Path) -> None:
    """A unique index over a document inside an expression is one that no transform can keep."""
    url = database()
    load_torture(url)
    with psycopg.connect(url) as connection:
        connection.execute(
            "create schema other; create table other.papers (id int primary key, doc jsonb not null unique)"
        )
    result = init(tmp_path, source=url, project="torture")
    assert [
        finding.message
        for policy in result.policies
        for finding in policy.findings
        if finding.severity == "error"
    ] == []
    assert {table: reason[:45] for table, reason in result.emptied.items()} == {
        "keys.indexed": "DM120: keys.indexed.doc cannot be masked with",
        "other.papers": "DM120: other.papers.doc cannot be masked with",
    }
    text = (tmp_path / "policies/staging.yaml").read_text(encoding="utf-8")
    assert "  keys.indexed: {rows: none}\n" in text
    assert re.search(
        r"  # DM120: keys\.indexed\.doc cannot be masked with \w+: different values can become equal", text
    )
