#pragma once

#include <cstdint>
#include <string_view>

#include "chopin/method.hpp"

namespace chopin::http {

/// The four forms of a request target (RFC 9112 section 3.2).
enum class TargetForm : std::uint8_t { origin, absolute, authority, asterisk, malformed };

struct Target {
  TargetForm form = TargetForm::malformed;
  /// Path without the query, as sent (not decoded); "*" for the asterisk form, empty for the authority form.
  std::string_view path;
};

/// Parses a request target. Beast has already refused control bytes, white space and DEL; `#` and bytes
/// outside ASCII are refused here (RFC 3986 appendix A); backslashes in a path are refused by
/// `normalise_path`, in a query they are legal because browsers send them. The form must be one that the
/// method may use (RFC 9112 sections 3.2.1 to 3.2.4); an absolute form must be an http or https URI with a
/// host and without user information (RFC 9110 section 4.2).
Target parse_target(Method method, std::string_view text) noexcept;

/// The authority of a well-formed target in absolute form: host and port.
std::string_view authority_of(std::string_view absolute_form) noexcept;

/// `uri-host [ ":" port ]` (RFC 9110 section 7.2) with a host that is not empty.
bool is_host_and_port(std::string_view text) noexcept;

}  // namespace chopin::http
