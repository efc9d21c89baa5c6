#include "stream_routes.hpp"

#include <algorithm>
#include <stdexcept>

#include <boost/system/system_error.hpp>
#include <fmt/core.h>

#include "require.hpp"

namespace chopin::fuzz {
namespace {

constexpr std::string_view binary = "application/octet-stream";

std::uint64_t sum_of(std::string_view bytes, std::uint64_t sum) noexcept {
  for (const char c : bytes) sum = sum * 31 + static_cast<unsigned char>(c);
  return sum;
}

Task<> count(Exchange& exchange) {
  std::size_t size = 0;
  std::uint64_t sum = 0;
  for (;;) {
    const std::string_view part = co_await exchange.read();
    if (part.empty()) break;
    size += part.size();
    sum = sum_of(part, sum);
  }
  exchange.response().text(fmt::format("{} {}", size, sum));
}

/// Holds a part while the client has not taken what was made of it, or is gone.
Task<> swell(Exchange& exchange, bool& has_begun) {
  constexpr std::size_t slice = 100;
  exchange.response().body(binary, "");
  for (;;) {
    const std::string_view part = co_await exchange.read();
    if (part.empty()) break;
    const std::string before(part);
    const auto judge = [&] { require(part == before, "a part stays until the next one is read"); };
    try {
      for (std::size_t at = 0; at < part.size(); at += slice) {
        has_begun = true;
        co_await exchange.write(swollen(part.substr(at, slice)));
        judge();
      }
    } catch (const boost::system::system_error&) {
      judge();
      throw;
    }
  }
}

Task<> copy(Exchange& exchange, bool& has_begun) {
  exchange.response().body(binary, "");
  for (;;) {
    const std::string_view part = co_await exchange.read();
    if (part.empty()) break;
    has_begun = true;
    co_await exchange.write(part);
  }
}

Task<> respond_early(Exchange& exchange) {
  (void)co_await exchange.read();
  exchange.response().text("early");
}

Task<> write_early(Exchange& exchange) {
  exchange.response().text("");
  (void)co_await exchange.read();
  co_await exchange.write("early");
}

Task<> write_parts(Exchange& exchange) {
  exchange.response().text("");
  for (const std::string_view part : written_parts) co_await exchange.write(part);
}

Task<> break_off(Exchange& exchange, bool& has_begun) {
  exchange.response().text("");
  co_await exchange.write(written_parts[0]);
  has_begun = true;
  throw std::runtime_error("broken off");
}

class Running {
 public:
  explicit Running(int& number) noexcept : number_(number) { ++number_; }
  ~Running() { --number_; }
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;

 private:
  int& number_;
};

}  // namespace

void StreamRoutes::add_to(Router& router) {
  const auto simple = [this](Task<> (*handler)(Exchange&)) {
    return [this, handler](Exchange& exchange) -> Task<> {
      const Running running(running_);
      co_await handler(exchange);
    };
  };
  const auto may_break = [this](Task<> (*handler)(Exchange&, bool&)) {
    return [this, handler](Exchange& exchange) -> Task<> {
      const Running running(running_);
      bool has_begun = false;
      try {
        co_await handler(exchange, has_begun);
      } catch (const boost::system::system_error&) {
        throw;  // the client is gone
      } catch (...) {
        if (has_begun) ++broken_;
        throw;
      }
    };
  };
  router.post("/count", simple(count)).post("/swell", may_break(swell));
  router.post("/copy", may_break(copy), {.max_body = most_copied});
  router.post("/early", simple(respond_early)).post("/early/written", simple(write_early));
  router.get("/written/broken", may_break(break_off));
  router.get("/written", simple(write_parts));
  const auto holds = [this](Task<> (StreamRoutes::*handler)(Exchange&)) {
    return [this, handler](Exchange& exchange) -> Task<> {
      const Running running(running_);
      co_await (this->*handler)(exchange);
    };
  };
  router.get("/written/held", holds(&StreamRoutes::write_held));
  router.post("/count/held", holds(&StreamRoutes::count_held));
}

Task<> StreamRoutes::write_held(Exchange& exchange) {
  exchange.response().text("");
  co_await exchange.write(written_parts[0]);
  co_await hold();
  co_await exchange.write(written_parts[1]);
}

Task<> StreamRoutes::count_held(Exchange& exchange) {
  std::string body;
  for (;;) {
    const std::string_view part = co_await exchange.read();
    if (part.empty()) break;
    co_await hold();
    body += part;
  }
  exchange.response().text(counted(body));
}

Task<> StreamRoutes::hold() {
  const auto wakeup = std::make_shared<loop::Wakeup>(loop_);
  held_.push_back(wakeup);
  co_await wakeup->wait();
}

bool StreamRoutes::let_go_on() {
  while (!held_.empty()) {
    const auto wakeup = std::move(held_.front());
    held_.pop_front();
    if (!wakeup->has_waiter()) continue;  // it has been cancelled
    wakeup->notify();
    return true;
  }
  return false;
}

bool is_streamed(std::string_view path) noexcept {
  constexpr std::string_view paths[] = {"/count",   "/count/held",   "/copy",
                                        "/swell",   "/early",        "/early/written",
                                        "/written", "/written/held", "/written/broken"};
  return std::ranges::find(paths, path) != std::end(paths);
}

std::string counted(std::string_view body) {
  return fmt::format("{} {}", body.size(), sum_of(body, 0));
}

std::string swollen(std::string_view body) {
  std::string all;
  for (const char c : body) all.append(swell_factor, c);
  return all;
}

}  // namespace chopin::fuzz
