#pragma once

#include <simdjson.h>

#include "chopin/json_type.hpp"

namespace chopin::json {

/// Reads a value that is neither object nor array nor optional. False if it is of another type, does not fit
/// in, or breaks a rule; it is then not consumed.
bool read_scalar(simdjson::ondemand::value& value, const Type& type, const Rules& rules, void* into);

}  // namespace chopin::json
