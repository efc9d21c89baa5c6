#include "json/error_object.hpp"

#include <fmt/core.h>

namespace chopin::json {

std::string error_object(std::string_view code, std::string_view message) {
  return fmt::format(R"({{"success":false,"error":{{"code":"{}","message":"{}"}}}})", code, message);
}

}  // namespace chopin::json
