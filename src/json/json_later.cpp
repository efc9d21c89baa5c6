#include "chopin/json_later.hpp"

#include "json/grammar.hpp"
#include "json/spare_memory.hpp"

namespace chopin {
namespace json {

std::shared_ptr<const std::string> kept_body(const Request& request) {
  auto shared = request.shared_body();
  return shared != nullptr ? shared : std::make_shared<const std::string>(request.body());
}

GiveBackAtEnd::~GiveBackAtEnd() {
  give_back_spare_memory();
}

Task<> read_later(const Request& request, const Type& type, std::shared_ptr<void> value) {
  const std::string_view text = request.json_text();
  if (text.size() < large_json) {
    read(text, type, value.get());
    co_return;
  }
  auto read_all = [body = kept_body(request), &type, value = std::move(value)] {
    const GiveBackAtEnd memory;
    read(*body, type, value.get());
  };
  co_await on_pool(std::move(read_all));
}

}  // namespace json

Task<> check_json_later(const Request& request) {
  auto check = [body = json::kept_body(request)] { json::require_json(JsonObject::validate(*body)); };
  return on_pool(std::move(check));
}

}  // namespace chopin
