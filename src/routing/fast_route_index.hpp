#pragma once

#include <string_view>

#include "chopin/method.hpp"
#include "http/canned_response.hpp"
#include "routing/path_table.hpp"
#include "routing/route_table.hpp"

namespace chopin::routing {

/// The fast routes compiled into finished answers. Read-only once built, shared by all workers.
class FastRouteIndex {
 public:
  /// Adds the answers to the fast routes of `table` to `responses`; of none where answers are composed.
  FastRouteIndex(const RouteTable& table, AnswerClass answer_class, http::CannedResponses& responses);

  /// The finished answer to a method on a path as it was sent, without its query. Null: ask the router.
  [[nodiscard, gnu::always_inline]] const http::ResponseId* find(Method method,
                                                                 std::string_view path) const noexcept {
    const Answers* const answers = paths_.find(path);
    if (answers == nullptr) [[unlikely]]
      return nullptr;
    if (answers->methods.contains(method)) [[likely]]
      return &answers->response;
    if (method == Method::options && answers->has_preflight) return &answers->preflight;
    return nullptr;
  }

 private:
  struct Answers {
    MethodSet methods;
    bool has_preflight = false;
    http::ResponseId response{};
    http::ResponseId preflight{};
  };

  using Entries = std::vector<std::pair<std::string, Answers>>;
  static Entries compile(const RouteTable& table, AnswerClass answer_class, http::CannedResponses& responses);

  PathTable<Answers> paths_;
};

}  // namespace chopin::routing
