#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "chopin/error.hpp"
#include "chopin/input_faults.hpp"
#include "chopin/json_value.hpp"
#include "json/document.hpp"
#include "json/grammar.hpp"
#include "json/rules.hpp"
#include "json/scalar.hpp"

namespace chopin::json {
namespace {

namespace ondemand = simdjson::ondemand;

/// Of a type that holds itself: each level takes a few hundred bytes of stack.
constexpr std::size_t most_levels = 60;

/// A name, or an index, after those of what is around it.
struct Step {
  const char* name = nullptr;  ///< null for an index
  std::size_t number = 0;      ///< the size of the name, or the index
};

Rules without_items(Rules rules) noexcept {
  rules.least_items = 0;
  rules.most_items = Rules::most_items_unless_said;
  return rules;
}

/// Reads a whole text in one walk. Without a place for faults the first one ends it: then the text need not
/// be sound, because a walk that has come to its end has checked all of it.
class ValueReader {
 public:
  ValueReader(Document& document, InputFaults* faults) noexcept : document_(&document), faults_(faults) {}

  /// False if the walk was ended.
  bool read_all(const Type& type, void* into) {
    auto root = document_->root();
    if (!root) return refuse_value(type, {});
    return read(*root, type, {}, into) && document_->is_at_end();
  }

 private:
  bool read(ondemand::value& value, const Type& type, const Rules& rules, void* into) {
    if (type.kind < Kind::object) [[likely]]
      return read_scalar(value, type, rules, into) || refuse_value(type, rules);
    if (type.kind == Kind::object) return read_object(value, type, into);
    return type.kind == Kind::array ? read_array(value, type, rules, into)
                                    : read_optional(value, type, rules, into);
  }

  bool read_optional(ondemand::value& value, const Type& type, const Rules& rules, void* into) {
    bool is_null = false;
    if (value.is_null().get(is_null) == simdjson::SUCCESS && is_null) {
      type.clear(into);
      return true;
    }
    return read(value, *type.inner, rules, type.add(into));
  }

  bool read_array(ondemand::value& value, const Type& type, const Rules& rules, void* into) {
    ondemand::array array;
    if (value.get_array().get(array) != simdjson::SUCCESS) return refuse_value(type, rules);
    if (level_ == most_levels) return refuse("is nested too deeply");
    const bool has_containers = type.inner->inner != nullptr;  // they have no `items` of their own
    const Rules of_container = has_containers ? without_items(rules) : Rules{};
    const Rules& of_element = has_containers ? of_container : rules;
    type.clear(into);
    Step& step = steps_[level_++];
    step.name = nullptr;
    std::size_t count = 0;
    for (auto element : array) {
      if (element.error() != simdjson::SUCCESS) return false;
      if (count == rules.most_items) {
        --level_;
        return refuse_value(type, rules);
      }
      step.number = count++;
      ondemand::value found = element.value_unsafe();
      if (!read(found, *type.inner, of_element, type.add(into))) return false;
    }
    --level_;
    return count >= rules.least_items || refuse_value(type, rules);
  }

  bool read_object(ondemand::value& value, const Type& type, void* into) {
    ondemand::object object;
    if (value.get_object().get(object) != simdjson::SUCCESS) return refuse_value(type, {});
    if (level_ == most_levels) return refuse("is nested too deeply");
    Step& step = steps_[level_++];
    std::uint64_t missing = type.required;
    std::uint64_t seen = 0;
    std::size_t next = 0;
    for (auto member : object) {
      if (member.error() != simdjson::SUCCESS) return false;
      ondemand::field&& field = std::move(member).value_unsafe();
      const std::size_t index = find_member(field, type, next, step);
      if (index >= type.members.size()) {
        if (index == unreadable || !read_other(field.value(), type)) return false;
        continue;
      }
      next = index + 1;
      const std::uint64_t bit = std::uint64_t{1} << index;
      const ObjectMember& known = type.members[index];
      if ((seen & bit) != 0) {
        if (!refuse("is there twice") || !document_->pass(field.value())) return false;
        continue;
      }
      seen |= bit;
      missing &= ~bit;
      if (!read(field.value(), *known.type, known.rules, known.of(into))) return false;
    }
    if (missing != 0 && !refuse_missing(type, missing)) return false;
    --level_;
    return true;
  }

  bool read_other(ondemand::value& value, const Type& type) {
    return (type.ignores_others || refuse("is not known")) && document_->pass(value);
  }

  bool refuse_missing(const Type& type, std::uint64_t missing) {
    for (; missing != 0; missing &= missing - 1) {
      const std::string_view name = type.members[static_cast<std::size_t>(std::countr_zero(missing))].name;
      steps_[level_ - 1] = {name.data(), name.size()};
      if (!refuse("is missing")) return false;
    }
    return true;
  }

  static constexpr std::size_t unreadable = ~std::size_t{0};

  /// The index of the member with the field's name, the number of members if there is none, or `unreadable`
  /// if the name is no JSON string. Most clients send members in the order in which they were declared:
  /// `next` is compared first, as the text has it, because names of members hold no escapes.
  std::size_t find_member(ondemand::field& field, const Type& type, std::size_t next, Step& step) const {
    std::string_view name;
    std::size_t index = next;
    if (next < type.members.size() && is_here(field.key().raw(), type.members[next])) {
      name = type.members[next].name;
    } else {
      if (unescaped_name(field).get(name) != simdjson::SUCCESS) return unreadable;
      const auto found = std::ranges::find(type.members, name, &ObjectMember::name);
      index = static_cast<std::size_t>(found - type.members.begin());
    }
    step = {name.data(), name.size()};
    return index;
  }

  /// Whether this name and the closing quote are here. Eight bytes can be read: padding follows the text.
  [[nodiscard]] bool is_here(const char* place, const ObjectMember& member) const noexcept {
    std::uint64_t bytes = 0;
    std::memcpy(&bytes, place, sizeof bytes);
    if ((bytes & member.start.mask) != member.start.bytes) return false;
    const std::string_view name = member.name;
    if (name.size() < sizeof bytes) return true;
    const std::string_view rest = document_->from(place);
    return rest.size() > name.size() && rest.starts_with(name) && rest[name.size()] == '"';
  }

  [[gnu::cold, gnu::noinline]] bool refuse_value(const Type& type, const Rules& rules) {
    return faults_ != nullptr && refuse(expectation(type, rules));
  }

  /// False if that is enough.
  [[gnu::cold, gnu::noinline]] bool refuse(std::string_view message) {
    if (faults_ == nullptr) return false;
    faults_->refuse(pointer(), message);
    return !faults_->is_full();
  }

  /// To the value that is being read (RFC 6901 section 3).
  [[nodiscard]] std::string pointer() const {
    std::string pointer;
    for (const Step& step : std::span(steps_).first(level_)) {
      pointer += '/';
      if (step.name == nullptr) pointer += std::to_string(step.number);
      for (const char c : std::string_view(step.name, step.name == nullptr ? 0 : step.number)) {
        if (c == '~' || c == '/')
          pointer += c == '~' ? "~0" : "~1";
        else
          pointer += c;
      }
    }
    return pointer;
  }

  Document* document_;
  InputFaults* faults_;
  std::array<Step, most_levels> steps_;
  std::size_t level_ = 0;
};

}  // namespace

void read(TextArgument text, const Type& type, void* value) {
  const auto document = Document::take();
  if (document->begin(text) && ValueReader(*document, nullptr).read_all(type, value)) return;
  require_json(document->load(text));
  InputFaults faults;
  ValueReader(*document, &faults).read_all(type, value);
  faults.check("the body is not what it should be");
  throw HttpError(400, "the body is not JSON: unreadable");  // The fuzzer looks for such a text.
}

}  // namespace chopin::json
