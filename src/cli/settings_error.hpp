#pragma once

#include "chopin/settings.hpp"

namespace chopin::cli {

using chopin::SettingsError;

}  // namespace chopin::cli
