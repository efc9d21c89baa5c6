#pragma once

#include <string>

namespace chopin {

/// What the document of an API says about the API as a whole; see Router::document.
struct ApiInfo {
  std::string title{};
  std::string version{};
  std::string description{};
  /// The path of the page. The document is at `/openapi.json` below it.
  std::string path = "/api-docs";
};

}  // namespace chopin
