#include <stdexcept>

#include "data/sources.hpp"

namespace chopin::data::sqlite {

std::shared_ptr<Source> make_source(std::string /*file*/, const DatabaseConfig& /*config*/,
                                    Schema /*schema*/) {
  throw std::invalid_argument("SQLite is not supported yet");
}

unsigned migrate(const std::string& /*file*/, const Schema& /*schema*/, bool /*seed*/) {
  throw std::invalid_argument("SQLite is not supported yet");
}

}  // namespace chopin::data::sqlite
