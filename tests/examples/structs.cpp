// JSON into a struct and back. What a member must be stands beside it, and a response names everything that
// is wrong.
#include <array>
#include <chopin/server.hpp>
#include <chopin/settings.hpp>
#include <chrono>
#include <exception>
#include <iostream>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace {

enum class Size { small, large };

constexpr auto json_names(Size) {
  return std::to_array<chopin::EnumName<Size>>({{Size::small, "small"}, {Size::large, "large"}});
}

struct Line {
  std::string item;
  Size size = Size::small;
  int count = 1;

  static constexpr auto json_members = chopin::members(chopin::member("item", &Line::item).length(1, 100),
                                                       chopin::member("size", &Line::size).or_default(),
                                                       chopin::member("count", &Line::count).range(1, 99));
};

struct Order {
  std::vector<Line> lines;
  std::optional<std::chrono::year_month_day> day;

  static constexpr auto json_members = chopin::members(chopin::member("lines", &Order::lines).items(1, 20),
                                                       chopin::member("day", &Order::day));
};

void order(const chopin::Request& request, chopin::Response& response) {
  auto order = request.json<Order>();
  for (Line& line : order.lines) line.count *= 2;  // buy one, get one free
  response.status(201).success(order);
}

}  // namespace

int main(int argc, char** argv) try {
  chopin::Router router;
  router.post("/orders", order);
  chopin::Server(chopin::read_settings(argc, argv).config, std::move(router)).run();
} catch (const std::exception& error) {
  std::cerr << "structs: " << error.what() << '\n';
  return 1;
}
