#pragma once

#include <string>

#include "chopin/fast_route.hpp"

/// The page on which people read and try an API.
namespace chopin::docs {

struct Page {
  /// With its style and its script. Loads nothing but the document, at `openapi.json` below its own path, and
  /// sends requests to where it came from only.
  std::string html;
  /// The value of Content-Security-Policy (CSP Level 3) that lets it run: no script or style but its own.
  std::string content_security_policy;
};

/// Throws std::bad_alloc.
Page page();

/// The page with the fields that browsers must see. The application serves the document, OpenAPI 3.1 in JSON,
/// at `path` with `/openapi.json` after it. Operations are tried at the paths of the document after what
/// `path` has before its last segment: those of `/shop/api-docs` below `/shop`. Throws std::bad_alloc.
FastRoute page_route(std::string path);

}  // namespace chopin::docs
