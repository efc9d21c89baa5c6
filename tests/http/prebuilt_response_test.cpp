#include "http/prebuilt_response.hpp"

#include <memory>
#include <string>

#include <gtest/gtest.h>

namespace chopin::http {
namespace {

constexpr std::string_view date = "Sun, 06 Nov 1994 08:49:37 GMT";

TEST(PrebuiltResponses, have_their_fields_in_the_documented_order) {
  PrebuiltResponses responses;
  Response response;
  const ResponseId id =
      responses.add(response.body("text/plain", "hi").field("X-One", "1").field("X-Two", "2"));
  DatedResponses dated(responses);
  dated.set_date(date);
  const std::string head =
      "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\nServer: chopin\r\nX-One: 1\r\n"
      "X-Two: 2\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n";
  EXPECT_EQ(dated.bytes(id, Persistence::keep_alive, false), head + "\r\nhi");
  EXPECT_EQ(dated.bytes(id, Persistence::keep_alive, true), head + "\r\n");
  EXPECT_EQ(dated.bytes(id, Persistence::close, false), head + "Connection: close\r\n\r\nhi");
  EXPECT_EQ(dated.bytes(id, Persistence::keep_alive_http_1_0, true), head + "Connection: keep-alive\r\n\r\n");
}

TEST(PrebuiltResponses, without_a_content_type_have_neither_body_fields_nor_body) {
  PrebuiltResponses responses;
  Response response;
  const ResponseId id = responses.add(response.no_content());
  DatedResponses dated(responses);
  dated.set_date(date);
  EXPECT_EQ(dated.bytes(id, Persistence::keep_alive, false),
            "HTTP/1.1 204 No Content\r\nServer: chopin\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n\r\n");
}

TEST(PrebuiltResponses, with_a_shared_body_are_heads_that_name_its_size) {
  PrebuiltResponses responses;
  Response response;
  response.body("text/plain", std::make_shared<const std::string>(100'000, 'x'));
  const ResponseId id = responses.add(response);
  const DatedResponses both(responses);
  const std::string_view bytes = both.bytes(id, Persistence::keep_alive, false);
  EXPECT_EQ(bytes, both.bytes(id, Persistence::keep_alive, true));
  EXPECT_NE(bytes.find("Content-Length: 100000\r\n"), std::string_view::npos) << bytes;
  EXPECT_TRUE(bytes.ends_with("\r\n\r\n"));
}

TEST(PrebuiltResponses, hold_an_error_object_for_every_rejection) {
  const PrebuiltResponses responses;
  DatedResponses dated(responses);
  dated.set_date(date);
  EXPECT_EQ(
      dated.bytes(PrebuiltResponses::id_of(Rejection::host_missing), Persistence::close, false),
      "HTTP/1.1 400 Bad Request\r\nContent-Type: application/json\r\nContent-Length: 91\r\nServer: chopin\r\n"
      "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\nConnection: close\r\n\r\n"
      R"({"success":false,"error":{"code":"BAD_REQUEST","message":"HTTP/1.1 requires a Host field"}})");
}

TEST(DatedResponses, change_their_date_independently_of_each_other) {
  PrebuiltResponses responses;
  Response response;
  const ResponseId id = responses.add(response.body("a/b", "x"));
  DatedResponses one(responses);
  DatedResponses other(responses);
  one.set_date(date);
  other.set_date("Mon, 07 Nov 1994 08:49:37 GMT");
  EXPECT_NE(one.bytes(id, Persistence::close, false).find("Sun, 06"), std::string_view::npos);
  EXPECT_NE(other.bytes(id, Persistence::close, false).find("Mon, 07"), std::string_view::npos);
}

}  // namespace
}  // namespace chopin::http
