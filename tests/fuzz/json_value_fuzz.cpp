// The input is a text that may hold a struct of every kind of member.
#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "chopin/error.hpp"
#include "chopin/json_value.hpp"
#include "exact_bytes.hpp"
#include "fuzz_target.hpp"
#include "json/grammar.hpp"
#include "require.hpp"
#include "strict_json.hpp"

namespace chopin::fuzz {
namespace {

enum class Choice : std::uint8_t { one, two };
[[maybe_unused]] constexpr auto json_names(Choice) {
  return std::to_array<EnumName<Choice>>({{Choice::one, "1"}, {Choice::two, "2"}});
}

/// Short names, so that the fuzzer finds them.
struct Everything {
  std::optional<std::int64_t> a;
  std::string b;
  std::vector<Everything> c;
  std::optional<double> d;
  std::optional<std::uint8_t> e;
  Choice f = Choice::two;
  bool g = false;
  std::optional<std::chrono::year_month_day> h;
  std::optional<std::chrono::sys_time<std::chrono::microseconds>> i;
  std::optional<std::string> j;
  std::vector<std::vector<float>> a_longer_name;

  static constexpr auto json_members = members(
      member("a", &Everything::a).range(-9e15L, 9e15L), member("b", &Everything::b).length(0, 3).or_default(),
      member("c", &Everything::c).items(0, 3).or_default(), member("d", &Everything::d),
      member("e", &Everything::e), member("f", &Everything::f).or_default(),
      member("g", &Everything::g).or_default(), member("h", &Everything::h), member("i", &Everything::i),
      member("j", &Everything::j).pattern("^[a-c]*\xc3\xa4$"),
      member("a longer name", &Everything::a_longer_name).or_default());
};

/// Ignores what it does not know.
struct OnlyA {
  std::int64_t a = 0;
  static constexpr auto json_members = members(member("a", &OnlyA::a)).ignore_others();
};

struct Result {
  int status = 0;
  HttpError::Fields faults{};
};

template <class Value>
Result read_into(std::optional<Value>& value, std::string_view text) {
  try {
    value = read_json<Value>(text);
  } catch (const HttpError& error) {
    require(std::string_view(error.what()).find("unreadable") == std::string_view::npos,
            "a refusal has a reason");
    return {error.status(), error.fields()};
  }
  return {};
}

/// That of `j`.
bool fits_pattern(const std::optional<std::string>& text) {
  return !text || (text->ends_with("\xc3\xa4") && text->find_first_not_of("abc") == text->size() - 2);
}

std::string text_of(const Everything& value) {
  ByteBuffer out;
  {
    JsonWriter writer(out);
    write_json(writer, value);
  }
  return std::string(out.bytes());
}

void judge_refusal(const Result& result, bool is_json) {
  require(result.status == (is_json ? 422 : 400), "400 is for what is not JSON, 422 for all else");
  require(result.faults.empty() != is_json, "what is wrong is said");
  require(result.faults.size() <= 100, "faults are bounded");
  std::set<std::string> pointers;
  for (const auto& [pointer, fault] : result.faults) {
    require(pointer.empty() || pointer.starts_with('/'), "a fault is named by a JSON Pointer");
    require(!fault.empty() && pointers.insert(pointer).second, "a value has one fault");
  }
}

void run(std::string_view input) {
  const ExactBytes bytes(input);
  const std::string_view text = bytes.view();
  const bool is_json = is_strict_json(text, json::max_nesting);

  std::optional<Everything> everything;
  const Result result = read_into(everything, text);
  if (everything) {
    require(is_json, "only JSON is read");
    require(fits_pattern(everything->j), "a pattern holds");
    const std::string written = text_of(*everything);
    require(is_strict_json(written, json::max_nesting), "the output is JSON");
    std::optional<Everything> again;
    require(read_into(again, written).status == 0, "what was written is read");
    require(text_of(*again) == written, "and is the same");
  } else {
    judge_refusal(result, is_json);
  }

  std::optional<OnlyA> only;
  const Result other = read_into(only, text);
  if (only) {
    require(is_json, "what is ignored is checked");
    std::int64_t a = 0;
    JsonObject(text).required("a", a).check();
    require(a == only->a, "both readers find the same member");
  } else {
    judge_refusal(other, is_json);
  }
}

}  // namespace
}  // namespace chopin::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  chopin::fuzz::run({reinterpret_cast<const char*>(data), size});
  return 0;
}
