#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "chopin/form.hpp"
#include "http/form_pairs.hpp"
#include "http/form_scalar.hpp"

namespace chopin {
namespace {

using json::Kind;
using json::ObjectMember;
using json::Type;

/// Reads the pairs of a form into a struct.
class StructReader {
 public:
  StructReader(const Type& type, void* into) noexcept : type_(&type), into_(into) {}

  /// False if that are faults enough.
  bool read(std::string_view name, std::string_view value) {
    const auto found = std::ranges::find(type_->members, name, &ObjectMember::name);
    if (found == type_->members.end()) return type_->ignores_others || refuse(name, "is not known");
    const auto index = static_cast<std::size_t>(found - type_->members.begin());
    const std::uint64_t bit = std::uint64_t{1} << index;
    const Type& type = *found->type;
    const Type& read = type.inner == nullptr ? type : *type.inner;
    const bool may_be_missing = !found->is_required || type.kind == Kind::array;
    if (value.empty() && may_be_missing && read.kind != Kind::text) return true;
    if (type.kind == Kind::array) {
      if (counts_[index]++ == found->rules.most_items)
        return refuse(name, http::form_expectation(type, found->rules));
      if (counts_[index] > found->rules.most_items) return true;
    } else if ((seen_ & bit) != 0) {
      return refuse(name, "is there twice");
    }
    seen_ |= bit;
    void* const place = found->of(into_);
    void* const into = type.inner == nullptr ? place : type.add(place);
    return http::read_form_scalar(value, read, found->rules, into) ||
           refuse(name, http::form_expectation(read, found->rules));
  }

  void check() {
    for (std::size_t i = 0; i < type_->members.size(); ++i) {
      const ObjectMember& member = type_->members[i];
      const bool is_missing = member.type->kind == Kind::array ? counts_[i] < member.rules.least_items
                                                               : member.is_required && (seen_ >> i & 1) == 0;
      if (!is_missing) continue;
      refuse(member.name, member.type->kind == Kind::array
                              ? http::form_expectation(*member.type, member.rules)
                              : "is missing");
    }
    faults_.check("the request has invalid parameters");
  }

 private:
  bool refuse(std::string_view name, std::string_view message) {
    faults_.refuse(name, message);
    return !faults_.is_full();
  }

  const Type* type_;
  void* into_;
  InputFaults faults_;
  std::uint64_t seen_ = 0;  // a bit for each member
  std::array<std::size_t, 64> counts_{};
};

}  // namespace

void Form::read_struct(const json::Type& type, void* into) const {
  StructReader reader(type, into);
  http::for_each_pair(encoded_, [&reader](std::string_view name, std::string_view value) {
    return reader.read(http::decode_form(name), http::decode_form(value));
  });
  reader.check();
}

}  // namespace chopin
