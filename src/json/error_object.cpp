#include "json/error_object.hpp"

#include <algorithm>

#include "chopin/json.hpp"

namespace chopin::json {

std::string error_object(std::string_view code, std::string_view message, const HttpError::Fields& fields) {
  ByteBuffer out;
  JsonWriter writer(out);
  writer.begin_object().member("success", false).key("error").begin_object();
  writer.member("code", code).member("message", message);
  if (!fields.empty()) {
    writer.key("fields").begin_object();
    for (auto field = fields.begin(); field != fields.end(); ++field) {
      const bool is_first = std::find_if(fields.begin(), field, [field](const auto& earlier) {
                              return earlier.first == field->first;
                            }) == field;
      if (is_first) writer.member(field->first, field->second);  // RFC 8259 section 4: names are unique
    }
    writer.end_object();
  }
  writer.end_object().end_object();
  return std::string(out.bytes());
}

}  // namespace chopin::json
