#include "chopin/spawn_scope.hpp"

#include "system/cpus.hpp"

namespace chopin {

SpawnScope::SpawnScope() noexcept : was_pinned_(system::unpin_this_thread()) {}

SpawnScope::~SpawnScope() {
  if (was_pinned_) system::pin_this_thread_again();
}

}  // namespace chopin
