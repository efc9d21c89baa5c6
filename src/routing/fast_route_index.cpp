#include "routing/fast_route_index.hpp"

#include "http/normal_path.hpp"
#include "routing/preflight.hpp"

namespace chopin::routing {
namespace {

http::ResponseDraft route_response(const FastRoute& route) {
  return {
      .status = 200, .content_type = route.content_type(), .headers = route.headers(), .body = route.body()};
}

http::ResponseDraft preflight_response(const std::string& allow) {
  http::ResponseDraft draft{.status = 204, .content_type = {}, .headers = {{"Allow", allow}}, .body = {}};
  draft.headers.emplace_back(allow_origin);
  for (const FieldText& field : preflight_fields) draft.headers.emplace_back(field);
  return draft;
}

}  // namespace

FastRouteIndex::FastRouteIndex(const RouteTable& table, Mode mode, AnswerClass answer_class,
                               http::CannedResponses& responses)
    : paths_(compile(table, mode, answer_class, responses)) {}

FastRouteIndex::Entries FastRouteIndex::compile(const RouteTable& table, Mode mode, AnswerClass answer_class,
                                                http::CannedResponses& responses) {
  Entries entries;
  if (mode == Mode::standard) return entries;
  std::string memory;
  for (const FastRoute& route : table.fast_routes()) {
    Answers answers;
    answers.methods = route.methods();
    if (answer_class == AnswerClass::composed) {
      answers.usual.composed = &route;
    } else {
      answers.usual.finished = responses.add(route_response(route));
      answers.has_preflight = route.answers_preflight();
      if (answers.has_preflight) {
        const MethodSet allowed = table.allowed(http::normalise_path(route.path(), memory).path);
        answers.preflight.finished = responses.add(preflight_response(allowed.allow()));
      }
    }
    entries.emplace_back(route.path(), answers);
  }
  return entries;
}

}  // namespace chopin::routing
