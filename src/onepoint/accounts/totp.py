"""Time-based one-time codes (RFC 6238) as every authenticator app makes them: six digits, half a minute, SHA-1."""

import base64
import hmac
import secrets
from datetime import datetime
from hashlib import sha1
from urllib.parse import quote, urlencode

import qrcode
from qrcode.image.svg import SvgPathImage

PERIOD = 30  # seconds
DIGITS = 6
#: Steps before and after the present one that are accepted too: clocks of telephones go wrong by seconds.
TOLERANCE = 1


def new_secret() -> str:
    """160 random bits, as the standard recommends, in the letters apps take by hand."""
    return base64.b32encode(secrets.token_bytes(20)).decode()


def step_at(moment: datetime) -> int:
    return int(moment.timestamp()) // PERIOD


def code_at(secret: str, step: int) -> str:
    """The code of one half minute."""
    mac = hmac.new(base64.b32decode(secret), step.to_bytes(8, "big"), sha1).digest()
    at = mac[-1] & 0x0F
    number = int.from_bytes(mac[at : at + 4], "big") & 0x7FFFFFFF
    return f"{number % 10**DIGITS:0{DIGITS}}"


def find_step(secret: str, code: str, moment: datetime) -> int | None:
    """The step around ``moment`` whose code this is, or None."""
    now = step_at(moment)
    steps = range(now - TOLERANCE, now + TOLERANCE + 1)
    found = [step for step in steps if hmac.compare_digest(code_at(secret, step).encode(), code.encode())]
    return found[-1] if found else None


def address_of(secret: str, *, account: str, issuer: str) -> str:
    """What the picture says to the app."""
    label = quote(f"{issuer}:{account}")
    return f"otpauth://totp/{label}?{urlencode({'secret': secret, 'issuer': issuer}, quote_via=quote)}"


def picture_of(address: str) -> str:
    """The QR code as the address of a picture: nothing is fetched, and the content policy lets it through."""
    picture = qrcode.make(address, image_factory=SvgPathImage, box_size=12, border=2)
    return f"data:image/svg+xml;base64,{base64.b64encode(picture.to_string()).decode()}"
