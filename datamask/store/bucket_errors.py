"""What a bucket's errors mean, and what to do about them.

The library's own texts quote requests, and what servers say back can repeat parts of credentials: only words that are
known to be safe leave this module.
"""

from __future__ import annotations

import re

from datamask.errors import DatamaskError

_CODE = re.compile(r"<Code>\s*(\w{1,60})\s*</Code>")

# (pattern of the library's text, what it means, what to do)
_PROBLEMS: tuple[tuple[re.Pattern[str], str, str], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE | re.DOTALL), what, hint)
    for pattern, what, hint in (
        (
            r"NoSuchBucket|ContainerNotFound|bucket does not exist|container does not exist",
            "there is no such bucket",
            "check `store` in datamask.yaml, or create the bucket: datamask makes none",
        ),
        (
            r"InvalidAccessKeyId|SignatureDoesNotMatch|InvalidToken|ExpiredToken|TokenRefreshRequired|"
            r"AuthenticationFailed|401 Unauthorized|UnauthenticatedError",
            "the credentials are not accepted",
            "check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, the profile or the role, and the machine's clock",
        ),
        (
            r"AccessDenied|PermissionDenied|AuthorizationFailure|403 Forbidden|AllAccessDisabled",
            "the credentials do not allow it",
            "they need to list the bucket, and to get, put and delete objects below the prefix",
        ),
        (
            r"169\.254\.169\.254|metadata\.google|instance metadata|no credentials|missing credentials|"
            r"fetching (?:token|credentials)|account must be set|AccountNotSpecified|MissingAccount",
            "there are no credentials for the store",
            "set them in the environment (AWS_ACCESS_KEY_ID, GOOGLE_APPLICATION_CREDENTIALS, "
            "AZURE_STORAGE_ACCOUNT_NAME …), or give the machine a role",
        ),
        (
            r"NotImplemented|not supported|NotSupported",
            "the server lacks a request that datamask needs",
            "it must know conditional writes (If-None-Match), as S3, MinIO, R2, GCS and Azure do",
        ),
        (
            r"PermanentRedirect|AuthorizationHeaderMalformed|IllegalLocationConstraint|redirect",
            "the bucket is in another region",
            "set AWS_REGION to the bucket's region",
        ),
        (
            r"SlowDown|TooManyRequests|503 Service|\b429\b|ServerBusy",
            "the server is too busy",
            "run again later, or with fewer --workers",
        ),
        (
            r"QuotaExceeded|InsufficientStorage|XMinioStorageFull|\b507\b",
            "the server has no space left",
            "free space there: datamask snapshots prune",
        ),
        (
            r"URL scheme is not allowed|allow_http",
            "the endpoint is not encrypted",
            "use https, or name the endpoint in AWS_ENDPOINT_URL",
        ),
        (
            r"certificate|tls|handshake",
            "the encrypted connection could not be set up",
            "a private certificate authority is named by AWS_CA_BUNDLE",
        ),
        (
            r"connect|dns|timed out|timeout|error sending request|HTTP error|request or response body|reset|refused",
            "the server cannot be reached, or the connection broke",
            "check the network and AWS_ENDPOINT_URL, and run again",
        ),
    )
)


def translate(error: Exception, verb: str, url: str) -> DatamaskError:
    """The error of a request.

    :param verb: what was being done, as in ``cannot read the store at s3://…``.
    """
    text = f"{type(error).__name__} {error}"
    code = _CODE.search(text)
    for pattern, what, hint in _PROBLEMS:
        # The server's own code says it best; the rest of what it says may quote anything.
        if pattern.search(code[1] if code else text):
            return DatamaskError(f"cannot {verb} the store at {url}: {what}", hint=hint)
    said = f"{type(error).__name__} {code[1]}" if code else type(error).__name__
    return DatamaskError(f"cannot {verb} the store at {url}: the server refuses ({said})")


def missing_object(error: Exception) -> bool:
    """True where an error says that there is no such object, but its bucket."""
    return isinstance(error, FileNotFoundError) and "NoSuchBucket" not in str(error)
