from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from datamask.catalog.model import Catalog, Column, ColumnType, ForeignKey, Table, TypeKind, UniqueKey
from datamask.classify.discover import Proposal, Proposals, Sample, discover


def column(
    name: str, kind: TypeKind = "text", *, comment: str | None = None, length: int | None = None
) -> Column:
    return Column(name, ColumnType(kind, kind, kind, max_length=length), 1, comment=comment)


def catalog(*tables: Table) -> Catalog:
    return Catalog("shop", 1, 180000, "UTF8", "C", tables)


def table(name: str, *columns: Column, **more: object) -> Table:
    return Table("public", name, columns, **more)  # type: ignore[arg-type]


def classes(proposals: Proposals) -> dict[str, str]:
    return {
        f"{item.table.removeprefix('public.')}.{item.column}": item.data_class for item in proposals.items
    }


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("email", "person.email"),
        ("email_2", "person.email"),
        ("EmailAddress", "person.email"),
        ("unconfirmed_email", "person.email"),
        ("emailaddress", "person.email"),
        ("first_name", "person.first_name"),
        ("vorname", "person.first_name"),
        ("apellido_paterno", "person.last_name"),
        ("contact_name", "person.name"),
        ("fecha_nacimiento", "person.birth_date"),
        ("dob", "person.birth_date"),
        ("social_security_number", "person.national_id"),
        ("codice_fiscale", "person.national_id"),
        ("steuer_id", "person.national_id"),
        ("strasse", "address.street"),
        ("address_line_2", "address.street"),
        ("plz", "address.postal_code"),
        ("ville", "address.city"),
        ("billing_state", "address.region"),
        ("ship_country", "address.country"),
        ("mobile_no", "person.phone"),
        ("fax", "person.phone"),
        ("card_number", "payment.card_number"),
        ("cvv2", "payment.card_code"),
        ("iban", "payment.iban"),
        ("passwd", "credential.password"),
        ("password_hash", "credential.password"),
        ("api_key", "credential.token"),
        ("last_sign_in_ip", "network.ip"),
        ("user_agent", "network.user_agent"),
        ("delivery_notes", "free_text"),
        ("wibble", "free_text"),
        ("company_name", "company.name"),
        ("status", "public"),
        ("email_type", "public"),
        ("phone_verified_status", "public"),
        ("order_state", "public"),
        ("currency_code", "public"),
        ("order_number", "key"),
        ("external_id", "key"),
    ],
)
def test_names_tell_classes(name: str, expected: str) -> None:
    found = discover(catalog(table("customers", column(name))))
    assert classes(found) == {f"customers.{name}": expected}


@pytest.mark.parametrize(
    ("name", "kind", "expected"),
    [
        ("email_verified_at", "timestamp", "public"),
        ("email", "boolean", "public"),
        ("birth_date", "date", "person.birth_date"),
        ("birth_year", "integer", "person.birth_date"),
        ("created_at", "timestamp", "public"),
        ("id", "integer", "key"),
        ("total", "numeric", "public"),
        ("salary", "numeric", "person.income"),
        ("latitude", "float", "address.coordinates"),
        ("preferences", "json", "document"),
        ("resume", "xml", "document"),
        ("photo", "bytea", "person.image"),
        ("blob", "bytea", "binary"),
        ("seen_from", "inet", "network.ip"),
        ("token", "uuid", "credential.token"),
        ("reference", "uuid", "key"),
        ("gender", "enum", "person.gender"),
        ("mood", "enum", "public"),
    ],
)
def test_types_decide_with_names(name: str, kind: TypeKind, expected: str) -> None:
    found = discover(catalog(table("customers", column(name, kind))))
    assert classes(found) == {f"customers.{name}": expected}


def test_a_things_own_words_are_public_where_no_person_stands_behind() -> None:
    found = classes(
        discover(
            catalog(
                table("products", column("name"), column("description"), column("picture", "bytea")),
                table("countries", column("country"), column("name")),
                table("customers", column("name"), column("description"), column("picture", "bytea")),
            )
        )
    )
    assert found == {
        "products.name": "public",
        "products.description": "public",
        "products.picture": "public",
        "countries.country": "public",
        "countries.name": "public",
        "customers.name": "person.name",
        "customers.description": "free_text",
        "customers.picture": "person.image",
    }


def test_payloads_that_depict_a_thing() -> None:
    model = table("productmodel", column("id", "integer"), column("catalog_description", "xml"),
                  column("diagram", "json"), column("data", "json"), column("value", "xml"))  # fmt: skip
    found = classes(discover(catalog(model)))
    assert found == {
        "productmodel.id": "key",
        "productmodel.catalog_description": "public",
        "productmodel.diagram": "public",
        "productmodel.data": "document",
        "productmodel.value": "document",
    }
    beside = table("patients", column("last_name"), column("description", "json"))
    assert classes(discover(catalog(beside)))["patients.description"] == "document"


def test_a_payload_that_names_somebody_depicts_no_thing() -> None:
    model = table("productmodel", column("drawing", "json"))
    samples = {"public.productmodel": {"drawing": [f'{{"by": "ada{n}@web.example"}}' for n in range(30)]}}
    found = discover(catalog(model), lambda _: samples)
    assert classes(found) == {"productmodel.drawing": "document"}


def test_a_comment_does_not_make_a_label_somebodys_name() -> None:
    methods = table("shippingmethod", column("name", comment="Shipping company name."))
    assert classes(discover(catalog(methods))) == {"shippingmethod.name": "public"}
    others = table("shipments", column("who", comment="Shipping company name."))
    assert classes(discover(catalog(others))) == {"shipments.who": "company.name"}


def test_rows_that_belong_to_a_person_make_a_description_free_text() -> None:
    to_customer = ForeignKey("fk", ("customer_id",), "public.customers", ("id",))
    found = classes(
        discover(
            catalog(
                table("customers", column("id", "integer"), column("email")),
                table(
                    "claims",
                    column("customer_id", "integer"),
                    column("description"),
                    foreign_keys=(to_customer,),
                ),
            )
        )
    )
    assert found["claims.description"] == "free_text"
    assert found["claims.customer_id"] == "key"


def test_a_foreign_key_has_the_class_of_what_it_references() -> None:
    own = UniqueKey("pk", ("email",), "primary")
    found = classes(
        discover(
            catalog(
                # The referrers come first and in a chain, so that one pass over them is not enough.
                table("c", column("who"), foreign_keys=(ForeignKey("f2", ("who",), "public.b", ("login",)),)),
                table(
                    "b",
                    column("login"),
                    foreign_keys=(ForeignKey("f1", ("login",), "public.users", ("email",)),),
                ),
                table("users", column("email"), unique_keys=(own,)),
            )
        )
    )
    assert found == {"c.who": "person.email", "b.login": "person.email", "users.email": "person.email"}


def test_partitions_extensions_and_generated_columns_are_left_out() -> None:
    generated = Column(
        "lower_email", ColumnType("text", "text", "text"), 2, generated="stored", default="lower(email)"
    )
    found = discover(
        catalog(
            table("p", column("email"), generated, kind="partitioned"),
            table("p1", column("email"), generated, parent="public.p", root="public.p"),
            table("spatial_ref_sys", column("srtext"), extension="postgis", extension_condition=""),
            table("child", column("email"), column("note"), inherits=("public.p",)),
        )
    )
    assert classes(found) == {"p.email": "person.email", "child.note": "free_text"}


def test_a_comment_helps_where_the_name_does_not() -> None:
    found = discover(
        catalog(
            table("t", column("x1", comment="Date of birth"), column("x2", comment="E-mail address. Or not."))
        )
    )
    assert classes(found) == {"t.x1": "person.birth_date", "t.x2": "person.email"}


def sampled(values: Sequence[str | None], name: str = "wibble", kind: TypeKind = "text") -> Proposal:
    def sampler(tables: Sequence[Table]) -> Mapping[str, Sample]:
        return {found.key: {name: values} for found in tables}

    return discover(catalog(table("things", column(name, kind))), sampler).items[0]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("ada.{}@example.org", "person.email"),
        ("https://example.org/{}", "network.url"),
        ("192.0.2.{}", "network.ip"),
        ("2001:db8::{}", "network.ip"),
        ("4b3e2a10-0000-4000-8000-0000000000{}", "key"),
        ("+44 20 7946 00{}", "person.phone"),
        ("00:1B:44:11:3A:{}", "network.mac"),
        ("$2b$12$abcdefghijklmnopqrstuv{}", "credential.password"),
    ],
)
def test_sampled_values_tell_formats(value: str, expected: str) -> None:
    found = sampled([value.format(number) for number in range(10, 60)] + [None, ""])
    assert found.data_class == expected


def test_check_digits_tell_cards_and_ibans() -> None:
    assert (
        sampled(["4111 1111 1111 1111", "5500005555555559", "340000000000009"] * 3).data_class
        == "payment.card_number"
    )
    assert (
        sampled(["4111 1111 1111 1112", "5500005555555558", "340000000000008"] * 3).data_class == "free_text"
    )
    assert sampled(["GB82 WEST 1234 5698 7654 32", "DE89370400440532013000"] * 3).data_class == "payment.iban"
    assert sampled(["GB82 WEST 1234 5698 7654 33", "DE89370400440532013001"] * 3).data_class == "free_text"


def test_a_few_values_that_repeat_are_a_label() -> None:
    assert sampled(["red", "green", "blue"] * 20).data_class == "public"
    assert sampled([f"word {number}" for number in range(60)]).data_class == "free_text"
    assert sampled(["red", "green", "blue"]).data_class == "free_text"


def test_values_outrank_a_harmless_name() -> None:
    assert sampled(["ada@example.org"] * 10, name="status").data_class == "person.email"
    mixed = ["call ada@example.org", "nothing", "later", "never"] * 5
    assert sampled(mixed, name="status").data_class == "free_text"


def test_reasons_hold_no_value() -> None:
    found = sampled([f"ada{number}@example.org" for number in range(10)])
    assert found.reasons == ("100 % of sampled values have its format",)
