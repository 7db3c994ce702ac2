"""Requests made by grammar, each part mostly clean, and then sometimes spoilt byte by byte."""

import random
from collections.abc import Callable

# The last request of every case is clean and asks for the connection to be closed: readers that agree about where the
# case ends close it, and nobody has to wait.
LAST = b"GET /v1/last/%d HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n"

JUNK = ["\0", "\x01", "\t", " ", "\x7f", "\x80", "\xff", "\r", "\n", ":", ";", ",", '"', "%", "#", "\x0b", "0", "x"]
METHODS = ["get", "HEAD", "OPTIONS", "PUT", "CONNECT", "TRACE", "BREW", "G(T", "", "PROPFIND", "DELETE", "PATCH"]
VERSIONS = ["HTTP/1.0", "HTTP/0.9", "HTTP/1.2", "HTTP/2.0", "http/1.1", "RTSP/1.0", "HTTP/1.1 ", "HTTP/1", "", "HTTP/11"]
TARGETS = ["*", "/", "http://t/v1/x", "http://other/v1/x", "/v1/a/../b", "/v1/%2e", "/v1/a b", "//", "/v1/a#b",
           "/v1/\x80", "t:443", "", "/v1/x?x=%zz", "/v1/x?a=[]", "/v1/%2f", "/v1/x;y=z"]
NAMES = ["Host", "X-A", "x-b", "Accept", "Connection", "Content-Type", "Expect", "Upgrade", "Authorization", "TE",
         "Trailer", "Cookie", "Content_Length", "transfer_encoding", "X-Forwarded-Host"]
VALUES = {
    "Connection": ["close", "keep-alive", "upgrade", "x", "close, x", "", "keep-alive, close", ",", "host",
                   "transfer-encoding", "content-length"],
    "Expect": ["100-continue", "foo", ""],
    "Upgrade": ["h2c", "websocket"],
    "Host": ["t", "t:80", "a, b", "", "u@h", "t\x80"],
    "Trailer": ["Content-Length", "x"],
}
PLAIN_VALUES = ["a", "", "a b", "a\tb", "caf\xe9", "\x80\xff", "v" * 200]
CODINGS = ["Chunked", "chunked ", "\tchunked", "gzip, chunked", "identity", "chunked, chunked", "x", "",
           "\x0bchunked", "chunked;q=1", "chunked,", "chunked\x80", '"chunked"']
EXTENSIONS = [";a", ";a=b", ';a="b"', ";", ";;", ";a=", ";=b", "; a", " ;a", ';a="b', ';a="\\""', ";a\nb", ";a\rb",
              ";a b", ";a=\x80", ';a="\x80"', ";\t", ";a=b;c=d", ";a=" + "b" * 40]
TRAILERS = ["Content-Length: 3", "Transfer-Encoding: chunked", "X: a", "Host: other", "Checksum: \x80", "X : a", ": a"]


class Maker:
    """Makes cases from a seed; the same seed makes the same cases."""

    def __init__(self, seed: int):
        self.random = random.Random(seed)
        self.number = 0
        self.rarity = 1  # the larger, the cleaner

    def case(self) -> bytes:
        """One to three requests, sometimes spoilt, and the last one."""
        self.number += 1
        self.rarity = self.random.choice([1, 3, 10])
        text = "".join(self._request(index) for index in range(self.random.randint(1, 3)))
        made = text.encode("latin-1")
        if self.random.randrange(4) == 0:
            made = self._spoilt(made)
        return made + LAST % self.number

    def _is_odd(self, chances: int) -> bool:
        return self.random.randrange(chances * self.rarity) == 0

    def _usually(self, usual: str, otherwise: list[str], chances: int = 10) -> str:
        return self.random.choice(otherwise) if self._is_odd(chances) else usual

    def _line_end(self) -> str:
        return self._usually("\r\n", ["\n", "\r", "\r\r\n", "\n\r", "\r\n\r\n", " \r\n", ""], 60)

    def _request(self, index: int) -> str:
        before = self._usually("", ["\r\n", "\n", "\r\n\r\n", "\r", " ", "\r\n "], 15)
        host = "" if self._is_odd(25) else "Host: t" + self._line_end()
        fields = "".join(self._field() for _ in range(self.random.randint(0, 3)))
        framing, body = self.random.choice([self._without_body, self._with_length, self._with_chunks])()
        return before + self._request_line(index) + host + fields + framing + self._line_end() + body

    def _request_line(self, index: int) -> str:
        method = self._usually(self.random.choice(["GET", "POST"]), METHODS)
        target = self._usually(f"/v1/case/{self.number}/{index}", TARGETS)
        spaces = [self._usually(" ", ["  ", "\t", "", " \t"], 40) for _ in range(2)]
        return method + spaces[0] + target + spaces[1] + self._usually("HTTP/1.1", VERSIONS) + self._line_end()

    def _field(self) -> str:
        name = self.random.choice(NAMES)
        value = self.random.choice(VALUES.get(name, PLAIN_VALUES))
        colon = self._usually(": ", [" :", ":", ":\t", ": \t ", "", "::", ":\r\n "], 30)
        return name + colon + value + self._usually("", [" ", "\t", "\r", *JUNK], 30) + self._line_end()

    def _without_body(self) -> tuple[str, str]:
        return "", ""

    def _with_length(self) -> tuple[str, str]:
        count = self.random.randrange(12)
        lines = ["Content-Length: " + self._length(count)]
        if self._is_odd(12):
            lines.append(self.random.choice(["Content-Length: " + self._length(count), "Transfer-Encoding: chunked"]))
        return "".join(line + self._line_end() for line in lines), "b" * count

    def _length(self, count: int) -> str:
        odd = [f"+{count}", f"-{count}", f"0{count}", f"{count}, {count}", f"{count} ", f" {count}", f"0x{count}", "",
               "9223372036854775808", "18446744073709551616", f"{count}a", f"{count}\xb2", "1e1"]
        return self._usually(str(count), odd)

    def _with_chunks(self) -> tuple[str, str]:
        lines = ["Transfer-Encoding: " + self._usually("chunked", CODINGS, 8)]
        if self._is_odd(15):
            lines.append("Content-Length: " + self._length(3))
        chunks = "".join(self._chunk() for _ in range(self.random.randrange(4)))
        return "".join(line + self._line_end() for line in lines), chunks + self._last_chunk()

    def _chunk(self) -> str:
        data = "d" * self.random.randint(1, 20)
        extension = self.random.choice(EXTENSIONS) if self._is_odd(6) else ""
        end = self._usually("\r\n", ["", "\n", "\r", "x\r\n"], 30)
        return self._size(len(data)) + extension + self._line_end() + data + end

    def _size(self, count: int) -> str:
        digits = f"{count:x}"
        odd = ["0x" + digits, "+" + digits, "-" + digits, " " + digits, digits + " ", digits + "\t", "0000" + digits,
               "0" * 17 + digits, "f" * 16, "7" + "f" * 15, "1" + "0" * 16, "", digits.upper(), digits + "g",
               digits + "\0", "_" + digits]
        return self._usually(digits, odd)

    def _last_chunk(self) -> str:
        if self._is_odd(20):
            return ""
        trailers = [self.random.choice(TRAILERS) for _ in range(self.random.choice([0, 0, 0, 0, 1, 2]))]
        lines = [self._usually("0", ["00", "0 ", "0;a"])] + trailers + [""]
        return "".join(line + self._line_end() for line in lines)

    def _spoilt(self, made: bytes) -> bytes:
        spoilt = bytearray(made)
        for _ in range(self.random.randint(1, 3)):
            self.random.choice(SPOILING)(self.random, spoilt, self.random.randrange(len(spoilt)))
        return bytes(spoilt)


def _flip(chance: random.Random, made: bytearray, at: int) -> None:
    made[at] ^= 1 << chance.randrange(8)


def _insert(chance: random.Random, made: bytearray, at: int) -> None:
    made[at:at] = chance.choice(JUNK).encode("latin-1")


def _replace(chance: random.Random, made: bytearray, at: int) -> None:
    made[at] = chance.randrange(256)


def _remove(_: random.Random, made: bytearray, at: int) -> None:
    if len(made) > 1:
        del made[at]


def _repeat(chance: random.Random, made: bytearray, at: int) -> None:
    made[at:at] = made[at : at + chance.randint(1, 20)]


SPOILING: list[Callable[[random.Random, bytearray, int], None]] = [_flip, _insert, _replace, _remove, _repeat]
