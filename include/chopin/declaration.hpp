#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <typeindex>
#include <vector>

#include "chopin/json_type.hpp"

namespace chopin {

/// An error that a layer or a handler may respond with, for the document of the API.
struct DeclaredError {
  std::uint16_t status;  ///< 400..599
  std::string meaning;   ///< a sentence
};

/// A response that a handler may return.
struct DeclaredResponse {
  std::uint16_t status = 200;
  const json::Type* type = nullptr;  ///< of the value; null: there is no body
  bool in_envelope = true;           ///< {"success":true,"data":value}
  /// Throws HttpError, naming the fault, if a body is not such a value. Null: there is no body.
  void (*check)(std::string_view body, bool in_envelope) = nullptr;
};

/// What a route takes and responds with. `operation` makes it from the types of a handler; the document of
/// the API shows it, and with `ENVIRONMENT=test` every response is compared with it.
///
/// Thread safety: one thread at a time; several may read.
/// Lifetime: owns its texts; types are constants.
/// Throws: std::bad_alloc.
struct Declaration {
  std::string summary{};
  std::string description{};
  std::string tag{};
  const json::Type* path = nullptr;   ///< of an object by the names of the pattern, or of its only parameter
  const json::Type* query = nullptr;  ///< of an object
  const json::Type* body = nullptr;
  std::string_view body_type{};             ///< its media type
  bool takes_user = false;                  ///< a layer must check who it is
  std::vector<std::type_index> services{};  ///< of its worker; see Router::per_worker
  /// What the handler returns. Empty if it fills a Response itself: then nothing is known of them.
  std::vector<DeclaredResponse> responses{};
  std::vector<DeclaredError> errors{};
};

}  // namespace chopin
