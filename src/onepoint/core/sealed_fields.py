"""Columns that hold ID numbers and the like: unreadable in the database, and still found by the whole value.

AES-256-GCM with a key derived from the secret key, which lives outside the database. Each value gets its own nonce, so
the same number never looks the same twice; a keyed digest in a column of its own (``fingerprint``) finds it. After a
change of the secret key the old one is named in ``ONEPOINT_OLD_SECRET_KEYS`` until ``./onepoint manage reseal`` has run.
"""

import base64
import hashlib
import hmac
import secrets
from functools import lru_cache
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.core.exceptions import FieldError
from django.db import models

from onepoint.core.sealing import SealBroken, secret_keys

_MARK = "s1:"
_NONCE = 12  # bytes, as the standard has it
#: Hexadecimal digits of a fingerprint.
FINGERPRINT_LENGTH = 40


@lru_cache(maxsize=8)
def _derived(secret_key: str, purpose: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose).derive(secret_key.encode())


@lru_cache(maxsize=8)
def _cipher(secret_key: str) -> AESGCM:
    return AESGCM(_derived(secret_key, b"onepoint sealed columns"))


def seal_text(text: str) -> str:
    """``text`` unreadable; empty stays empty, so that one sees where there is nothing."""
    if not text:
        return ""
    nonce = secrets.token_bytes(_NONCE)
    sealed = nonce + _cipher(settings.SECRET_KEY).encrypt(nonce, text.encode(), None)
    return _MARK + base64.urlsafe_b64encode(sealed).decode()


def is_sealed(stored: str) -> bool:
    return stored.startswith(_MARK)


def unseal_text(stored: str) -> str:
    """What was sealed, under the present key or an old one; what was stored before there were seals as it is.

    Raises SealBroken.
    """
    if not is_sealed(stored):
        return stored
    try:
        sealed = base64.urlsafe_b64decode(stored[len(_MARK) :])
    except ValueError as problem:
        raise SealBroken from problem
    for key in secret_keys():
        try:
            return _cipher(key).decrypt(sealed[:_NONCE], sealed[_NONCE:], None).decode()
        except (InvalidTag, ValueError):
            continue
    raise SealBroken


def fingerprint(text: str) -> str:
    """The keyed digest by which a value is found: the same for the same text, and telling nothing without the key."""
    if not text:
        return ""
    key = _derived(settings.SECRET_KEY, b"onepoint fingerprints")
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()[:FINGERPRINT_LENGTH]


class SealedTextField(models.TextField):
    """A text that only the house itself can read. It can be asked whether it is empty, and for nothing else."""

    def get_prep_value(self, value: Any) -> Any:
        prepared = super().get_prep_value(value)
        return None if prepared is None else seal_text(prepared)

    def from_db_value(self, value: str | None, *_more: Any) -> str | None:
        return None if value is None else unseal_text(value)

    def get_lookup(self, lookup_name: str) -> Any:
        if lookup_name not in ("isnull", "exact", "in"):
            raise FieldError("a sealed column is found by its fingerprint, not by its content")
        return super().get_lookup(lookup_name)
