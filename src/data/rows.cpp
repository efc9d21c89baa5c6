#include "chopin/rows.hpp"

#include <bit>

#include <fmt/core.h>

#include "chopin/database_error.hpp"
#include "text/big_endian.hpp"

namespace chopin::data {
namespace {

[[noreturn]] void refuse(std::string_view declared, std::string_view bytes) {
  throw DatabaseError("42804", fmt::format("a value of {} bytes was read as {}", bytes.size(), declared));
}

std::int64_t integer(std::string_view bytes, std::string_view declared) {
  switch (bytes.size()) {
    case sizeof(std::int16_t): return text::load_big_endian<std::int16_t>(bytes);
    case sizeof(std::int32_t): return text::load_big_endian<std::int32_t>(bytes);
    case sizeof(std::int64_t): return text::load_big_endian<std::int64_t>(bytes);
    default: refuse(declared, bytes);
  }
}

}  // namespace

void ValueReader::read(bool& value) {
  const std::string_view bytes = next();
  if (bytes.size() != 1) refuse("bool", bytes);
  value = bytes.front() != 0;
}

void ValueReader::read(std::int32_t& value) {
  const std::string_view bytes = next();
  const std::int64_t wide = integer(bytes, "std::int32_t");
  value = static_cast<std::int32_t>(wide);
  if (value != wide) {
    throw DatabaseError("22003", fmt::format("{} is too large for a std::int32_t", wide));
  }
}

void ValueReader::read(std::int64_t& value) {
  value = integer(next(), "std::int64_t");
}

void ValueReader::read(double& value) {
  const std::string_view bytes = next();
  if (bytes.size() == sizeof(float)) {
    value = std::bit_cast<float>(text::load_big_endian<std::uint32_t>(bytes));
  } else if (bytes.size() == sizeof(double)) {
    value = std::bit_cast<double>(text::load_big_endian<std::uint64_t>(bytes));
  } else {
    refuse("double", bytes);
  }
}

void ValueReader::read(std::string_view& value) {
  value = next();
}

bool ValueReader::next_is_null() const noexcept {
  return text::load_big_endian<std::int32_t>(left_) < 0;
}

void ValueReader::skip_null() noexcept {
  left_.remove_prefix(sizeof(std::int32_t));
}

std::string_view ValueReader::next() {
  const auto length = text::load_big_endian<std::int32_t>(left_);
  if (length < 0) throw DatabaseError("42804", "null in a column that is not declared as std::optional");
  const std::string_view bytes = left_.substr(sizeof(std::int32_t), static_cast<std::size_t>(length));
  left_.remove_prefix(sizeof(std::int32_t) + bytes.size());
  return bytes;
}

}  // namespace chopin::data
