#include "load_client/request.hpp"

#include <stdexcept>
#include <string>

#include <gtest/gtest.h>

namespace load {
namespace {

std::string fault_of(const std::string& bytes) {
  try {
    request_of(bytes);
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "none";
}

TEST(LoadRequest, that_is_whole_is_taken_as_it_is) {
  for (const std::string bytes :
       {"GET / HTTP/1.1\r\nHost: a\r\n\r\n", "POST / HTTP/1.1\r\nHost: a\r\ncontent-length: 2\r\n\r\n20",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n20\r\n0\r\n\r\n"}) {
    EXPECT_EQ(fault_of(bytes), "none") << bytes;
    EXPECT_EQ(request_of(bytes).bytes, bytes);
  }
}

TEST(LoadRequest, that_the_server_would_wait_for_is_refused) {
  EXPECT_NE(fault_of("GET / HTTP/1.1\nHost: a\n\n").find("CR LF"), std::string::npos);
  EXPECT_NE(fault_of("POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\n20").find("fewer bytes"),
            std::string::npos);
  EXPECT_NE(fault_of("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n20\r\n").find("last chunk"),
            std::string::npos);
}

TEST(LoadRequest, that_is_more_than_one_is_refused) {
  EXPECT_NE(fault_of("GET / HTTP/1.1\r\n\r\nGET / HTTP/1.1\r\n\r\n").find("more"), std::string::npos);
}

TEST(LoadRequest, says_whether_its_response_has_a_body_and_whether_the_server_closes) {
  const Request head = request_of("HEAD / HTTP/1.1\r\nConnection: Close\r\n\r\n");
  EXPECT_TRUE(head.is_head);
  EXPECT_TRUE(head.closes);
  const Request get = request_of("GET / HTTP/1.1\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_FALSE(get.is_head);
  EXPECT_FALSE(get.closes);
}

}  // namespace
}  // namespace load
