#pragma once

#include <string_view>

#include "chopin/method.hpp"
#include "http/canned_response.hpp"
#include "routing/path_table.hpp"
#include "routing/route_table.hpp"

namespace chopin::routing {

/// What a fast route answers.
struct FastAnswer {
  http::ResponseId finished{};
  const FastRoute* composed = nullptr;  ///< not null: instead, and for each request
};

/// The fast routes by their paths, for requests that pass no middleware. Read-only once built, shared by all
/// workers.
class FastRouteIndex {
 public:
  /// Adds the answers of class prebuilt to `responses`. Empty in standard mode.
  FastRouteIndex(const RouteTable& table, Mode mode, AnswerClass answer_class,
                 http::CannedResponses& responses);

  /// The answer to a method on a path as it was sent, without its query. Null: ask the router.
  [[nodiscard, gnu::always_inline]] const FastAnswer* find(Method method,
                                                           std::string_view path) const noexcept {
    const Answers* const answers = paths_.find(path);
    if (answers == nullptr) [[unlikely]]
      return nullptr;
    if (answers->methods.contains(method)) [[likely]]
      return &answers->usual;
    if (method == Method::options && answers->has_preflight) return &answers->preflight;
    return nullptr;
  }

 private:
  struct Answers {
    MethodSet methods;
    bool has_preflight = false;
    FastAnswer usual;
    FastAnswer preflight;
  };

  using Entries = std::vector<std::pair<std::string, Answers>>;
  static Entries compile(const RouteTable& table, Mode mode, AnswerClass answer_class,
                         http::CannedResponses& responses);

  PathTable<Answers> paths_;
};

}  // namespace chopin::routing
