#include "http/request_copy.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

namespace chopin::http {
namespace {

/// The bytes of a request, which can be overwritten as the next request in a connection's buffer does.
class Source {
 public:
  Source(std::string_view target, std::string_view path, std::string_view body)
      : target_(target),
        path_(path),
        body_(body),
        fields_{{{keep("Host"), keep("example.com")}, {keep("X-Empty"), keep("")}}},
        params_{{{"id", keep("a name long enough for the heap")}, {"rest", keep("")}}} {}

  [[nodiscard]] Request request() const {
    return Request({.method = Method::patch,
                    .target = target_,
                    .path = path_,
                    .fields = fields_,
                    .params = params_,
                    .body = body_,
                    .is_http_1_1 = false});
  }

  void overwrite() {
    for (std::string* text : {&target_, &path_, &body_}) std::ranges::fill(*text, '#');
    for (const auto& text : texts_) std::ranges::fill(*text, '#');
    fields_.fill({"gone", "gone"});
    params_.fill({"gone", "gone"});
  }

 private:
  std::string_view keep(std::string_view text) {
    return *texts_.emplace_back(std::make_unique<std::string>(text));
  }

  std::string target_;
  std::string path_;
  std::string body_;
  std::vector<std::unique_ptr<std::string>> texts_;
  std::array<Field, 2> fields_;
  std::array<Param, 2> params_;
};

void expect_survival(const std::string& target, const std::string& path, const std::string& body) {
  auto source = std::make_unique<Source>(target, path, body);
  auto original = std::make_unique<Request>(source->request());
  original->set_note("user", "anna, who has a name too long for a short string");
  const RequestCopy copy(*original);
  source->overwrite();
  source.reset();
  original.reset();

  const Request& request = copy.request();
  EXPECT_EQ(request.method(), Method::patch);
  EXPECT_FALSE(request.is_http_1_1());
  EXPECT_EQ(request.target(), target);
  EXPECT_EQ(request.path(), path);
  EXPECT_EQ(request.body(), body);
  EXPECT_EQ(request.fields().size(), 2U);
  EXPECT_EQ(request.field("host"), "example.com");
  EXPECT_EQ(request.fields()[1].name, "X-Empty");
  EXPECT_EQ(request.fields()[1].value, "");
  EXPECT_EQ(request.params().size(), 2U);
  EXPECT_EQ(request.param("id"), "a name long enough for the heap");
  EXPECT_EQ(request.param("rest"), "");
  EXPECT_EQ(request.note("user"), "anna, who has a name too long for a short string");
}

TEST(RequestCopy, survives_its_original) {
  expect_survival("/a%20b?c=d", "/a b", R"({"a":1})");
  expect_survival("/", "/", "");
  expect_survival("/" + std::string(5000, 'a'), "/" + std::string(5000, 'b'), std::string(100'000, 'c'));
}

TEST(RequestCopy, shares_a_body_that_may_be_shared) {
  const auto body = std::make_shared<const std::string>(100'000, 'c');
  const RequestCopy copy(Request({.body = *body, .shared_body = &body}));
  EXPECT_EQ(copy.request().body().data(), body->data());
  EXPECT_EQ(copy.request().shared_body(), body);
  EXPECT_GE(copy.memory(), body->size());
}

TEST(RequestCopy, does_not_take_another_text_for_the_body) {
  const auto other = std::make_shared<const std::string>(100'000, 'c');
  const RequestCopy copy(Request({.body = "mine", .shared_body = &other}));
  EXPECT_EQ(copy.request().body(), "mine");
  EXPECT_EQ(copy.request().shared_body(), nullptr);
}

TEST(RequestCopy, keeps_the_names_of_its_parameters) {
  auto name = std::make_unique<std::string>("a_name_that_is_long_enough_for_the_heap");
  const std::array<Param, 1> params{{{*name, "7"}}};
  const RequestCopy copy(Request({.params = params}));
  name->assign(name->size(), '#');
  name.reset();
  EXPECT_EQ(copy.request().param("a_name_that_is_long_enough_for_the_heap"), "7");
}

TEST(RequestCopy, survives_its_original_when_short_enough_to_need_no_heap) {
  auto target = std::make_unique<std::string>("/");
  const RequestCopy copy(Request({.target = *target, .path = *target, .body = *target}));
  *target = "#";
  target.reset();
  EXPECT_EQ(copy.request().target(), "/");
  EXPECT_EQ(copy.request().path(), "/");
  EXPECT_EQ(copy.request().body(), "/");
}

TEST(RequestCopy, keeps_the_clock_running) {
  Request original;
  original.start_clock();
  const RequestCopy copy(original);
  EXPECT_LT(copy.request().elapsed(), std::chrono::hours(1));
}

}  // namespace
}  // namespace chopin::http
