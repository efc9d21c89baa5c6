#include <chopin/router.hpp>
#include <cstdint>
#include <string>

// Lets only requests with the token pass.
inline chopin::Middleware require_token(const std::string& token) {
  return {.name = "token",
          .reason = "only token holders may change an item",
          .before = [expected = "Bearer " + token](chopin::Request& request, chopin::Response& response) {
            if (request.field("Authorization") == expected) return chopin::Verdict::next();
            response.error(401, "a valid token is needed").field("WWW-Authenticate", "Bearer");
            return chopin::Verdict::done();
          }};
}

inline void add_items(chopin::Router& router) {
  chopin::RouteGroup items = router.group("/items", {require_token("swordfish")});
  items.put("/{id}", [](const chopin::Request& request, chopin::Response& response) {
    std::string name;
    std::int64_t count = 1;
    request.json().required("name", name).optional("count", count).check();
    response.success([&](chopin::JsonWriter& data) {
      data.begin_object().member("id", request.param("id")).member("name", name).member("count", count);
      data.end_object();
    });
  });
}
