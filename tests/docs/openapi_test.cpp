#include "docs/openapi.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "chopin/operation.hpp"
#include "docs/document_routes.hpp"
#include "docs/schemas.hpp"

namespace chopin::docs {
namespace {

enum class Size { small, large };

constexpr auto json_names(Size /*size*/) {
  return std::to_array<EnumName<Size>>({{Size::small, "small"}, {Size::large, "large"}});
}

struct Branch {
  std::string name;
  std::vector<Branch> branches;

  static constexpr auto json_members =
      members(member("name", &Branch::name).length(1, 9), member("branches", &Branch::branches).items(0, 2));
};

struct Tree {
  std::uint8_t age = 0;
  std::optional<double> height;
  std::optional<Size> size;
  std::chrono::sys_seconds planted{};
  std::chrono::year_month_day due{};
  std::string mail;
  Branch trunk;

  static constexpr auto json_members =
      members(member("age", &Tree::age), member("height", &Tree::height).range(0, 99.5),
              member("size", &Tree::size), member("planted", &Tree::planted), member("due", &Tree::due),
              member("mail", &Tree::mail).format(json::Format::email).pattern("@trees[.]org$").or_default(),
              member("trunk", &Tree::trunk))
          .ignore_others();
};

struct Filter {
  Size size = Size::small;
  std::optional<int> least;

  static constexpr auto json_members =
      members(member("size", &Filter::size).or_default(), member("least", &Filter::least).range(0, 9));
};

/// Named as the schema of the error object is.
struct Error {
  int code = 0;

  static constexpr auto json_members = members(member("code", &Error::code));
};

std::string document_of(const Router& router) {
  ByteBuffer out;
  write_openapi(JsonWriter(out), router, {.title = "Trees", .version = "1.2"});
  EXPECT_EQ(JsonObject::validate(out.bytes()).reason, "");
  return std::string(out.bytes());
}

void expect_in(const std::string& document, std::string_view text) {
  EXPECT_NE(document.find(text), std::string::npos) << text << "\nis not in\n" << document;
}

TEST(OpenApi, describes_an_operation_by_the_types_of_its_handler) {
  Router router;
  router.get("/trees/{id}", operation([](Path<int> /*id*/, Query<Filter> /*filter*/) { return Tree(); },
                                      {.summary = "Reads a tree.",
                                       .description = "Or not.",
                                       .tag = "trees",
                                       .errors = {{404, "There is no such tree."}}}));
  const std::string document = document_of(router);
  expect_in(document,
            R"({"openapi":"3.1.0","info":{"title":"Trees","version":"1.2"},"paths":{"/trees/{id}":)"
            R"({"get":{"operationId":"get_trees_id","summary":"Reads a tree.","description":"Or not.",)"
            R"("tags":["trees"],"parameters":[{"name":"id","in":"path","required":true,"schema":)"
            R"({"type":"integer","minimum":-2147483648,"maximum":2147483647}},)"
            R"({"name":"size","in":"query","required":false,"schema":)"
            R"({"$ref":"#/components/schemas/Size"}},)"
            R"({"name":"least","in":"query","required":false,"schema":)"
            R"({"type":"integer","minimum":0,"maximum":9}}],)");
  expect_in(document,
            R"("200":{"description":"OK","content":{"application/json":{"schema":{"type":"object",)"
            R"("properties":{"success":{"const":true},"data":{"$ref":"#/components/schemas/Tree"}},)"
            R"("required":["success","data"]}}}})");
  expect_in(document, R"("404":{"description":"There is no such tree. There is no resource at this path.")");
  expect_in(document, R"("Size":{"type":"string","enum":["small","large"]})");
}

TEST(OpenApi, describes_structs_with_all_their_rules) {
  Router router;
  router.post("/trees", operation([](Body<Tree> /*tree*/) { return NoContent(); }, {}));
  const std::string document = document_of(router);
  expect_in(document, R"("requestBody":{"required":true,"content":{"application/json":{"schema":)"
                      R"({"$ref":"#/components/schemas/Tree"}}}})");
  expect_in(
      document,
      R"("Tree":{"type":"object","properties":{"age":{"type":"integer","minimum":0,"maximum":255},)"
      R"("height":{"type":["number","null"],"minimum":0,"maximum":99.5},)"
      R"("size":{"anyOf":[{"$ref":"#/components/schemas/Size"},{"type":"null"}]},)"
      R"("planted":{"type":"string","format":"date-time"},"due":{"type":"string","format":"date"},)"
      R"("mail":{"type":"string","pattern":"@trees[.]org$","format":"email"},"trunk":{"$ref":"#/components/schemas/Branch"}},)"
      R"("required":["age","planted","due","trunk"],"additionalProperties":true})");
  expect_in(document, R"("Branch":{"type":"object","properties":{"name":{"type":"string","minLength":1,)"
                      R"("maxLength":9},"branches":{"type":"array","items":)"
                      R"({"$ref":"#/components/schemas/Branch"},"maxItems":2}},)");
}

TEST(OpenApi, lists_routes_that_declare_nothing) {
  Router router;
  router.fast(FastRoute::text("/ping", "pong"));
  router.del("/files/{path...}", [](const Request&, Response&) {});
  const std::string document = document_of(router);
  expect_in(document, R"("/ping":{"get":{"operationId":"get_ping","responses":{"200":{"description":)"
                      R"("Always the same.","content":{"text/plain":{}}}}}})");
  expect_in(document, R"("/files/{path}":{"delete":{"operationId":"delete_files_path","parameters":)"
                      R"([{"name":"path","in":"path","required":true,"schema":{"type":"string"}}])");
}

TEST(OpenApi, joins_what_serves_the_same_paths) {
  Router router;
  router.get("/trees/{id}", operation([](Path<int> /*id*/) { return NoContent(); }, {}));
  router.put("/trees/{tree}", operation([](Path<Size> /*tree*/) { return NoContent(); }, {}));
  const std::string document = document_of(router);
  EXPECT_EQ(document.find("{tree}"), std::string::npos);
  expect_in(document, R"("put":{"operationId":"put_trees_id","parameters":[{"name":"id","in":"path",)"
                      R"("required":true,"schema":{"$ref":"#/components/schemas/Size"}}])");
}

TEST(OpenApi, says_which_operations_want_a_token) {
  Router router;
  router.get("/open", operation([] { return NoContent(); }, {}));
  EXPECT_EQ(document_of(router).find("securitySchemes"), std::string::npos);
  router.group("/mine", {{.name = "token", .reason = "", .errors = {{401, "Who?"}}, .wants_token = true}})
      .group("/deep")
      .get("/trees", operation([] { return NoContent(); }, {}));
  const std::string document = document_of(router);
  expect_in(document, R"("401":{"description":"Who?")");
  expect_in(document, R"("security":[{"bearer":[]}])");
  expect_in(document,
            R"("securitySchemes":{"bearer":{"type":"http","scheme":"bearer","bearerFormat":"JWT"}})");
  EXPECT_EQ(document.find("security\""), document.rfind("security\""));
}

TEST(OpenApi, gives_types_of_one_name_different_names) {
  EXPECT_EQ(component_name("app::(anonymous namespace)::Page<app::Note>"), "Page_Note");
  EXPECT_EQ(component_name("{anonymous}::Note"), "Note");
  EXPECT_EQ(component_name("Note"), "Note");
  Router router;
  router.get("/", operation([] { return Error(); }, {}));
  expect_in(document_of(router), R"("Error2":{"type":"object","properties":{"code")");
}

TEST(OpenApi, is_served_with_everything_that_is_added_before_the_start) {
  Router router;
  router.document({.title = "Trees", .version = "1"});
  router.get("/later", [](const Request&, Response&) {});
  const Router documented = with_document(std::move(router));
  std::string document;
  for (const FastRoute& route : documented.fast_routes()) {
    if (route.path() == "/api-docs/openapi.json") document = route.body();
  }
  expect_in(document, R"("/later":)");
  expect_in(document, R"("/api-docs/openapi.json":)");
}

}  // namespace
}  // namespace chopin::docs
