// What is under way in a worker's loop while it serves /plaintext, for bench/run waiting: nothing, one timer
// in the io_context, a thousand timers and a hundred descriptors in the loop itself, or idle connections to
// PostgreSQL, whose URL the variable DATABASE_URL has. GET /wait begins it.
// GET /delay/MILLISECONDS, for bench/run delayed, responds after that time, which a coroutine awaits.
//
//   chopin_waiting PORT nothing | io_context | loop | pool
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <deque>
#include <exception>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <sys/eventfd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>

#include "chopin/database.hpp"
#include "chopin/executor.hpp"
#include "chopin/server.hpp"
#include "loop/event_loop.hpp"

namespace {

using namespace std::chrono_literals;

constexpr int timers = 1000;
constexpr int descriptors = 100;

/// A descriptor that never becomes ready.
struct Silent final : chopin::loop::EventHandler {
  explicit Silent(chopin::loop::EventLoop& loop) { loop.require_watch(descriptor.get(), *this); }
  void on_events(chopin::loop::Events /*events*/) noexcept override { std::abort(); }
  chopin::system::Descriptor descriptor{eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)};
};

struct Waiting {
  std::unique_ptr<boost::asio::steady_timer> timer;
  std::deque<Silent> silent;

  void begin(std::string_view kind, const chopin::Responder& responder) {
    if (kind == "io_context") {
      timer = std::make_unique<boost::asio::steady_timer>(responder.io_context(), 1h);
      timer->async_wait([](boost::system::error_code) {});
    } else if (kind == "loop") {
      for (int i = 0; i < timers; ++i) {
        const auto sleep = [](std::chrono::minutes pause) -> chopin::Task<> {
          co_await chopin::sleep_for(pause);
        };
        boost::asio::co_spawn(responder.executor(), sleep(std::chrono::minutes(60 + i)),
                              boost::asio::detached);
      }
      for (int i = 0; i < descriptors; ++i) silent.emplace_back(responder.executor().loop());
    }
  }
};

chopin::Task<> respond_after(const chopin::Request& request, chopin::Response& response) {
  co_await chopin::sleep_for(std::chrono::milliseconds(std::stol(std::string(request.param("time")))));
  response.text("at last");
}

/// Opens the shared connection and the lane of the worker.
chopin::Task<> open_pool(const chopin::Request& request, chopin::Response& response) {
  static const chopin::Statement<chopin::Row<std::int32_t>()> one("SELECT 1");
  auto& database = request.worker<chopin::Database>();
  co_await database.query(one());
  co_await database.transaction(
      [](chopin::Transaction& transaction) -> chopin::Task<> { co_await transaction.query(one()); });
  response.text("pool");
}

void add_pool(chopin::Router& router) {
  const char* const url = std::getenv("DATABASE_URL");
  if (url == nullptr) throw std::invalid_argument("DATABASE_URL is not set");
  router.per_worker<chopin::Database>(chopin::Database::maker({.url = url, .connections = 2}));
  router.get("/wait", open_pool);
}

int serve(std::uint16_t port, const std::string& kind) {
  chopin::Config config;
  config.mode = chopin::Mode::performance;
  config.environment = chopin::Environment::production;
  config.log_level = chopin::LogLevel::info;  // for the number of requests at the end
  config.workers = 1;
  config.pin_cpus = false;
  config.port = port;
  Waiting waiting;
  chopin::Router router;
  router.fast(chopin::FastRoute::text("/plaintext", "Hello, World!"));
  if (kind == "pool") {
    add_pool(router);
  } else {
    router.route(chopin::Method::get, "/wait", [&waiting, kind](chopin::Responder responder) {
      waiting.begin(kind, responder);
      responder.response().text(kind);
      responder.send();
    });
  }
  router.get("/delay/{time}", respond_after);
  chopin::Server server(config, std::move(router));
  server.run([&server] { std::cout << "http://" << server.address() << std::endl; });
  waiting.timer.reset();  // before the io_context goes, which the server has
  return EXIT_SUCCESS;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "usage: chopin_waiting PORT nothing | io_context | loop | pool\n";
    return 2;
  }
  try {
    return serve(static_cast<std::uint16_t>(std::stoi(argv[1])), argv[2]);
  } catch (const std::exception& error) {
    std::cerr << "chopin_waiting: " << error.what() << '\n';
    return EXIT_FAILURE;
  }
}
