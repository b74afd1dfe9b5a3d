"""What a bucket's errors are turned into: the cause and what to do, and nothing of what servers say back."""

from __future__ import annotations

import pytest

from datamask.errors import DatamaskError
from datamask.store.bucket_errors import missing_object, translate

BODY = "<Error><Code>{}</Code><Message>AKIASECRET</Message><StringToSign>topsecret</StringToSign></Error>"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (BODY.format("SignatureDoesNotMatch"), "the credentials are not accepted"),
        (BODY.format("InvalidAccessKeyId"), "the credentials are not accepted"),
        (BODY.format("ExpiredToken"), "the credentials are not accepted"),
        (BODY.format("AccessDenied"), "the credentials do not allow it"),
        ("Client error with status 403 Forbidden: AKIASECRET", "the credentials do not allow it"),
        (BODY.format("NoSuchBucket"), "there is no such bucket"),
        (BODY.format("NotImplemented"), "the server lacks a request that datamask needs"),
        (BODY.format("PermanentRedirect"), "the bucket is in another region"),
        (BODY.format("SlowDown"), "the server is too busy"),
        (BODY.format("XMinioStorageFull"), "the server has no space left"),
        ("error sending request for url (http://topsecret)", "the server cannot be reached"),
        ("HTTP error: request or response body error: topsecret", "the server cannot be reached"),
        ("error sending request for url (http://127.0.0.1:50713)", "the server cannot be reached"),
        ("error sending request for url (http://127.0.0.1:42907)", "the server cannot be reached"),
        ("URL scheme is not allowed", "the endpoint is not encrypted"),
        ("invalid peer certificate: UnknownIssuer", "the encrypted connection could not be set up"),
        ("Error performing PUT http://169.254.169.254/latest/api/token", "there are no credentials"),
        (BODY.format("SomethingNew"), "the server refuses (Exception SomethingNew)"),
        ("topsecret words that nobody knows", "the server refuses (Exception)"),
    ],
)
def test_a_cause_is_named_and_nothing_is_quoted(text, said):
    problem = translate(Exception(text), "read", "s3://bucket/p")
    assert isinstance(problem, DatamaskError)
    assert problem.message.startswith(f"cannot read the store at s3://bucket/p: {said}")
    assert "topsecret" not in f"{problem.message}{problem.hint}"
    assert "AKIASECRET" not in f"{problem.message}{problem.hint}"


def test_a_missing_object_is_not_a_missing_bucket():
    assert missing_object(FileNotFoundError("Object at location x not found"))
    assert not missing_object(FileNotFoundError(BODY.format("NoSuchBucket")))
    assert not missing_object(Exception("Object at location x not found"))
