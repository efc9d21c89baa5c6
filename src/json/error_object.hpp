#pragma once

#include <string>
#include <string_view>

#include "chopin/error.hpp"

namespace chopin::json {

/// The error object of the API: {"success":false,"error":{"code":"NOT_FOUND","message":"..."}}. If there are
/// fields, "fields":{"name":"is missing"} follows the message.
std::string error_object(std::string_view code, std::string_view message,
                         const HttpError::Fields& fields = {});

}  // namespace chopin::json
