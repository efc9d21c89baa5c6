#pragma once

#include <string>
#include <vector>

#include "chopin/router.hpp"
#include "routing/site.hpp"

namespace chopin::routing {

/// Responds with the pattern and its parameters.
inline Handler naming(const std::string& pattern) {
  return [pattern](const Request& request, Response& response) {
    std::string text = pattern;
    for (const auto& [name, value] : request.params())
      text.append(" ").append(name).append("=").append(value);
    response.text(text);
  };
}

inline Router router_of(const std::vector<std::string>& patterns) {
  Router router;
  for (const std::string& pattern : patterns) router.get(pattern, naming(pattern));
  return router;
}

inline Site site_of(const std::vector<std::string>& patterns) {
  return Site(router_of(patterns));
}

}  // namespace chopin::routing
