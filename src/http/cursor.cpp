#include "chopin/cursor.hpp"

#include "text/base64url.hpp"

namespace chopin::cursors {

std::string encode(std::string_view json) {
  return text::encode_base64url(json);
}

std::string decode(std::string_view parameter, std::string_view cursor) {
  std::string json(text::decoded_size(cursor.size()), '\0');
  const auto size = text::decode_base64url(cursor, json.data());
  if (!size) refuse(parameter);
  return json;
}

void refuse(std::string_view parameter) {
  throw HttpError(422, "the request has invalid parameters",
                  {{std::string(parameter), "is not a cursor of this list"}});
}

}  // namespace chopin::cursors
