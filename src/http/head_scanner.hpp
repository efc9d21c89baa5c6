#pragma once

#include <string_view>

#include "http/request_head.hpp"
#include "http/request_parser.hpp"

namespace chopin::http {

/// Reads the head at the start of `bytes` if it has the plain shape that nearly all have: an implementable
/// method, a path with or without a query, HTTP/1.1, and well-formed fields of printable ASCII of which only
/// Host, Connection, Content-Length (or Transfer-Encoding: chunked) affect the server. Any other head, be it
/// incomplete, unusual, large or malformed, is left to RequestParser: then the result is false and `head` is
/// unspecified.
///
/// ByteScan::slack bytes after the end of `bytes` must be readable.
///
/// RequestParser accepts every head that this accepts, with the same result; tests/fuzz/head_scanner_fuzz.cpp
/// compares them.
bool scan_head(std::string_view bytes, ParserScratch& scratch, RequestHead& head);

}  // namespace chopin::http
