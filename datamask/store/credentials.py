"""Where the credentials for S3 come from: the variables and files that every AWS tool reads, in their order.

obstore reads the variables, web identities and container roles by itself. What is here is what it does not know:
profiles, and that a machine outside of AWS has no metadata service that could be asked.
"""

from __future__ import annotations

import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from datamask.errors import DatamaskError

# Each is enough for obstore to find credentials by itself.
_NATIVE = (
    "AWS_ACCESS_KEY_ID",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_SKIP_SIGNATURE",
)

_METADATA_SERVICE = "http://169.254.169.254"

# Inside of AWS it answers within milliseconds; elsewhere nothing does.
_METADATA_SECONDS = 1.0


def aws_options(environ: Mapping[str, str]) -> dict[str, Any]:
    """What obstore has to be told beyond what it reads from the environment itself.

    :param environ: variables by name.
    :raises DatamaskError: where there are no credentials anywhere.
    """
    options: dict[str, Any] = {}
    endpoint = environ.get("AWS_ENDPOINT_URL_S3")
    if endpoint:
        options["endpoint"] = endpoint
    if not any(environ.get(name) for name in ("AWS_REGION", "AWS_DEFAULT_REGION")):
        options["region"] = "us-east-1"
    if environ.get("AWS_PROFILE") or not any(environ.get(name) for name in _NATIVE):
        options |= _from_profile(environ)
    return options


def _from_profile(environ: Mapping[str, str]) -> dict[str, Any]:
    file = Path(environ.get("AWS_SHARED_CREDENTIALS_FILE") or Path.home() / ".aws" / "credentials")
    config = Path(environ.get("AWS_CONFIG_FILE") or Path.home() / ".aws" / "config")
    if not environ.get("AWS_PROFILE") and not file.is_file() and not config.is_file():
        _require_metadata_service(environ)
        return {}
    try:
        from boto3 import Session
        from obstore.auth.boto3 import Boto3CredentialProvider
    except ImportError:
        raise DatamaskError(
            "reading an AWS profile needs the package boto3, which is not installed",
            hint="pip install boto3, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
        ) from None
    try:
        session = Session(profile_name=environ.get("AWS_PROFILE"))
        if session.get_credentials() is None:
            raise _no_credentials()
        region = {"region": session.region_name} if session.region_name else {}
        return {"credential_provider": Boto3CredentialProvider(session), **region}
    except DatamaskError:
        raise
    except Exception as error:
        # Profiles can name programs and roles; what these say is not repeated.
        raise DatamaskError(
            f"the AWS profile {environ.get('AWS_PROFILE') or 'default'} gives no credentials ({type(error).__name__})",
            hint="`aws sts get-caller-identity` shows what is wrong with it",
        ) from None


def _require_metadata_service(environ: Mapping[str, str]) -> None:
    if environ.get("AWS_EC2_METADATA_DISABLED", "").lower() == "true":
        raise _no_credentials()
    parts = urlsplit(environ.get("AWS_METADATA_ENDPOINT") or _METADATA_SERVICE)
    try:
        socket.create_connection((parts.hostname, parts.port or 80), _METADATA_SECONDS).close()
    except OSError:
        raise _no_credentials() from None


def _no_credentials() -> DatamaskError:
    return DatamaskError(
        "there are no credentials for the store",
        hint="set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE; on AWS, give the machine a role",
    )
