"""Encrypted connections, with certificates made here, where a server with TLS is installed."""

from __future__ import annotations

import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from support.pipeline import take

from datamask.db.clients import Client, installed_clients, speaks_tls
from datamask.db.conninfo import build_conninfo
from datamask.db.embedded_place import current_runner
from datamask.db.psql_pipe import PsqlPipe
from datamask.db.session import connect
from datamask.errors import DatabaseError

pytestmark = pytest.mark.slow

ENCRYPTED = "SELECT ssl, version FROM pg_stat_ssl WHERE pid = pg_backend_pid()"


@dataclass(frozen=True)
class Secured:
    """A running server that takes no connection but an encrypted one.

    :param folder: with ``ca.pem``, ``other-ca.pem``, ``client.pem`` and ``client.key``.
    """

    folder: Path
    port: int
    psql: Client

    def url(self, **more: str) -> str:
        """The address of its database."""
        return build_conninfo(
            {"host": "127.0.0.1", "port": str(self.port), "user": "postgres", "dbname": "postgres", **more}
        )


def with_tls() -> Client | None:
    """The psql beside a server that speaks TLS."""
    for client in installed_clients("psql"):
        if (client.path.resolve().parent / "postgres").exists() and speaks_tls(client.path):
            return client
    return None


def authority(folder: Path, name: str) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    key = ec.generate_private_key(ec.SECP256R1())
    made = certificate(name, key, None, key)
    (folder / f"{name}.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    return made, key


def certificate(
    name: str,
    key: ec.EllipticCurvePrivateKey,
    issuer: x509.Certificate | None,
    signer: ec.EllipticCurvePrivateKey,
) -> x509.Certificate:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.subject if issuer is not None else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
    )
    return builder.sign(signer, hashes.SHA256())


def issue(
    folder: Path, name: str, subject: str, by: tuple[x509.Certificate, ec.EllipticCurvePrivateKey]
) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    (folder / f"{name}.pem").write_bytes(
        certificate(subject, key, *by).public_bytes(serialization.Encoding.PEM)
    )
    private = folder / f"{name}.key"
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    private.chmod(0o600)


@pytest.fixture(scope="module")
def secured() -> Iterator[Secured]:
    psql = with_tls()
    if psql is None:
        pytest.skip("no PostgreSQL server with TLS is installed")
    folder = Path(tempfile.mkdtemp(prefix="datamask-test-"))
    folder.chmod(0o755)
    ours = authority(folder, "ca")
    authority(folder, "other-ca")
    issue(folder, "server", "localhost", ours)
    issue(folder, "client", "postgres", ours)
    programs = psql.path.resolve().parent
    runner = current_runner()
    runner.make_private(folder / "run")
    data = folder / "run" / "data"
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    if runner.user is not None:
        shutil.chown(folder / "server.key", runner.user.pw_uid)
    options = (
        f"-p {port} -c unix_socket_directories='' -c listen_addresses=127.0.0.1 -c ssl=on -c fsync=off"
        f" -c ssl_ca_file={folder}/ca.pem -c ssl_cert_file={folder}/server.pem -c ssl_key_file={folder}/server.key"
    )
    try:
        for command in (
            (programs / "initdb", "-D", data, "-U", "postgres", "--locale=C", "--no-sync"),
            ("sh", "-c", f"echo 'hostssl all all 127.0.0.1/32 cert' > {data}/pg_hba.conf"),
            (programs / "pg_ctl", "-D", data, "-w", "-l", folder / "run" / "log", "-o", options, "start"),
        ):
            status, output = runner.run(tuple(map(str, command)), 60)
            assert status == 0, output
        yield Secured(folder, port, psql)
    finally:
        runner.run((str(programs / "pg_ctl"), "-D", str(data), "-m", "immediate", "stop"), 60)
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def certificates(secured: Secured) -> dict[str, str]:
    return {
        "sslmode": "verify-full",
        "host": "localhost",
        "hostaddr": "127.0.0.1",
        "sslrootcert": str(secured.folder / "ca.pem"),
        "sslcert": str(secured.folder / "client.pem"),
        "sslkey": str(secured.folder / "client.key"),
    }


def test_every_session_is_encrypted_and_knows_the_server(secured, certificates):
    url = secured.url(**certificates)
    with connect(url, read_only=True) as session:
        assert session.row(ENCRYPTED) == (True, "TLSv1.3")
        url = session.reached(url)
    pipe = PsqlPipe(secured.psql, url)
    try:
        assert list(pipe.read(f"COPY ({ENCRYPTED}) TO STDOUT", block_bytes=1 << 16)) == [b"t\tTLSv1.3\n"]
    finally:
        pipe.close()


def test_certificates_in_variables_and_relative_files(secured, certificates, monkeypatch):
    monkeypatch.chdir(secured.folder)
    with connect(
        secured.url(**{**certificates, "sslrootcert": "ca.pem", "sslkey": "./client.key"})
    ) as session:
        assert session.row(ENCRYPTED) == (True, "TLSv1.3")
    for key, name in (("sslmode", "PGSSLMODE"), ("sslrootcert", "PGSSLROOTCERT"), ("sslcert", "PGSSLCERT"),
                      ("sslkey", "PGSSLKEY")):  # fmt: skip
        monkeypatch.setenv(name, certificates[key])
    with connect(secured.url(host="localhost", hostaddr="127.0.0.1")) as session:
        assert session.row(ENCRYPTED) == (True, "TLSv1.3")


def test_a_snapshot_over_tls(secured, certificates, tmp_path):
    url = secured.url(**certificates)
    with connect(url) as session:
        session.script("CREATE TABLE IF NOT EXISTS public.t AS SELECT generate_series(1, 10) AS n")
    assert [table.rows for table in take(url, tmp_path).tables] == [10]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"sslrootcert": "other-ca.pem"}, "the encrypted connection could not be set up"),
        ({"host": "elsewhere"}, "the encrypted connection could not be set up"),
        ({"sslrootcert": "nowhere.pem"}, "a file of its certificates cannot be used"),
        ({"sslmode": "disable"}, "pg_hba.conf does not let this user connect from here"),
    ],
)
def test_what_does_not_hold_is_refused_and_said(secured, certificates, change, said):
    more = {**certificates, **change}
    if "sslrootcert" in change:
        more["sslrootcert"] = str(secured.folder / change["sslrootcert"])
    with pytest.raises(DatabaseError) as caught:
        connect(secured.url(**more))
    assert said in caught.value.message


def test_a_key_that_others_can_read_is_refused(secured, certificates, tmp_path):
    key = tmp_path / "client.key"
    shutil.copy(certificates["sslkey"], key)
    subprocess.run(["chmod", "644", key], check=True)
    with pytest.raises(DatabaseError, match="a file of its certificates cannot be used"):
        connect(secured.url(**{**certificates, "sslkey": str(key)}))
