#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

/// Parses the values of settings. Each function returns nullopt if the whole text is not such a value.
namespace chopin::cli {

/// true 1 yes on, false 0 no off; any case.
std::optional<bool> to_bool(std::string_view text) noexcept;
/// Bytes: a number, alone or with B, K, KB, KiB, M, MB, MiB, G, GB or GiB; any case, always powers of 1024.
std::optional<std::uint64_t> to_size(std::string_view text) noexcept;
/// A number with ms, s, m or h.
std::optional<std::chrono::milliseconds> to_duration(std::string_view text) noexcept;

/// Whether it is the address that Kubernetes gives a service in variables: tcp://10.0.0.1:3000.
bool is_service_link(std::string_view text) noexcept;

/// The text without a byte order mark before it.
std::string_view without_byte_order_mark(std::string_view text) noexcept;

}  // namespace chopin::cli
