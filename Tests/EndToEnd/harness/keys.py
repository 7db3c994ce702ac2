"""Steelyard keys, made by an implementation of the format that is not Steelyard's."""

import hashlib
import secrets
import string
import zlib
from typing import Any, NamedTuple

BASE62 = string.digits + string.ascii_uppercase + string.ascii_lowercase


class Key(NamedTuple):
    """A key and its entry in proxy.yaml."""

    text: str
    id: str

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.text.encode()).hexdigest()

    def entry(self, **more: Any) -> dict[str, Any]:
        """Its entry in `keys` of a team."""
        return {"id": self.id, "sha256": self.sha256} | more

    @property
    def headers(self) -> dict[str, str]:
        """The header with which a client sends it."""
        return bearer(self.text)


def bearer(key: str) -> dict[str, str]:
    return {"authorization": f"Bearer {key}"}


def new_key() -> Key:
    """`sy_`, 8 characters that are public, `_`, 43 that are secret, and 6 of checksum over all before."""
    public, secret = ("".join(secrets.choice(BASE62) for _ in range(length)) for length in (8, 43))
    body = f"sy_{public}_{secret}"
    return Key(body + checksum(body), public)


def checksum(body: str) -> str:
    """CRC-32 (ISO-HDLC, as in zlib) in six digits of base 62."""
    number, digits = zlib.crc32(body.encode()), ""
    for _ in range(6):
        number, digit = divmod(number, 62)
        digits = BASE62[digit] + digits
    return digits


def fingerprint(key: str) -> str:
    """An entry of `provider_keys`."""
    return f"sha256:{hashlib.sha256(key.encode()).hexdigest()}"


def credential(key: str) -> str:
    """How the provider's witness log shows an `authorization` with this key: 64-bit FNV-1a in hexadecimal digits."""
    value = 0xCBF29CE484222325
    for byte in bearer(key)["authorization"].encode():
        value = (value ^ byte) * 0x100000001B3 % (1 << 64)
    return f"{value:x}"
