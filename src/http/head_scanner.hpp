#pragma once

#include <string_view>

#include "http/request_head.hpp"
#include "http/request_parser.hpp"

namespace chopin::http {

/// Reads the head at the start of `bytes` if it is of the plain shape that nearly all have: a method that has
/// a meaning for servers, a path with or without a query, HTTP/1.1, and well-formed fields of printable ASCII
/// of which at most Host and Connection decide about anything. Everything else, incomplete, odd, large or
/// wrong, is left to RequestParser: then the result is false and `head` means nothing.
///
/// Behind the bytes there is room of ByteScan::slack.
///
/// What this accepts RequestParser accepts with the same result; tests/fuzz/head_scanner_fuzz.cpp compares
/// them.
bool scan_head(std::string_view bytes, ParserScratch& scratch, RequestHead& head);

}  // namespace chopin::http
