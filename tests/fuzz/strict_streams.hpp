#pragma once

#include <cstddef>
#include <string_view>

#include "strict_exchange.hpp"

namespace chopin::fuzz {

/// Reads the chunks at the start of `bytes` into the response's body, and returns their size. Fails if they
/// are not as a server writes them.
std::size_t read_streamed_body(std::string_view bytes, StrictResponse& response);

/// Checks a 200 of the StreamRoutes. The request may be malformed or incomplete after its head.
void judge_streamed(const StrictResponse& response, const StrictRequest& request, Course course);

}  // namespace chopin::fuzz
