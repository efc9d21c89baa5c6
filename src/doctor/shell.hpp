#pragma once

#include <string>
#include <string_view>

namespace chopin::doctor {

/// The text as one word of a command line, in printable ASCII so that a terminal can show it, quoted if
/// needed. For sh; for bash, zsh and ksh only if the text has other characters.
std::string shell_word(std::string_view text);

}  // namespace chopin::doctor
