#pragma once

#include <string_view>

#include "chopin/method.hpp"
#include "http/prebuilt_response.hpp"
#include "routing/path_table.hpp"
#include "routing/route_table.hpp"

namespace chopin::routing {

/// What a fast route responds with.
struct FastResponse {
  http::ResponseId prebuilt{};       ///< of a large route the head
  const FastRoute* route = nullptr;  ///< null: `prebuilt` is all of it
  bool is_composed = false;          ///< from `route`, for each request
};

/// The fast routes by their paths, for requests that pass no middleware. Read-only once built, shared by all
/// workers.
class FastRouteIndex {
 public:
  /// Adds prebuilt responses to `responses` if the class is prebuilt. Empty in standard mode.
  FastRouteIndex(const RouteTable& table, Mode mode, ResponseClass response_class,
                 http::PrebuiltResponses& responses);

  /// The response for a method and a path as sent, without its query. Null: dispatch through the router.
  [[nodiscard, gnu::always_inline]] const FastResponse* find(Method method,
                                                             std::string_view path) const noexcept {
    const Entry* const entry = paths_.find(path);
    if (entry == nullptr) [[unlikely]]
      return nullptr;
    if (entry->methods.contains(method)) [[likely]]
      return &entry->response;
    if (method == Method::options && entry->has_preflight) return &entry->preflight;
    return nullptr;
  }

 private:
  struct Entry {
    MethodSet methods;
    bool has_preflight = false;
    FastResponse response;
    FastResponse preflight;
  };

  using Entries = std::vector<std::pair<std::string, Entry>>;
  static Entries compile(const RouteTable& table, Mode mode, ResponseClass response_class,
                         http::PrebuiltResponses& responses);

  PathTable<Entry> paths_;
};

}  // namespace chopin::routing
