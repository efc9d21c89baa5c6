#include <concepts>
#include <optional>

#include "chopin/error.hpp"
#include "chopin/json.hpp"
#include "json/document.hpp"
#include "json/grammar.hpp"

namespace chopin {
namespace {

template <class Value>
constexpr std::string_view type_fault = "must be a string";
template <>
constexpr std::string_view type_fault<bool> = "must be a boolean";
template <>
constexpr std::string_view type_fault<std::int64_t> = "must be an integer of 64 bits";
template <>
constexpr std::string_view type_fault<std::uint64_t> = "must be an unsigned integer of 64 bits";
template <>
constexpr std::string_view type_fault<double> = "must be a number";

bool is_object(json::Document& document) {
  const auto root = document.root();
  return root && simdjson::ondemand::value(*root).type().value() == simdjson::ondemand::json_type::object;
}

}  // namespace

JsonObject::JsonObject(TextArgument text) : document_(json::Document::take()) {
  json::require_json(document_->load(text));
  if (!is_object(*document_)) throw HttpError(422, "the body is no JSON object");
}

template <class Value>
JsonObject& JsonObject::read(std::string_view name, Value& value, bool is_required) {
  std::optional<simdjson::ondemand::value> found = document_->find(name);
  if (!found) return is_required ? refuse(name, "is missing") : *this;
  if (!is_required && found->is_null().value()) return *this;
  if constexpr (std::same_as<Value, std::string>) {
    std::string_view text;
    if (found->get(text) != simdjson::SUCCESS) return refuse(name, type_fault<Value>);
    value = text;
  } else {
    if (found->get(value) != simdjson::SUCCESS) return refuse(name, type_fault<Value>);
  }
  inputs_.note_read(name);
  return *this;
}

template JsonObject& JsonObject::read(std::string_view, std::string&, bool);
template JsonObject& JsonObject::read(std::string_view, bool&, bool);
template JsonObject& JsonObject::read(std::string_view, std::int64_t&, bool);
template JsonObject& JsonObject::read(std::string_view, std::uint64_t&, bool);
template JsonObject& JsonObject::read(std::string_view, double&, bool);

JsonFault JsonObject::validate(TextArgument text) {
  return json::find_fault(text);
}

}  // namespace chopin
