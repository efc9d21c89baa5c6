#pragma once

namespace chopin::json {

/// Gives back what this thread keeps of its last large text. The next one allocates it anew.
void give_back_spare_memory() noexcept;

}  // namespace chopin::json
