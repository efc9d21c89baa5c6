#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace load {

/// The command line. Times are in seconds unless the name says otherwise.
struct Options {
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;
  std::size_t connections = 64;
  std::uint64_t rate = 0;  // requests a second in all; 0: a closed loop
  std::uint64_t seconds = 10;
  std::uint64_t warm_up = 0;          // before these seconds, not recorded
  std::uint64_t grace = 2;            // after them, for responses that are missing
  std::uint64_t per_connection = 0;   // requests until it is closed; 0: no limit
  std::uint64_t spin_us = 0;          // before a request is due: poll instead of sleeping
  std::vector<std::string> requests;  // files
};

inline constexpr const char* usage =
    "usage: chopin_load --port N --request FILE [--request FILE ...]\n"
    "  --address IP          of the server (127.0.0.1)\n"
    "  --connections N       (64)\n"
    "  --rate N              requests a second in all; 0: each connection sends when it has its response "
    "(0)\n"
    "  --seconds N           (10)\n"
    "  --warm-up SECONDS     before these, not recorded (0)\n"
    "  --grace SECONDS       after these, for responses that are missing (2)\n"
    "  --per-connection N    requests until a connection is replaced; 0: no limit (0)\n"
    "  --spin MICROSECONDS   poll instead of sleeping so long before a request is due (0)\n"
    "  --request FILE        the bytes of one request; several are sent in turn\n";

/// `words`: without the name of the program. Throws std::invalid_argument, naming the option.
Options read_options(std::span<const char* const> words);

}  // namespace load
