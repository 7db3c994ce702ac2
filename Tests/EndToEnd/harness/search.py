"""Looks for secrets in all output, in every usual encoding of bytes."""

import base64
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import quote

# A piece of this length reveals a secret; a shorter one may be chance.
PIECE = 12


def pieces(secret: bytes) -> Iterator[bytes]:
    """Overlapping pieces: any text with 23 or more bytes of the secret contains at least one of them."""
    yield secret
    for start in range(0, len(secret) - PIECE + 1, PIECE):
        yield secret[start : start + PIECE]


def base64_forms(secret: bytes) -> Iterator[bytes]:
    """Base64 of anything that contains the secret contains one of these.

    There are three ways to fall into groups of three bytes; characters at either end depend on the neighbours too.
    """
    for offset in range(3):
        text = base64.b64encode(bytes(offset) + secret)
        inner = text[(offset * 8 + 5) // 6 : (offset + len(secret)) * 8 // 6]
        yield inner
        yield inner.translate(bytes.maketrans(b"+/", b"-_"))


def forms(secret: str) -> set[bytes]:
    """The patterns to look for, for one secret."""
    plain = secret.encode()
    found = set(pieces(plain))
    found |= {part for form in base64_forms(plain) for part in pieces(form)}
    for text in (plain.hex(), plain.hex().upper(), "".join(f"%{byte:02X}" for byte in plain)):
        found |= set(pieces(text.encode()))
    found.add(quote(secret, safe="").encode())
    return found


def betrayals(artefacts: dict[str, bytes], secrets: dict[str, str]) -> list[str]:
    """Which secret appears in which artefact; never the secret itself."""
    return [
        f"{name} in {where}: {len(form)} bytes beginning with {form[:3]!r}"
        for name, secret in secrets.items()
        for form in sorted(forms(secret))
        for where, content in artefacts.items()
        if form in content
    ]


def files_below(folder: Path, but: Iterable[Path] = ()) -> dict[str, bytes]:
    """The content of all files in a folder and its folders."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path not in set(but)
    }
