#include <string>
#include <string_view>
#include <tuple>

#include <gtest/gtest.h>

#include "harness/live_server.hpp"
#include "harness/raw_client.hpp"
#include "wire/modes.hpp"

namespace chopin::test {
namespace {

TEST(Welcome, names_no_path_of_the_host) {
  EXPECT_EQ(std::string_view(CHOPIN_DOCS_URL).find("file:"), std::string_view::npos);
}

TEST(Welcome, describes_the_server) {
  for (const auto& [mode, fast_routes, name] :
       {std::tuple{Mode::performance, ResponseClass::prebuilt, R"("mode":"performance","class":"prebuilt")"},
        std::tuple{Mode::performance, ResponseClass::composed, R"("mode":"performance","class":"composed")"},
        std::tuple{Mode::standard, ResponseClass::composed, R"("mode":"standard","class":"composed")"}}) {
    Config config = in_mode(mode);
    config.fast_routes = fast_routes;
    LiveServer server(config);
    const std::string body = std::string(R"({"name":"chopin","version":")") + CHOPIN_VERSION + R"(",)" +
                             name + R"(,"docs":")" + CHOPIN_DOCS_URL + R"("})";
    const std::string head =
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " +
        std::to_string(body.size()) +
        "\r\nServer: chopin\r\nAccess-Control-Allow-Origin: *\r\nDate: " + std::string(fixed_date) +
        "\r\nConnection: close\r\n\r\n";
    EXPECT_EQ(without_dates(exchange(server.port(), closing("GET / HTTP/1.1"))), head + body);
    EXPECT_EQ(without_dates(exchange(server.port(), closing("HEAD /?x HTTP/1.1"))), head);
  }
}

}  // namespace
}  // namespace chopin::test
