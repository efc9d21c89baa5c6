#pragma once

#include <string_view>

/// How this program was built; CMake writes the definitions.
namespace chopin::cli::build_info {

extern const std::string_view version;
extern const std::string_view commit;      ///< short hash, with "-dirty" where the tree had changes
extern const std::string_view build_type;  ///< "Release"
extern const std::string_view flags;       ///< compiler flags
extern const bool link_time_optimization;
extern const bool native;  ///< -march=native

/// "GCC 12.2.0".
extern const std::string_view compiler;
/// "1.81.0".
extern const std::string_view boost;

}  // namespace chopin::cli::build_info
