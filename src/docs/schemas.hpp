#pragma once

#include <deque>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>

#include "chopin/json.hpp"
#include "chopin/json_type.hpp"

namespace chopin::docs {

/// The JSON Schemas (2020-12) of a document. Objects and enumerations have names, under which they stand in
/// `#/components/schemas`; all else is written where it is used.
///
/// Thread safety: one thread at a time.
/// Lifetime: owns its texts; types are constants.
/// Throws: std::bad_alloc.
class Schemas {
 public:
  /// The schema of a value, as a reference if it has a name.
  void write(JsonWriter& out, const json::Type& type, const json::Rules& rules = {});
  /// The named ones that have been referred to, and those to which they refer, as members of an object.
  void write_named(JsonWriter& out);
  /// A name that no type gets.
  void reserve(std::string_view name) { names_taken_.emplace(name); }

 private:
  const std::string& name_of(const json::Type& type);
  void write_reference(JsonWriter& out, const json::Type& type);
  void write_optional(JsonWriter& out, const json::Type& type, const json::Rules& rules);
  void write_object(JsonWriter& out, const json::Type& type);

  std::unordered_map<const json::Type*, std::string> names_;
  std::set<std::string, std::less<>> names_taken_;
  std::deque<const json::Type*> unwritten_;
};

/// "Page_Note" for "app::Page<app::Note>": only characters that a component's name may have.
std::string component_name(std::string_view spelled);

}  // namespace chopin::docs
