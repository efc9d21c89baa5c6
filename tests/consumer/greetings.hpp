#include <chopin/operation.hpp>
#include <chopin/router.hpp>
#include <string>

struct Greeting {
  std::string text;
  int times = 1;

  static constexpr auto json_members =
      chopin::members(chopin::member("text", &Greeting::text).length(1, 80),
                      chopin::member("times", &Greeting::times).range(1, 9).or_default());
};

inline chopin::Created<Greeting> greet(chopin::Path<std::string> name, chopin::Body<Greeting> greeting) {
  if (*name == "nobody") throw chopin::HttpError(409, "nobody cannot be greeted");
  return {*greeting};
}

inline void add_greetings(chopin::Router& router) {
  router.document({.title = "Greetings", .version = "1.0"});
  router.post("/people/{name}/greetings",
              chopin::operation(greet, {.summary = "Greets somebody.",
                                        .errors = {{409, "This person cannot be greeted."}}}));
}
