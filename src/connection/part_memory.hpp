#pragma once

#include <memory>

#include "connection/buffers.hpp"
#include "connection/upload.hpp"

namespace chopin::connection {

/// Where the last part of a body is that a handler reads in parts: in the input, or in the Upload if the body
/// is chunked.
struct PartMemory {
  InputBuffer input;
  std::unique_ptr<Upload> upload;
};

}  // namespace chopin::connection
