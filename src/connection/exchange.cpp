#include "chopin/exchange.hpp"

#include "connection/pending_response.hpp"

namespace chopin {

const Request& Exchange::request() const noexcept {
  return streams_.pending().request();
}

Response& Exchange::response() noexcept {
  return streams_.pending().response();
}

Task<std::string_view> Exchange::read() {
  return streams_.read();
}

Task<> Exchange::write(std::string_view bytes) {
  return streams_.write(bytes);
}

}  // namespace chopin
