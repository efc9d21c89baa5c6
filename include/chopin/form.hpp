#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "chopin/input_faults.hpp"
#include "chopin/json.hpp"
#include "chopin/json_members.hpp"
#include "chopin/text_argument.hpp"

namespace chopin {

/// `name=value` pairs in form encoding (URL standard, section 5): a query, or a body of the type
/// application/x-www-form-urlencoded. Names and values are percent-decoded, with `+` read as a space;
/// malformed encodings are left as they are. Read like a JsonObject:
///
///     std::uint64_t page = 1;
///     request.query_parameters().optional("page", page).check();
///
/// Integers are decimal digits with an optional minus sign. Numbers are written as in JSON, and neither too
/// large nor too small for a double. A boolean is true, 1, yes or on, or false, 0, no or off. Texts may hold
/// any bytes, also NUL and what is not UTF-8. Of several pairs with one name the first counts.
///
/// Thread safety: one thread at a time.
/// Lifetime: a view of the text.
/// Throws: HttpError from `check`; std::bad_alloc.
class Form {
 public:
  explicit Form(TextArgument encoded) noexcept : encoded_(encoded) {}

  /// The first value of this name.
  [[nodiscard]] std::optional<std::string> value(TextArgument name) const;
  /// All values of this name, in the order in which they were sent.
  [[nodiscard]] std::vector<std::string> values(TextArgument name) const;

  /// All pairs as a struct that has `json_members`, by the same rules as JSON (see json_members.hpp): a pair
  /// is a member, and a vector takes all pairs of its name, which may be none unless `items` wants some. An
  /// empty value counts as missing for a member that may be missing and is not a text. Texts must be UTF-8.
  /// Throws HttpError 422 (VALIDATION_ERROR) with at most 100 faults in `fields`, each by its name; also for
  /// unknown names, unless they are ignored, and for a name that is there twice.
  template <class Value>
  [[nodiscard]] Value as() const {
    static_assert(json::Described<Value>, "a query or form is read into a struct with json_members");
    static_assert(json::is_flat<Value>, "a form has no structs, and no vectors in vectors, in a struct");
    Value value{};
    read_struct(json::type_of<Value>, &value);
    return value;
  }

  /// If there is no such pair, or its value is not of the type, `value` is left unchanged.
  template <JsonScalar Value>
  Form& required(TextArgument name, Value& value) {
    return read(name, value, true);
  }
  /// The same, but the pair may be missing. An empty value counts as missing for all types but std::string.
  template <JsonScalar Value>
  Form& optional(TextArgument name, Value& value) {
    return read(name, value, false);
  }
  /// Adds a fault found by the caller: "page", "must be positive". Without effect if the name has one.
  Form& refuse(TextArgument name, TextArgument message) {
    inputs_.refuse(name, message);
    return *this;
  }
  /// Whether `required` or `optional` has read a value of this name into its variable.
  [[nodiscard]] bool has_read(TextArgument name) const noexcept { return inputs_.has_read(name); }
  /// Throws HttpError 422 (VALIDATION_ERROR) naming every fault, if there is any.
  void check() const { inputs_.check("the request has invalid parameters"); }

 private:
  // Not constrained, as JsonObject::read is not.
  template <class Value>
  Form& read(std::string_view name, Value& value, bool is_required);

  void read_struct(const json::Type& type, void* into) const;

  std::string_view encoded_;
  InputFaults inputs_;
};

}  // namespace chopin
