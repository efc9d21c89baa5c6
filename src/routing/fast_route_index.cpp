#include "routing/fast_route_index.hpp"

#include <bit>

namespace chopin::routing {
namespace {

constexpr MethodSet every_method = [] {
  MethodSet methods;
  for (const Method method : implementable_methods) methods.insert(method);
  return methods;
}();

http::ResponseDraft route_response(const FastRoute& route) {
  return {
      .status = 200, .content_type = route.content_type(), .headers = route.headers(), .body = route.body()};
}

http::ResponseDraft options_response(MethodSet allowed, bool is_preflight) {
  http::ResponseDraft draft{
      .status = 204, .content_type = {}, .headers = {{"Allow", allowed.allow()}}, .body = {}};
  if (is_preflight) {
    draft.headers.emplace_back("Access-Control-Allow-Origin", "*");
    draft.headers.emplace_back("Access-Control-Allow-Methods",
                               "GET, HEAD, POST, PUT, DELETE, PATCH, OPTIONS");
    draft.headers.emplace_back("Access-Control-Allow-Headers", "Content-Type, Authorization");
    draft.headers.emplace_back("Access-Control-Max-Age", "86400");
  }
  return draft;
}

http::ResponseDraft method_not_allowed_response(MethodSet allowed) {
  return http::error_response(405, "the resource does not implement this method",
                              {{"Allow", allowed.allow()}});
}

}  // namespace

FastRouteIndex::FastRouteIndex(const FastRouteTable& table, http::CannedResponses& responses)
    : slots_(std::bit_ceil(table.routes().size() * 4 + 1)),
      mask_(slots_.size() - 1),
      not_found_(responses.add(http::error_response(404, "there is no resource at this path"))),
      method_not_allowed_(responses.add(method_not_allowed_response(every_method))),
      server_options_(responses.add(options_response(every_method, false))) {
  paths_.reserve(table.routes().size());  // the slots point into the strings
  for (const FastRoute& route : table.routes()) {
    const std::string& path = paths_.emplace_back(route.path());
    MethodSet allowed = route.methods();
    allowed.insert(Method::options);
    const http::ResponseId response = responses.add(route_response(route));
    const Key key(path);
    std::uint64_t at = key.hash();
    while (slots_[at & mask_].key.size != Key::no_path) ++at;
    slots_[at & mask_] = {.key = key,
                          .path = path.data(),
                          .methods = route.methods(),
                          .response = response,
                          .options = responses.add(options_response(allowed, route.answers_preflight())),
                          .method_not_allowed = responses.add(method_not_allowed_response(allowed))};
  }
}

http::ResponseId FastRouteIndex::answer_unrouted(Method method, std::string_view path) const noexcept {
  if (method == Method::connect || method == Method::trace) return method_not_allowed_;
  if (method == Method::options && path == "*") return server_options_;
  return not_found_;
}

}  // namespace chopin::routing
