#pragma once

#include <exception>
#include <filesystem>
#include <string>
#include <string_view>

#include "chopin/config.hpp"
#include "cli/sources.hpp"

namespace chopin::cli {

/// The line on stderr, without its line end, about a failure that ends the program: `chopin: message`, or an
/// object like those of the log.
std::string failure_line(LogFormat format, std::string_view message);

/// What the exception says, and which limit to raise if it is about too many open files.
std::string failure_message(const std::exception& error);

/// The format that the settings choose, read on its own, so that it is known even if another setting cannot
/// be used. Text if it cannot be read itself.
LogFormat log_format_of(int argc, const char* const* argv, const Variables& environment,
                        const std::filesystem::path& working_directory) noexcept;

}  // namespace chopin::cli
