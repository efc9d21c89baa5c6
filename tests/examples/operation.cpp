// Declared routes: the types of a handler say what is read, checked and sent, and the document at /api-docs.
#include <chopin/operation.hpp>
#include <chopin/server.hpp>
#include <chopin/settings.hpp>
#include <exception>
#include <iostream>
#include <map>
#include <mutex>
#include <string>
#include <utility>

namespace {

struct Price {
  std::string item;
  int cents = 0;

  static constexpr auto json_members =
      chopin::members(chopin::member("item", &Price::item).length(1, 40).pattern("^[a-z]+$"),
                      chopin::member("cents", &Price::cents).range(1, 1'000'000));
};

struct Amount {
  int count = 1;

  static constexpr auto json_members =
      chopin::members(chopin::member("count", &Amount::count).range(1, 99).or_default());
};

std::mutex mutex;
std::map<std::string, int> prices{{"lamp", 4900}};  // in cents

Price price_of(chopin::Path<std::string> item, chopin::Query<Amount> amount) {
  const std::lock_guard lock(mutex);
  const auto found = prices.find(*item);
  if (found == prices.end()) throw chopin::HttpError(404, "no such item");
  return {*item, found->second * amount->count};
}

chopin::Created<Price> set_price(chopin::Body<Price> price) {
  const std::lock_guard lock(mutex);
  if (prices.size() == 1000) throw chopin::HttpError(507, "there are 1,000 prices");
  prices[price->item] = price->cents;
  return {std::move(*price)};
}

}  // namespace

int main(int argc, char** argv) try {
  chopin::Router router;
  router.document({.title = "Prices", .version = "1.0"});
  chopin::RouteGroup group = router.group("/prices");
  group.get("/{item}", chopin::operation(price_of, {.summary = "What so many of an item cost."}));
  group.post("", chopin::operation(set_price, {.summary = "Sets the price of an item."}));
  chopin::Server(chopin::read_settings(argc, argv).config, std::move(router)).run();
} catch (const std::exception& error) {
  std::cerr << "operation: " << error.what() << '\n';
  return 1;
}
