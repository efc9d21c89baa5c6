"""HTTP/1.0, pipelining and limits."""

from .case import SMUGGLED, Group, Then, case, chunked, get, post, request

HTTP_1_0 = Group(
    "HTTP/1.0",
    (
        case("plain", "9112 9.3: closed", "200 close", request("GET /json HTTP/1.0")),
        case("keep-alive", "9112 9.3: persistent if the server chooses", "200 keep | 200 close", request("GET /json HTTP/1.0", "Connection: keep-alive")),
        case("keep-alive in another case", "9110 7.6.1: options ignore case", "200 keep | 200 close", request("GET /json HTTP/1.0", "Connection: Keep-Alive")),
        case("keep-alive and close", "9112 9.3: close comes first", "200 close", request("GET /json HTTP/1.0", "Connection: keep-alive, close")),
        case("content", "9112 6.3: Content-Length", "200 close", request("POST /echo HTTP/1.0", "Content-Length: 5") + "hello"),
        case("content and keep-alive", "9112 6.3: Content-Length", "200 keep | 200 close", request("POST /echo HTTP/1.0", "Connection: keep-alive", f"Content-Length: {len(SMUGGLED)}") + SMUGGLED),
        case("POST without a length", "9112 6.3: no content; 1945 7.2.2 wants a length", "200 close | 400 close | 411 close", request("POST /echo HTTP/1.0") + "hello"),
        case("HEAD", "9110 9.3.2: no content in the response", "200 close", request("HEAD /json HTTP/1.0")),
        case("absolute form", "9112 3.2.2: a server must accept it", "200 close", "GET http://h/json HTTP/1.0\r\n\r\n"),
        case("half-closed after the request", "9112 9.6: the response is still sent", "200 close", request("GET /json HTTP/1.0"), Then.HALF_CLOSE),
    ),
)

PIPELINING = Group(
    "Pipelining",
    (
        case("two requests", "9112 9.3.2: responses in order", "200 404 keep", get() + SMUGGLED),
        case("sixteen requests", "9112 9.3.2: responses in order", "200 " * 16 + "keep", get() * 16),
        case("HEAD between", "9110 9.3.2: no content in the response", "200 200 404 keep", request("HEAD /json HTTP/1.1") + get() + SMUGGLED),
        case("contents between", "9112 6.3: each to its end", "200 200 404 keep", post("hello", "Content-Length: 5") + chunked("5\r\nhello\r\n0\r\n\r\n") + SMUGGLED),
        case("one missing between", "9110 15.5.5: no reason to close", "200 404 200 keep", get() + SMUGGLED + get()),
        case("method not allowed between", "9110 15.5.6: no reason to close", "405 200 keep | 200 200 keep", request("DELETE /json HTTP/1.1", "Content-Length: 0") + get()),
        case("malformed one afterwards", "9112 9.3.2: nothing after it is processed", "200 400 close", get() + "GET /json HTTP/1.1\r\nHost : h\r\n\r\n"),
        case("malformed content afterwards", "9112 9.3.2: nothing after it is processed", "200 400 close", get() + chunked("x\r\nhello\r\n0\r\n\r\n")),
        case("content after GET that is a request", "9112 6.3: without framing, a request of its own", "200 404 keep", get() + SMUGGLED),
        case("two letters after the content", "9112 6.3: the next request begins there", "200 501 close | 200 400 close | 200 501 keep | 200 405 keep", post("helloXY", "Content-Length: 5")),
        case("empty line after the content", "9112 2.2: ignored", "200 keep", post("hello\r\n", "Content-Length: 5")),
        case("close between", "9112 9.6: nothing after it is processed", "200 200 close", get() + get("Connection: close") + SMUGGLED),
        case("too much content afterwards", "9110 15.5.14: may be closed", "200 413 close", get() + post("", "Content-Length: 1073741824") + SMUGGLED),
        case("expectation that fails afterwards", "9110 15.5.18: may be closed", "200 417 close | 200 200 404 keep", get() + post("hello", "Expect: x", "Content-Length: 5") + SMUGGLED),
        case("half-closed after them", "9112 9.6: the responses are still sent", "200 404 close", get() + SMUGGLED, Then.HALF_CLOSE),
        case("half-closed inside the second", "9112 8: incomplete", "200 400 close | 200 close", get() + "GET /json HTTP", Then.HALF_CLOSE),
        case("one that does not end", "9112 8: the server waits", "200 open", get() + "GET /json HTTP/1.1\r\nHost: h\r\n", Then.SILENCE),
    ),
)

LIMITS = Group(
    "Limits",
    (
        case("request line of 4000 bytes", "9112 3: 8000 are recommended", "404 keep", request(f"GET /{'x' * 3980} HTTP/1.1")),
        case("request line of 8000 bytes", "9112 3: 8000 are recommended", "404 keep", request(f"GET /{'x' * 7984} HTTP/1.1")),
        case("request line of 8001 bytes", "9112 3: 414", "404 keep | 414 close | 400 close", request(f"GET /{'x' * 7985} HTTP/1.1")),
        case("request line of 100,000 bytes", "9112 3: 414", "414 close | 400 close | 431 close | 404 keep", request(f"GET /{'x' * 100000} HTTP/1.1")),
        case("request line without an end", "9112 3: 414", "414 close | 400 close | 431 close", f"GET /{'x' * 100000}", Then.SILENCE),
        case("method of 10,000 bytes", "9112 3: 501, or any 4xx", "501 close | 414 close | 4xx close", request(f"{'X' * 10000} /json HTTP/1.1")),
        case("method without an end", "9112 3: 501, or any 4xx", "501 close | 414 close | 4xx close", "X" * 100000, Then.SILENCE),
        case("version of 10,000 bytes", "9112 2.3: one digit each", "400 close | 414 close | 505 close", request(f"GET /json HTTP/1.{'1' * 10000}")),
        case("field of 4000 bytes", "9110 5.4: within reason", "200 keep", get(f"X: {'y' * 4000}")),
        case("field of 10,000 bytes", "9110 5.4: to be limited", "431 close | 4xx close | 200 keep", get(f"X: {'y' * 10000}")),
        case("field name of 10,000 bytes", "9110 5.4: to be limited", "431 close | 4xx close | 200 keep", get(f"{'X' * 10000}: y")),
        case("field without an end", "9110 5.4: to be limited", "431 close | 4xx close", "GET /json HTTP/1.1\r\nHost: h\r\nX: " + "y" * 100000, Then.SILENCE),
        case("fields without an end", "9110 5.4: to be limited", "431 close | 4xx close", "GET /json HTTP/1.1\r\nHost: h\r\n" + "X: y\r\n" * 20000, Then.SILENCE),
        case("100 fields", "9110 5.4: within reason", "200 keep", get(*["X: y"] * 99)),
        case("101 fields", "9110 5.4: to be limited", "431 close | 4xx close | 200 keep", get(*["X: y"] * 100)),
        case("2000 fields", "9110 5.4: to be limited", "431 close | 4xx close | 200 keep", get(*["X: y"] * 1999)),
        case("head of 50,000 bytes", "9110 5.4: to be limited", "431 close | 4xx close | 200 keep", get(*[f"X: {'y' * 1000}"] * 50)),
        case("Host of 5000 bytes", "3986 3.2.2: no limit but that of the field", "200 keep | 400 close", f"GET /json HTTP/1.1\r\nHost: {'h' * 5000}\r\n\r\n"),
        case("content of a megabyte", "9110 15.5.14: the server sets the limit", "200 keep | 413 close", post("x" * 1048576, "Content-Length: 1048576")),
        case("content of a megabyte and a byte", "9110 15.5.14: 413", "413 close | 200 keep", post("x" * 1048577, "Content-Length: 1048577")),
        case("content of five megabytes", "9110 15.5.14: 413, which must arrive", "413 close | 200 keep", post("x" * 5000000, "Content-Length: 5000000")),
        case("chunks of more than a megabyte", "9110 15.5.14: 413", "413 close | 200 keep", chunked(("1000\r\n" + "x" * 4096 + "\r\n") * 257 + "0\r\n\r\n")),
        case("chunk of more than a megabyte", "9110 15.5.14: 413", "413 close | 200 keep", chunked("100001\r\n" + "x" * 1048577 + "\r\n0\r\n\r\n")),
        case("a thousand chunks of a byte", "9112 7.1: any number", "200 keep", chunked("1\r\nx\r\n" * 1000 + "0\r\n\r\n")),
        case("empty lines without an end", "9112 2.2: at least one is to be ignored, not any number", "400 close", "\r\n" * 50000, Then.SILENCE),
        case("junk without an end", "9112 3: no request line", "400 close", "\xff" * 100000, Then.SILENCE),
        case("nothing", "9112 9.5: the server waits", "open | close", "", Then.SILENCE),
        case("nothing, half-closed", "9112 9.6: closed", "close", "", Then.HALF_CLOSE),
        case("half a head", "9112 8: the server waits", "open", "GET /json HTTP/1.1\r\nHost: h\r\n", Then.SILENCE),
        case("half a head, half-closed", "9112 8: incomplete", "400 close | close", "GET /json HTTP/1.1\r\nHost: h\r\n", Then.HALF_CLOSE),
    ),
)

GROUPS = (HTTP_1_0, PIPELINING, LIMITS)
