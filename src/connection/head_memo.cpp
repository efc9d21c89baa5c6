#include "connection/head_memo.hpp"

#include <algorithm>
#include <functional>

namespace chopin::connection {

bool HeadMemo::search(std::string_view bytes) noexcept {
  const auto* const found =
      std::ranges::find_if(entries_, [bytes](const Entry& entry) { return entry.begins(bytes); });
  if (found == entries_.end()) {
    pause_ = std::min(2 * pause_ + 1, longest_pause);
    passed_over_ = pause_;
    return false;
  }
  make_last_found(*found);
  return true;
}

void HeadMemo::make_last_found(const Entry& entry) noexcept {
  last_found_ = &entry;
  pause_ = 0;
  passed_over_ = 0;
}

void HeadMemo::remember(std::string_view bytes, const Known& unknown) noexcept {
  if (search(bytes)) return;  // it is known, but the lookup was skipped
  const http::RequestHead& head = unknown.head;
  if (head.size > most_bytes || head.fields.size() > most_fields) return;
  Entry& entry = entries_[next_];
  if (entry.size == SIZE_MAX) unknown_until_change_ = 1;  // this entry was free, the next may be too
  next_ = (next_ + 1) % capacity;
  std::ranges::copy(bytes.substr(0, head.size), entry.bytes.begin());
  const auto own = [&](std::string_view text) {
    const std::less<> before;  // a path such as "*" is a constant, not part of the head
    const bool is_constant =
        before(text.data(), bytes.data()) || before(bytes.data() + head.size, text.data());
    return is_constant ? text
                       : std::string_view(entry.bytes.data() + (text.data() - bytes.data()), text.size());
  };
  std::ranges::transform(head.fields, entry.fields.begin(), [&](const Field& field) {
    return Field{.name = own(field.name), .value = own(field.value)};
  });
  entry.known = unknown;
  entry.known.head.target = own(head.target);
  entry.known.head.path = own(head.path);
  entry.known.head.fields = {entry.fields.data(), head.fields.size()};
  entry.size = head.size;
  entry.last_bytes = last_word_of(bytes.substr(0, head.size));
  make_last_found(entry);
}

}  // namespace chopin::connection
