#pragma once

#include "chopin/router.hpp"

namespace chopin::docs {

/// Adds the routes of Router::document, if it was called. Throws std::invalid_argument if there is a route at
/// one of their paths.
Router with_document(Router router);

}  // namespace chopin::docs
