#include "chopin/input_faults.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace chopin {
namespace {

using Size = std::uint32_t;  // of a name in the program's source

}  // namespace

void InputFaults::refuse(TextArgument name, TextArgument message) {
  const std::string_view refused = name;
  if (std::ranges::any_of(faults_, [refused](const auto& fault) { return fault.first == refused; })) return;
  faults_.emplace_back(refused, std::string_view(message));
}

void InputFaults::note_read(TextArgument name) {
  const std::string_view text = name;
  const auto size = static_cast<Size>(text.size());
  read_.reserve(read_.size() + sizeof size + text.size());  // nothing, or all of it
  read_.append(reinterpret_cast<const char*>(&size), sizeof size);
  read_ += text;
}

bool InputFaults::has_read(TextArgument name) const noexcept {
  const std::string_view text = name;
  for (std::string_view rest = read_; !rest.empty();) {
    Size size = 0;
    std::memcpy(&size, rest.data(), sizeof size);
    if (rest.substr(sizeof size, size) == text) return true;
    rest.remove_prefix(sizeof size + size);
  }
  return false;
}

void InputFaults::check(TextArgument message) const {
  if (!faults_.empty()) throw HttpError(422, std::string(message), faults_);
}

}  // namespace chopin
