#pragma once

#include <string>
#include <string_view>

namespace chopin::doctor {

/// The text as one word of a command line, for a terminal too: printable ASCII, quoted where it has to be.
/// For sh, and for bash, zsh and ksh where the text has other characters.
std::string shell_word(std::string_view text);

}  // namespace chopin::doctor
