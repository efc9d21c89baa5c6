// A handler that responds later: here from a timer of Asio on the worker's io_context.
#include <chopin/server.hpp>
#include <chopin/settings.hpp>
#include <chrono>
#include <exception>
#include <iostream>
#include <memory>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

namespace {

void respond_in_a_moment(chopin::Responder responder) {
  const auto timer = std::make_shared<boost::asio::steady_timer>(responder.io_context());
  timer->expires_after(std::chrono::milliseconds(20));
  // std::function and its like copy what they hold, so the responder, which cannot be copied, is shared.
  const auto shared = std::make_shared<chopin::Responder>(std::move(responder));
  timer->async_wait([timer, shared](boost::system::error_code) {
    shared->response().text("at last\n");
    shared->send();
  });
}

}  // namespace

int main(int argc, char** argv) try {
  chopin::Router router;
  router.get("/later", respond_in_a_moment);
  chopin::Server(chopin::read_settings(argc, argv).config, std::move(router)).run();
} catch (const std::exception& error) {
  std::cerr << "later: " << error.what() << '\n';
  return 1;
}
