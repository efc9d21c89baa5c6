#include "json/error_object.hpp"

#include "chopin/json.hpp"

namespace chopin::json {

std::string error_object(std::string_view code, std::string_view message, const HttpError::Fields& fields) {
  ByteBuffer out;
  JsonWriter writer(out);
  writer.begin_object().member("success", false).key("error").begin_object();
  writer.member("code", code).member("message", message);
  if (!fields.empty()) {
    writer.key("fields").begin_object();
    for (const auto& [name, fault] : fields) writer.member(name, fault);
    writer.end_object();
  }
  writer.end_object().end_object();
  return std::string(out.bytes());
}

}  // namespace chopin::json
