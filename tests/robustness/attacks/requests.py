"""The bytes that attackers send."""

from attacks.settings import MIB

GET = b"GET /json HTTP/1.1\r\nHost: h\r\n\r\n"
GET_OF_ROUTER = b"GET / HTTP/1.1\r\nHost: h\r\n\r\n"
SLOW = b"GET /db HTTP/1.1\r\nHost: h\r\n\r\n"  # its database, or the server behind it, never says a word
MALFORMED = b"BREW\x01 / HTTP/1.1\r\nHost: h\r\n\r\n"
CHUNKED = b"POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"


def post(size: int, content_type: str = "application/octet-stream") -> bytes:
    """The head of a request with a body of `size` bytes."""
    head = f"POST /echo HTTP/1.1\r\nHost: h\r\nContent-Type: {content_type}\r\nContent-Length: {size}\r\n\r\n"
    return head.encode()


def upload(size: int) -> bytes:
    return post(size) + bytes(size)


def json_upload(size: int) -> bytes:
    body = b"[" + b"1," * (size // 2 - 2) + b"11]"
    return post(len(body), "application/json") + body


def head_fields(size: int, count: int) -> list[bytes]:
    """The lines of a head of `size` bytes in all, of which `count` are fields beside Host."""
    lines = [b"GET /json HTTP/1.1\r\n", b"Host: h\r\n"]
    each = (size - sum(map(len, lines)) - 2) // count
    for number in range(count):
        name = b"X-%d: " % number
        lines.append(name + b"x" * (each - len(name) - 2) + b"\r\n")
    return [*lines, b"\r\n"]


def half_head(size: int) -> bytes:
    """The first bytes of a head that never ends."""
    return b"".join(head_fields(size + 100, 50))[:size]


ONE_BYTE_CHUNKS = b"1\r\nx\r\n" * 8192
ALMOST_A_BODY = upload(MIB)[:-1]
