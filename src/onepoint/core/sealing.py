"""Secrets that must be read again (passwords of gateways), encrypted before they reach the database.

A stolen backup or a SELECT by somebody curious does not show them. The key is derived from the house's secret key,
which lives outside the database: no second secret to keep, and whoever has both had everything anyway. Fernet
(AES-CBC with HMAC) is used as it is, since it leaves nothing to choose wrongly. After a change of the secret key the old
one is named in ``ONEPOINT_OLD_SECRET_KEYS`` until ``./onepoint manage reseal`` has sealed everything anew.
"""

import base64
import json
from collections.abc import Mapping
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings


class SealBroken(Exception):
    """The text was sealed under another secret key, or was changed."""


@lru_cache(maxsize=4)
def _cipher(secret_key: str) -> Fernet:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"onepoint sealed secrets").derive(
        secret_key.encode()
    )
    return Fernet(base64.urlsafe_b64encode(derived))


def secret_keys() -> list[str]:
    """The key things are sealed with, then those that were sealed with before."""
    return [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]


def seal(secrets: Mapping[str, str]) -> str:
    """The secrets as one unreadable text; empty for none."""
    if not secrets:
        return ""
    return _cipher(settings.SECRET_KEY).encrypt(json.dumps(dict(secrets), sort_keys=True).encode()).decode()


def unseal(sealed: str) -> dict[str, str]:
    """What was sealed. Raises SealBroken."""
    if not sealed:
        return {}
    ciphers = [_cipher(key) for key in secret_keys()]
    try:
        secrets: dict[str, str] = json.loads(MultiFernet(ciphers).decrypt(sealed.encode()))
    except (InvalidToken, ValueError) as problem:
        raise SealBroken from problem
    return secrets
