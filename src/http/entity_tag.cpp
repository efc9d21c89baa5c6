#include "chopin/entity_tag.hpp"

#include <string>
#include <string_view>
#include <utility>

#include "chopin/error.hpp"
#include "text/characters.hpp"

namespace chopin {
namespace {

constexpr std::string_view weak_mark = "W/";

/// Whether a list of entity tags (RFC 9110 section 8.8.3) names `tag`, or is `*`. What is no entity tag ends
/// it: a comma in one is no end.
bool names(std::string_view list, std::string_view tag, bool takes_weak) noexcept {
  list = text::trimmed(list);
  if (list == "*") return true;
  while (!list.empty()) {
    if (list.front() == ',' || list.front() == ' ' || list.front() == '\t') {
      list.remove_prefix(1);
      continue;
    }
    const bool is_weak = list.starts_with(weak_mark);
    if (is_weak) list.remove_prefix(weak_mark.size());
    const std::size_t end = list.starts_with('"') ? list.find('"', 1) : std::string_view::npos;
    if (end == std::string_view::npos) return false;
    if (list.substr(0, end + 1) == tag && (takes_weak || !is_weak)) return true;
    list.remove_prefix(end + 1);
  }
  return false;
}

/// The values of all fields with this name, which are one list.
std::string list_of(const Request& request, std::string_view name) {
  std::string list;
  for (const std::string_view value : request.field_values(name)) {
    if (!list.empty()) list += ", ";
    list += value;
  }
  return list;
}

std::string_view without_weak_mark(std::string_view tag) noexcept {
  return tag.starts_with(weak_mark) ? tag.substr(weak_mark.size()) : tag;
}

}  // namespace

bool is_not_modified(const Request& request, TextArgument tag) {
  return names(list_of(request, "If-None-Match"), without_weak_mark(tag), true);
}

IfMatch IfMatch::from(const Request& request) {
  std::string list = list_of(request, "If-Match");
  if (list.empty()) throw HttpError(428, "If-Match with the ETag of what is changed is missing");
  return IfMatch(std::move(list));
}

void IfMatch::declare(Declaration& declaration) {
  declaration.errors.push_back({412, "It has changed since."});
  declaration.errors.push_back({428, "If-Match is missing."});
}

void IfMatch::require(TextArgument tag) const {
  const std::string_view strong = tag;
  const bool is_weak = strong.starts_with(weak_mark);
  if (!names(list_, strong, false) || (is_weak && list_ != "*")) throw HttpError(412, "it has changed since");
}

}  // namespace chopin
