#include "connection/connection_limit.hpp"

#include <exception>

namespace chopin::connection {

ConnectionSlot::~ConnectionSlot() {
  if (limit_ != nullptr) limit_->give_back();
}

ConnectionSlot ConnectionLimit::take() noexcept {
  if (memory_.refuses_connections()) return {};
  for (;;) {
    std::size_t open = open_.load();
    while (open < most_) {
      if (open_.compare_exchange_weak(open, open + 1)) return ConnectionSlot(*this);
    }
    if (someone_waits_.exchange(true)) return {};  // else retry: a connection may just have ended
  }
}

void ConnectionLimit::ask_for_room() noexcept try { on_full_(); } catch (const std::exception&) {
  return;  // out of memory; listeners retry at each tick anyway
}

void ConnectionLimit::give_back() noexcept {
  open_.fetch_sub(1);
  if (!someone_waits_.load() || !someone_waits_.exchange(false)) return;
  try {
    on_room_();
  } catch (const std::exception&) {
    someone_waits_ = true;  // out of memory; listeners retry at each tick anyway
  }
}

}  // namespace chopin::connection
