#pragma once

#include "chopin/api_info.hpp"
#include "chopin/json.hpp"
#include "chopin/router.hpp"

namespace chopin::docs {

/// Writes the document of a router's routes (OpenAPI 3.1.0, JSON Schema 2020-12). Routes that were not made
/// by `operation` are in it with their methods, paths and parameters.
void write_openapi(JsonWriter out, const Router& router, const ApiInfo& info);

}  // namespace chopin::docs
