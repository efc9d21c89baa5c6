#include "load_client/options.hpp"

#include <stdexcept>
#include <string_view>

#include "load_client/text.hpp"

namespace load {

namespace {

[[noreturn]] void refuse(std::string_view name, std::string_view fault) {
  throw std::invalid_argument(std::string(name) + std::string(fault));
}

std::uint64_t number(std::string_view name, std::string_view text, std::uint64_t least,
                     std::uint64_t greatest) {
  std::uint64_t value = 0;
  if (!parse(text, 10, value) || value < least || value > greatest) {
    refuse(name, " is '" + std::string(text) + "', expected is a whole number from " + std::to_string(least) +
                     " to " + std::to_string(greatest));
  }
  return value;
}

void set(Options& options, std::string_view name, std::string_view value) {
  const auto within = [&](std::uint64_t least, std::uint64_t most) {
    return number(name, value, least, most);
  };
  if (name == "--address")
    options.address = value;
  else if (name == "--port")
    options.port = static_cast<std::uint16_t>(within(1, 65535));
  else if (name == "--connections")
    options.connections = within(1, 65000);
  else if (name == "--rate")
    options.rate = within(0, 10'000'000);
  else if (name == "--seconds")
    options.seconds = within(1, 86'400);
  else if (name == "--warm-up")
    options.warm_up = within(0, 3'600);
  else if (name == "--grace")
    options.grace = within(0, 3'600);
  else if (name == "--per-connection")
    options.per_connection = within(0, 1'000'000'000);
  else if (name == "--spin")
    options.spin_us = within(0, 1'000'000);
  else if (name == "--request")
    options.requests.emplace_back(value);
  else
    refuse(name, ": there is no such option");
}

}  // namespace

Options read_options(std::span<const char* const> words) {
  Options options;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string_view word = words[i];
    if (const std::size_t equals = word.find('='); equals != std::string_view::npos) {
      set(options, word.substr(0, equals), word.substr(equals + 1));
    } else if (i + 1 < words.size()) {
      set(options, word, words[++i]);
    } else {
      refuse(word, ": its value is missing, or there is no such option");
    }
  }
  if (options.port == 0) refuse("--port", " is missing");
  if (options.requests.empty()) refuse("--request", " is missing");
  return options;
}

}  // namespace load
