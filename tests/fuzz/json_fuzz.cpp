// The input is used both as a text that may be JSON and as a string for the writer to write.
#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "chopin/error.hpp"
#include "chopin/json.hpp"
#include "exact_bytes.hpp"
#include "fuzz_target.hpp"
#include "json/grammar.hpp"
#include "require.hpp"
#include "strict_json.hpp"
#include "text/utf8.hpp"

namespace chopin::fuzz {
namespace {

/// The status of the refusal, 0 if the text is accepted.
int refusal_of(std::string_view text) {
  try {
    const JsonObject object(text);
  } catch (const HttpError& error) {
    return error.status();
  }
  return 0;
}

bool begins_object(std::string_view text) {
  return text.substr(std::min(text.find_first_not_of(" \t\r\n"), text.size())).starts_with('{');
}

void judge_text(std::string_view text) {
  const bool is_json = is_strict_json(text, json::max_nesting);
  const JsonFault fault = JsonObject::validate(text);
  require(fault.reason.empty() == is_json, "only JSON is valid");
  require(fault.reason != "unreadable", "a refused text has a fault");
  require(fault.offset <= text.size(), "a fault lies in the text");
  require(json::find_fault(text).reason == fault.reason, "both functions agree");
  const int expected = !is_json ? 400 : begins_object(text) ? 0 : 422;
  require(refusal_of(text) == expected, "only an object is accepted");
}

/// Reads members of a text as each type, if they are there.
template <class Value>
void read_members(std::string_view text) {
  if (refusal_of(text) != 0) return;
  JsonObject object(text);
  for (const std::string_view name : {"a", "", "/a/0", "/a/b", "/", "a\n"}) {
    Value value{};
    object.required(name, value).optional(name, value);
    if constexpr (std::same_as<Value, std::string>) {
      require(is_strict_utf8(value), "a string that was read is UTF-8");
    }
  }
}

/// `bytes` as the value and as the name of a member.
void judge_string(std::string_view bytes) {
  const bool is_utf8 = is_strict_utf8(bytes);
  require((text::valid_utf8_prefix(bytes) == bytes.size()) == is_utf8, "UTF-8 is all prefix");
  require(is_strict_utf8(bytes.substr(0, text::valid_utf8_prefix(bytes))), "the prefix is UTF-8");
  ByteBuffer written;
  JsonWriter(written).begin_object().member("a", bytes).member(bytes, 1).end_object();
  const std::string_view text = written.bytes();
  require(is_strict_json(text, 1), "the output is JSON");
  std::string read;
  JsonObject object(text);
  object.required("a", read).check();
  require(!is_utf8 || read == bytes, "a written string reads back");
  require(is_strict_utf8(read), "a string that was read is UTF-8");
  if (is_utf8 && bytes != "a" && !bytes.starts_with('/')) {
    std::int64_t one = 0;
    object.required(bytes, one).check();
    require(one == 1, "a written name is found");
  }
}

void judge_numbers(std::string_view bytes) {
  std::uint64_t bits = 0;
  if (bytes.size() < sizeof bits) return;
  std::memcpy(&bits, bytes.data(), sizeof bits);
  const auto number = std::bit_cast<double>(bits);
  ByteBuffer written;
  JsonWriter(written)
      .begin_object()
      .member("double", number)
      .member("unsigned", bits)
      .member("signed", static_cast<std::int64_t>(bits))
      .end_object();
  const std::string_view text = written.bytes();
  require(is_strict_json(text, 1), "numbers are written as JSON");
  double back = number;
  std::uint64_t back_unsigned = 0;
  std::int64_t back_signed = 0;
  JsonObject(text)
      .optional("double", back)
      .required("unsigned", back_unsigned)
      .required("signed", back_signed)
      .check();
  require(std::bit_cast<std::uint64_t>(back) == bits, "a double reads back");
  require(back_unsigned == bits && back_signed == static_cast<std::int64_t>(bits), "an integer reads back");
}

void run(std::string_view input) {
  const ExactBytes bytes(input);
  judge_text(bytes.view());
  read_members<std::string>(bytes.view());
  read_members<bool>(bytes.view());
  read_members<std::int64_t>(bytes.view());
  read_members<std::uint64_t>(bytes.view());
  read_members<double>(bytes.view());
  judge_string(bytes.view());
  judge_numbers(bytes.view());
}

}  // namespace
}  // namespace chopin::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  chopin::fuzz::run({reinterpret_cast<const char*>(data), size});
  return 0;
}
