#include <stdexcept>

#include "data/sources.hpp"

namespace chopin::data::postgres {

std::shared_ptr<Source> make_source(std::string /*url*/, const DatabaseConfig& /*config*/) {
  throw std::invalid_argument("PostgreSQL is not supported yet");
}

unsigned migrate(const std::string& /*url*/, const Schema& /*schema*/, bool /*seed*/) {
  throw std::invalid_argument("PostgreSQL is not supported yet");
}

}  // namespace chopin::data::postgres
