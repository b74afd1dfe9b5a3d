"""What must hold on a target's server before anything is written there."""

from __future__ import annotations

from collections.abc import Mapping

from datamask.errors import RefusedError
from datamask.load.server import DatabaseInfo, Server
from datamask.snapshot.manifest import Manifest


def check_rights(server: Server, target: DatabaseInfo | None) -> None:
    """Refuse where the role cannot create the new database or rename the old one.

    :raises RefusedError: naming the right that is missing.
    """
    user, superuser, may_create = server.session.rows(
        "SELECT rolname, rolsuper, rolcreatedb FROM pg_catalog.pg_roles WHERE rolname = current_user"
    )[0]
    if not server.aside:
        raise RefusedError(
            f"role {user} may connect to no other database of the server, and a database cannot be replaced from inside",
            hint=f"GRANT CONNECT ON DATABASE postgres TO {user}",
        )
    if superuser:
        return
    if not may_create:
        raise RefusedError(
            f"role {user} may not create databases on the target's server, and a load builds a new one "
            "before it replaces the old one",
            hint=f"ALTER ROLE {user} CREATEDB",
        )
    if target is not None:
        owns = server.session.value(
            "SELECT pg_catalog.pg_has_role(datdba, 'USAGE') FROM pg_catalog.pg_database WHERE oid = %s",
            [target.oid],
        )
        if not owns:
            raise RefusedError(
                f"database {target.name} belongs to role {target.owner}, and role {user} may not rename it",
                hint=f"GRANT {target.owner} TO {user}, or ALTER DATABASE {target.name} OWNER TO {user}",
            )


def check_attachments(server: Server, target: DatabaseInfo | None) -> None:
    """Refuse where something is tied to the target database that a swap would break or that would block it.

    :raises RefusedError: naming it.
    """
    if target is None:
        return
    for what, hint, sql in (
        (
            "replication slot",
            "drop the slot, or take the database out of replication first",
            "SELECT slot_name FROM pg_catalog.pg_replication_slots WHERE database = %s",
        ),
        (
            "prepared transaction",
            "COMMIT PREPARED or ROLLBACK PREPARED it",
            "SELECT gid FROM pg_catalog.pg_prepared_xacts WHERE database = %s",
        ),
        (
            "subscription",
            "drop the subscription first",
            "SELECT s.subname FROM pg_catalog.pg_subscription s"
            " JOIN pg_catalog.pg_database d ON d.oid = s.subdbid WHERE d.datname = %s",
        ),
    ):
        names = [str(row[0]) for row in server.session.rows(sql, [target.name])]
        if names:
            raise RefusedError(
                f"database {target.name} has the {what}{'s' if len(names) > 1 else ''} {', '.join(names)}",
                hint=hint,
            )


def check_extensions(server: Server, manifest: Manifest, declared: Mapping[str, str]) -> list[str]:
    """Refuse where the server lacks an extension that the snapshot's schema needs, or has not the declared version.

    :param declared: versions, or their beginnings, by the extension's name.

    :returns: a sentence for each that will have another version than at the source.
    :raises RefusedError: naming the missing extensions.
    """
    available = dict(
        server.session.rows("SELECT name, default_version FROM pg_catalog.pg_available_extensions")
    )
    missing = [extension.name for extension in manifest.extensions if extension.name not in available]
    if missing:
        raise RefusedError(
            f"the target's server does not have the extension{'s' if len(missing) > 1 else ''} "
            f"{', '.join(missing)} that the snapshot needs",
            hint="install the package of the extension on the target's server",
        )
    for name, version in declared.items():
        found = available.get(name)
        if found is None or not f"{found}.".startswith(f"{version}."):
            raise RefusedError(
                f"the environment declares extension {name} {version}, and its server has {found or 'none'}",
                hint=f"install {name} {version} on the target's server, or change extensions.{name} in datamask.yaml",
            )
    return [
        f"extension {extension.name} is {extension.version} at the source and will be "
        f"{available[extension.name]} in the target"
        for extension in manifest.extensions
        if available[extension.name] != extension.version
    ]
