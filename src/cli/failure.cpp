#include "cli/failure.hpp"

#include <algorithm>
#include <chrono>
#include <exception>
#include <functional>
#include <optional>
#include <span>
#include <sys/resource.h>
#include <vector>

#include <fmt/core.h>

#include "cli/settings.hpp"
#include "log/line.hpp"
#include "text/characters.hpp"

namespace chopin::cli {
namespace {

/// The value of a flag in its two notations, whatever else is on the command line.
std::optional<std::string> value_of(std::string_view flag, std::span<const char* const> arguments) {
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string_view argument = arguments[i];
    if (!argument.starts_with(flag)) continue;
    const std::string_view rest = argument.substr(flag.size());
    if (rest.starts_with('=')) return std::string(rest.substr(1));
    if (rest.empty() && i + 1 < arguments.size()) return arguments[i + 1];
  }
  return std::nullopt;
}

/// The first source that has the setting decides. One that cannot be read has none.
LogFormat first_of(const Setting& setting, const std::vector<std::function<Source()>>& strongest_first) {
  for (const auto& make_source : strongest_first) {
    try {
      const std::optional<Value> value = make_source()(setting);
      if (!value) continue;
      Config config;
      setting.apply(value->text, config);
      return config.log_format;
    } catch (const std::exception&) {  // NOLINT(bugprone-empty-catch): its fault is reported elsewhere
    }
  }
  return LogFormat::text;
}

}  // namespace

std::string failure_line(LogFormat format, std::string_view message) {
  if (format == LogFormat::text) return "chopin: " + std::string(message);
  return log::json_line(std::chrono::system_clock::now(), LogLevel::critical, message, {});
}

std::string failure_message(const std::exception& error) {
  constexpr std::string_view too_many = "too many open files";
  const std::string_view message = error.what();
  const std::string_view end = message.substr(message.size() - std::min(message.size(), too_many.size()));
  if (!text::equals_ignoring_case(end, too_many)) return std::string(message);
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  return fmt::format("{}: the limit is {}, raise it with ulimit -Hn and -Sn", message, limit.rlim_cur);
}

LogFormat log_format_of(int argc, const char* const* argv, const Variables& environment,
                        const std::filesystem::path& working_directory) noexcept {
  try {
    const auto arguments = std::span(argv, static_cast<std::size_t>(argc));
    const Setting& setting = *std::ranges::find(all_settings(), "--log-format", &Setting::flag);
    Warnings unused;  // who reads all settings gets them too
    const auto from_file = [&]() -> Source {
      const auto name = value_of(config_file_flag.flag, arguments);
      const bool can_be_read_again = name && std::filesystem::is_regular_file(working_directory / *name);
      if (!can_be_read_again) return [](const Setting&) { return std::nullopt; };  // a pipe might never end
      return from_config_file(*name, working_directory);
    };
    const auto from_arguments = [&]() -> Source {
      Flags flags;
      if (auto value = value_of(setting.flag, arguments)) flags[setting.flag] = *value;
      return from_flags(std::move(flags));
    };
    return first_of(setting, {from_arguments, [&] { return from_environment(environment, unused); },
                              [&] { return from_dotenv(working_directory, unused); }, from_file});
  } catch (const std::exception&) {
    return LogFormat::text;
  }
}

}  // namespace chopin::cli
