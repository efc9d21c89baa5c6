#pragma once

#include <string>
#include <string_view>

namespace chopin::json {

/// The error object of the API: {"success":false,"error":{"code":"NOT_FOUND","message":"..."}}. Both texts
/// are the program's own and hold nothing that JSON must escape.
std::string error_object(std::string_view code, std::string_view message);

}  // namespace chopin::json
