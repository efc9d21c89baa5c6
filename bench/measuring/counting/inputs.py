"""What clients may send to make a server work: kinds of input that cost it more for each byte than a plain GET."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import cycle

from measuring import servers

MIB = 1 << 20
PIECE = 32 << 10  # of pipelined requests: their responses fit into the buffers of the sockets
RAISED = ("--max-buf-size", "1MiB", "--max-headers", "1000", "--max-body-size", "17MiB")


@dataclass(frozen=True)
class Piece:
    """What is sent at once. The responses to it are read before the next one is sent."""

    data: bytes
    responses: int = 0


Pieces = Iterator[Piece]


@dataclass(frozen=True)
class Kind:
    """A kind of input, as large as wanted."""

    pieces: Callable[[int], Pieces]
    status: int = 200  # of every response
    size: int = MIB // 2  # of what is measured; and twice as much
    flags: tuple[str, ...] = ()


def _pipelined(requests: Iterator[bytes], size: int) -> Pieces:
    while size > 0:
        piece, count = bytearray(), 0
        while len(piece) < min(size, PIECE):
            piece += next(requests)
            count += 1
        yield Piece(bytes(piece), count)
        size -= len(piece)


def _head(line: str, *fields: str) -> bytes:
    return "\r\n".join((f"{line} HTTP/1.1", "Host: h", *fields, "", "")).encode()


def _repeated(line: str, *fields: str) -> Callable[[int], Pieces]:
    return lambda size: _pipelined(cycle([_head(line, *fields)]), size)


def _varied(size: int) -> Pieces:
    heads = (_head(f"GET /plaintext?{number}") for number in range(size))
    return _pipelined(heads, size)


def _body(path: str, content: bytes, content_type: str) -> bytes:
    fields = (f"Content-Type: {content_type}", f"Content-Length: {len(content)}")
    return _head(f"POST {path}", *fields) + content


def _filled(begin: bytes, middle: bytes, end: bytes, size: int) -> bytes:
    return begin + middle * ((size - len(begin) - len(end)) // len(middle)) + end


def _json(begin: bytes, middle: bytes, end: bytes) -> Callable[[int], Pieces]:
    """One text of the size."""

    def pieces(size: int) -> Pieces:
        yield Piece(_body("/echo", _filled(begin, middle, end, size), "application/json"), 1)

    return pieces


def _small_json(middle: bytes) -> Callable[[int], Pieces]:
    """Texts of a KiB."""
    return lambda size: _pipelined(
        cycle([_body("/echo", _filled(b"[", middle, middle.rstrip(b",") + b"]", 1024), "application/json")]), size
    )


def _octets(path: str) -> Callable[[int], Pieces]:
    def pieces(size: int) -> Pieces:
        yield Piece(_body(path, b"x" * size, "application/octet-stream"), 1)

    return pieces


def _chunked(size: int) -> Pieces:
    """One body of chunks of a byte."""
    chunk = b"1\r\nx\r\n"
    yield Piece(_head("POST /echo", "Transfer-Encoding: chunked") + chunk * (size // len(chunk)) + b"0\r\n\r\n", 1)


def _chunk_extensions(size: int) -> Pieces:
    chunk = b"1;" + b"a" * 4000 + b"\r\nx\r\n"
    return _pipelined(cycle([_head("POST /echo", "Transfer-Encoding: chunked") + chunk + b"0\r\n\r\n"]), size)


def _trailers(size: int) -> Pieces:
    trailers = b"".join(b"a%d: %s\r\n" % (number, b"v" * 60) for number in range(98))
    request = _head("POST /echo", "Transfer-Encoding: chunked") + b"1\r\nx\r\n0\r\n" + trailers + b"\r\n"
    return _pipelined(cycle([request]), size)


def _head_in_segments(size: int) -> Pieces:
    """One head, a line in each segment."""
    yield Piece(b"GET /plaintext HTTP/1.1\r\nHost: h\r\n")
    for number in range(size // 1024):
        yield Piece(b"field-%03d: %s\r\n" % (number, b"v" * 1011))
    yield Piece(b"\r\n", 1)


KINDS = {
    "get": Kind(_repeated(f"GET {servers.PATH}")),
    "get-varied": Kind(_varied),
    "welcome": Kind(_repeated("GET /")),
    "not-found": Kind(_repeated("GET /n"), status=404),
    "options": Kind(_repeated("OPTIONS *"), status=204),
    "empty-fields": Kind(_repeated("GET /plaintext", *(f"{chr(97 + i // 26)}{chr(97 + i % 26)}:" for i in range(98)))),
    "connection-commas": Kind(_repeated("GET /plaintext", "Connection: " + "," * 99)),  # more are refused
    "connection-options": Kind(_repeated("GET /plaintext", "Connection: " + "a,".rjust(79, "a") * 99)),
    "percent": Kind(_repeated("GET /" + "%61" * 2480), status=404),
    "dot-segments": Kind(_repeated("GET /" + "a/../" * 1500 + "n"), status=404),
    "single-dots": Kind(_repeated("GET " + "/." * 3800 + "/n"), status=404),
    "nested-dots": Kind(_repeated("GET /" + "a/" * 1300 + "../" * 1300 + "n"), status=404),
    "octets": Kind(_octets("/echo")),
    "octets-dropped": Kind(_octets("/json"), status=405),
    "chunks-of-1": Kind(_chunked),
    "chunk-extensions": Kind(_chunk_extensions),
    "trailers": Kind(_trailers),
    "json-ones": Kind(_json(b"[", b"1,", b"1]")),
    "json-ones-small": Kind(_small_json(b"1,")),
    "json-arrays": Kind(_json(b"[", b"[],", b"[]]")),
    "json-empty-strings": Kind(_json(b"[", b'"",', b'""]')),
    "json-objects": Kind(_json(b"[", b'{"a":1},', b"{}]")),
    "json-nested": Kind(_json(b"[", b"[" * 1000 + b"]" * 1000 + b",", b"1]")),
    "json-text": Kind(_json(b'["', b"a plain text, ", b'"]')),
    "json-escapes": Kind(_json(b'["', b"\\n", b'"]')),
    "json-unicode-escapes": Kind(_json(b'["', b"\\ud83d\\ude00", b'"]')),
    "json-utf8": Kind(_json(b'["', "é".encode(), b'"]')),
    "json-space": Kind(_json(b"[", b" \n", b"1]")),
    "json-number": Kind(_json(b"[", b"1", b"]")),
    "json-literals": Kind(_json(b"[", b"true,", b"null]")),
    "json-fault-at-the-end": Kind(_json(b"[", b"1,", b"x]"), status=400),
    "json-unclosed": Kind(_json(b"[" * 500, b"[],", b""), status=400),
    "raised-head": Kind(_head_in_segments, size=499 << 10, flags=RAISED),
    "raised-json-ones": Kind(_json(b"[", b"1,", b"1]"), size=8 * MIB, flags=RAISED),
    "raised-json-fault": Kind(_json(b"[", b"1,", b"x]"), status=400, size=8 * MIB, flags=RAISED),
}
