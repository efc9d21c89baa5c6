#pragma once

#include <array>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "chopin/json_type.hpp"

namespace chopin {

namespace json {

template <class Value>
struct Inner {
  using Type = Value;
};
template <class Value>
struct Inner<std::vector<Value>> : Inner<Value> {};
template <class Value>
struct Inner<std::optional<Value>> : Inner<Value> {};

/// What is in vectors and optionals.
template <class Value>
using InnerType = typename Inner<Value>::Type;

template <class Value>
inline constexpr bool is_vector = false;
template <class Value>
inline constexpr bool is_vector<std::vector<Value>> = true;
template <class Value>
inline constexpr bool is_optional = false;
template <class Value>
inline constexpr bool is_optional<std::optional<Value>> = true;

template <class Value>
inline constexpr bool has_items = is_vector<Value>;
template <class Value>
inline constexpr bool has_items<std::optional<Value>> = has_items<Value>;

/// char and the like could be texts or numbers.
template <class Value>
inline constexpr bool is_number =
    std::is_arithmetic_v<Value> && !std::same_as<Value, bool> && !std::same_as<Value, char> &&
    !std::same_as<Value, wchar_t> && !std::same_as<Value, char8_t> && !std::same_as<Value, char16_t> &&
    !std::same_as<Value, char32_t> && !std::same_as<Value, long double>;

}  // namespace json

/// One member of a struct: its name in JSON, and the rules for its value. For a vector all rules but `items`
/// apply to the elements. A rule that does not fit the type is a compile error.
///
/// Thread safety: immutable.
/// Lifetime: `name` must be a literal.
/// Throws: nothing; a name that would need an escape in JSON is a compile error.
template <class Object, class Value>
class Member {
 public:
  using Type = Value;

  constexpr Member(const char* name, Value Object::* pointer) : name_(name), pointer_(pointer) {
    for (const char c : std::string_view(name)) {
      if (c < ' ' || c > '~' || c == '"' || c == '\\')
        throw std::invalid_argument("a name that needs an escape");
    }
  }

  /// Of a text, in characters: code points of Unicode.
  [[nodiscard]] constexpr Member length(std::size_t least, std::size_t most) const {
    static_assert(std::same_as<json::InnerType<Value>, std::string>, "length() is for std::string");
    Member changed = *this;
    changed.rules_.least_length = least;
    changed.rules_.most_length = most;
    return changed;
  }
  /// Of a vector. Without it a vector takes at most 10,000 elements.
  [[nodiscard]] constexpr Member items(std::size_t least, std::size_t most) const {
    static_assert(json::has_items<Value>, "items() is for std::vector");
    Member changed = *this;
    changed.rules_.least_items = least;
    changed.rules_.most_items = most;
    return changed;
  }
  /// Of a number, both included.
  [[nodiscard]] constexpr Member range(long double least, long double most) const {
    static_assert(json::is_number<json::InnerType<Value>>, "range() is for numbers");
    Member changed = *this;
    changed.rules_.least = least;
    changed.rules_.most = most;
    changed.rules_.has_range = true;
    return changed;
  }
  [[nodiscard]] constexpr Member format(json::Format format) const {
    static_assert(std::same_as<json::InnerType<Value>, std::string>, "format() is for std::string");
    Member changed = *this;
    changed.rules_.format = format;
    return changed;
  }
  /// Of a text: a regular expression of RE2 that must be found somewhere in it, as `pattern` of JSON Schema
  /// says. With `^` and `$`, the text's beginning and end, it must match the whole text. The time is linear
  /// in the text's size, whatever the expression, because RE2 has no look-around and no back-references. `.`
  /// is any character but a line feed; `\d`, `\w` and `\s` are ASCII; other characters are written as they
  /// are or as `\x{e4}`. Must be a literal. Compiled when it is first used, or by json::check_patterns, which
  /// throws std::invalid_argument for a malformed one.
  [[nodiscard]] constexpr Member pattern(const char* expression) const {
    static_assert(std::same_as<json::InnerType<Value>, std::string>, "pattern() is for std::string");
    Member changed = *this;
    changed.rules_.pattern = expression;
    return changed;
  }
  /// It may be missing, and then keeps the value that it has in a new object.
  [[nodiscard]] constexpr Member or_default() const {
    Member changed = *this;
    changed.is_required_ = false;
    return changed;
  }

  [[nodiscard]] constexpr const char* name() const noexcept { return name_; }
  [[nodiscard]] constexpr Value Object::* pointer() const noexcept { return pointer_; }
  [[nodiscard]] constexpr const json::Rules& rules() const noexcept { return rules_; }
  [[nodiscard]] constexpr bool is_required() const noexcept { return is_required_; }

 private:
  const char* name_;
  Value Object::* pointer_;
  json::Rules rules_{};
  bool is_required_ = !json::is_optional<Value>;
};

template <class Object, class Value>
constexpr Member<Object, Value> member(const char* name, Value Object::* pointer) {
  return {name, pointer};
}

/// The members of a struct, in the order in which they are written.
template <class... All>
struct Members {
  std::tuple<All...> all;
  bool takes_others = false;

  /// Members of other names are ignored instead of being a fault.
  [[nodiscard]] constexpr Members ignore_others() const {
    Members changed = *this;
    changed.takes_others = true;
    return changed;
  }
};

/// Describes a struct to JSON: what `read_json` reads and `write_json` writes.
///
///     struct NewNote {
///       std::string title;
///       std::vector<std::string> tags;
///       std::optional<std::chrono::year_month_day> due;
///
///       static constexpr auto json_members =
///           chopin::members(chopin::member("title", &NewNote::title).length(1, 200),
///                           chopin::member("tags", &NewNote::tags).items(0, 10).or_default(),
///                           chopin::member("due", &NewNote::due));
///     };
///
/// At most 64 members. Two of one name are a compile error.
template <class... All>
constexpr Members<All...> members(All... all) {
  static_assert(sizeof...(All) <= 64, "a struct has at most 64 members in JSON");
  const std::array<std::string_view, sizeof...(All)> names{all.name()...};
  for (std::size_t i = 0; i < names.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (names[i] == names[j]) throw std::invalid_argument("two members of one name");
    }
  }
  return {{all...}};
}

/// The name of a value of an enumeration. `json_names`, found beside the enumeration, returns all of them:
///
///     enum class Colour { red, green };
///     constexpr auto json_names(Colour) {
///       return std::to_array<chopin::EnumName<Colour>>({{Colour::red, "red"}, {Colour::green, "green"}});
///     }
template <class Enum>
struct EnumName {
  Enum value;
  const char* name;
};

namespace json {

template <class Value>
concept Described = requires { Value::json_members.all; };
template <class Value>
concept Named = std::is_enum_v<Value> && requires { json_names(Value{}); };

/// As the compiler spells it: "app::Note".
template <class Value>
constexpr std::string_view spelled_name() noexcept {
  constexpr std::string_view whole = __PRETTY_FUNCTION__;  // "... [with Value = app::Note; ...]"
  constexpr std::string_view before = "Value = ";
  constexpr std::size_t begin = whole.find(before) + before.size();
  return whole.substr(begin, whole.find_first_of(";]", begin) - begin);
}

template <class Value>
inline constexpr std::int64_t ticks_of = 0;  // no date_time
template <class Rep, std::intmax_t ticks>
inline constexpr std::int64_t
    ticks_of<std::chrono::sys_time<std::chrono::duration<Rep, std::ratio<1, ticks>>>> = ticks;

template <class Value>
constexpr Type make_type();

template <class Value>
inline constexpr Type type_of = make_type<Value>();

template <class Enum>
inline constexpr auto enum_values = [] {
  constexpr auto names = json_names(Enum{});
  std::array<EnumValue, names.size()> values{};
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] = {static_cast<std::int64_t>(names[i].value), names[i].name};
  }
  return values;
}();

/// Of the pattern of one member.
template <class Object, std::size_t index>
inline constinit PatternPlace pattern_place{};  // NOLINT(cppcoreguidelines-avoid-non-const-global-variables)

template <class Object, std::size_t index>
constexpr ObjectMember make_member() {
  constexpr const auto& told = std::get<index>(Object::json_members.all);
  using Value = typename std::remove_cvref_t<decltype(told)>::Type;
  void* (*of)(void*) = [](void* object) -> void* {
    return &(static_cast<Object*>(object)->*std::get<index>(Object::json_members.all).pointer());
  };
  Rules rules = told.rules();  // NOLINT(misc-const-correctness): with a pattern it changes
  if constexpr (told.rules().pattern != nullptr) rules.compiled = &pattern_place<Object, index>;
  return {told.name(), start_of(told.name()), &type_of<Value>, of, rules, told.is_required()};
}

template <class Object>
inline constexpr std::size_t member_count =
    std::tuple_size_v<std::remove_cvref_t<decltype(Object::json_members.all)>>;

template <class Object>
inline constexpr auto object_members = []<std::size_t... index>(std::index_sequence<index...>) {
  return std::array<ObjectMember, sizeof...(index)>{make_member<Object, index>()...};
}(std::make_index_sequence<member_count<Object>>());

template <class Object>
constexpr std::uint64_t required_members() {
  std::uint64_t required = 0;
  for (std::size_t i = 0; i < object_members<Object>.size(); ++i) {
    if (object_members<Object>[i].is_required) required |= std::uint64_t{1} << i;
  }
  return required;
}

template <class Value>
constexpr Type make_container() {
  using InnerValue = typename Value::value_type;
  Type type{.kind = is_vector<Value> ? Kind::array : Kind::optional, .inner = &type_of<InnerValue>};
  type.clear = [](void* value) {
    if constexpr (is_vector<Value>)
      static_cast<Value*>(value)->clear();
    else
      static_cast<Value*>(value)->reset();
  };
  type.add = [](void* value) -> void* {
    if constexpr (is_vector<Value>)
      return &static_cast<Value*>(value)->emplace_back();
    else
      return &static_cast<Value*>(value)->emplace();
  };
  return type;
}

template <class Value>
inline constexpr bool is_readable = false;  // as `static_assert` must not fail before a type is given

template <class Value>
constexpr Type make_type() {
  if constexpr (std::same_as<Value, bool>) {
    return {.kind = Kind::boolean};
  } else if constexpr (std::floating_point<Value> && is_number<Value>) {
    return {.kind = Kind::number, .bytes = sizeof(Value)};
  } else if constexpr (is_number<Value>) {
    return {.kind = std::is_signed_v<Value> ? Kind::signed_integer : Kind::unsigned_integer,
            .bytes = sizeof(Value)};
  } else if constexpr (std::same_as<Value, std::string>) {
    return {.kind = Kind::text};
  } else if constexpr (std::same_as<Value, std::chrono::year_month_day>) {
    return {.kind = Kind::date};
  } else if constexpr (ticks_of<Value> != 0) {
    static_assert(sizeof(typename Value::rep) == sizeof(std::int64_t));
    return {.kind = Kind::date_time, .ticks = ticks_of<Value>};
  } else if constexpr (Named<Value>) {
    return {.kind = Kind::enumeration,
            .bytes = sizeof(Value),
            .name = spelled_name<Value>(),
            .values = enum_values<Value>};
  } else if constexpr (Described<Value>) {
    return {.kind = Kind::object,
            .name = spelled_name<Value>(),
            .members = object_members<Value>,
            .required = required_members<Value>(),
            .ignores_others = Value::json_members.takes_others};
  } else if constexpr ((is_vector<Value> && !std::same_as<Value, std::vector<bool>>) || is_optional<Value>) {
    // Every element needs its own place in memory, which vector<bool> does not have.
    return make_container<Value>();
  } else {
    static_assert(is_readable<Value>,
                  "this type cannot be read from JSON: give a struct `static constexpr auto json_members = "
                  "chopin::members(...)`, an enumeration a function json_names; see chopin/json_members.hpp");
    return {};
  }
}

template <class Value>
inline constexpr bool is_plain_value = !Described<Value> && !is_vector<Value> && !is_optional<Value>;
template <class Value>
inline constexpr bool is_flat_member = is_plain_value<Value>;
template <class Value>
inline constexpr bool is_flat_member<std::vector<Value>> = is_plain_value<Value>;
template <class Value>
inline constexpr bool is_flat_member<std::optional<Value>> = is_plain_value<Value>;

/// Whether a struct has only scalars.
template <class Object>
inline constexpr bool has_plain_members = []<class... All>(const std::tuple<All...>&) {
  return (is_plain_value<typename All::Type> && ...);
}(Object::json_members.all);

/// Whether a struct has only scalars, and optionals and vectors of them.
template <class Object>
inline constexpr bool is_flat = []<class... All>(const std::tuple<All...>&) {
  return (is_flat_member<typename All::Type> && ...);
}(Object::json_members.all);

}  // namespace json
}  // namespace chopin
