#include "chopin/input_faults.hpp"

#include <algorithm>

namespace chopin {

void InputFaults::refuse(TextArgument name, TextArgument message) {
  const std::string_view refused = name;
  if (std::ranges::any_of(faults_, [refused](const auto& fault) { return fault.first == refused; })) return;
  faults_.emplace_back(refused, std::string_view(message));
}

bool InputFaults::has_read(TextArgument name) const noexcept {
  return std::ranges::find(read_, std::string_view(name)) != read_.end();
}

void InputFaults::check(TextArgument message) const {
  if (!faults_.empty()) throw HttpError(422, std::string(message), faults_);
}

}  // namespace chopin
