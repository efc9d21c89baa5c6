#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "chopin/multipart.hpp"

namespace chopin::http {

/// What the head of a part of a form says, decoded.
struct PartHead {
  std::string name;
  std::optional<std::string> file_name;
  std::string content_type = "text/plain";
};

/// The boundary that a Content-Type of multipart/form-data names. Throws HttpError 415 for another type, 400
/// without a boundary of 1 to 70 legal characters (RFC 2046 section 5.1.1).
std::string_view boundary_of(std::string_view content_type);

/// Reads the head of a part: lines that each end in CR LF, the last one empty. Throws HttpError 400 for what
/// chopin::Multipart refuses.
PartHead read_part_head(std::string_view head, const MultipartLimits& limits);

}  // namespace chopin::http
