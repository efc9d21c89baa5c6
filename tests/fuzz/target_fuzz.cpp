// Request targets and Host values. The input is used twice: unchanged as a Host value, which may be any
// bytes, and without the bytes that Beast refuses as a target.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string>
#include <string_view>

#include "chopin/method.hpp"
#include "exact_bytes.hpp"
#include "fuzz_target.hpp"
#include "http/target.hpp"
#include "require.hpp"

namespace chopin::fuzz {
namespace {

using http::is_host_and_port;
using http::parse_target;
using http::Target;
using http::TargetForm;

bool is_ascii(char c) noexcept {
  return static_cast<unsigned char>(c) < 0x80;
}

bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}

/// The bytes that Beast accepts in a target.
std::string keep_target_bytes(std::string_view input) {
  std::string text;
  std::ranges::copy_if(input, std::back_inserter(text), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte > 0x20 && byte != 0x7f;
  });
  return text;
}

void judge_origin_form(const Target& target, std::string_view text) {
  require(text.starts_with('/'), "an origin form begins with a slash");
  require(target.path.data() == text.data(), "the path is the start of the target");
  require(target.path == text.substr(0, text.find('?')), "the path ends at the query");
}

void judge_absolute_form(Method method, const Target& target, std::string_view text) {
  require(text.find("://") <= 5, "an absolute form begins with http or https");
  if (target.path == "*") {
    require(method == Method::options, "only OPTIONS may ask for the whole server");
    return;
  }
  require(target.path.starts_with('/'), "a path begins with a slash");
  require(target.path == "/" || lies_inside(target.path, text), "the path lies in the target");
  require(target.path.find('?') == std::string_view::npos, "the path ends at the query");
}

void judge_target(Method method, std::string_view text) {
  const Target target = parse_target(method, text);
  const bool is_uri = std::ranges::all_of(text, is_ascii) && text.find('#') == std::string_view::npos;
  require(is_uri || target.form == TargetForm::malformed, "a fragment or a byte outside ASCII is refused");
  const bool wants_origin = text.starts_with('/') && method != Method::connect;
  require((target.form == TargetForm::origin) == (wants_origin && is_uri), "a slash begins an origin form");
  require((target.form == TargetForm::asterisk) == (method == Method::options && text == "*"),
          "* is for OPTIONS");
  const bool names_port = text.find(':') != std::string_view::npos && is_digit(text.back());
  require((target.form == TargetForm::authority) ==
              (method == Method::connect && names_port && is_host_and_port(text)),
          "CONNECT and nothing else names a host and a port");
  if (target.form == TargetForm::origin) judge_origin_form(target, text);
  if (target.form == TargetForm::absolute) judge_absolute_form(method, target, text);
}

/// The text after the last colon outside an IPv6 address.
std::uint64_t port_of(std::string_view text) noexcept {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || text.ends_with(']')) return 0;
  std::uint64_t number = 0;
  for (const char c : text.substr(colon + 1))
    number = std::min<std::uint64_t>(number * 10 + static_cast<std::uint64_t>(c - '0'), 65536);
  return number;
}

/// A Host that passes contains only a host: nothing that could be taken for a path, a user or another
/// Host.
void judge_host(std::string_view text) {
  const bool passes = is_host_and_port(text);
  const bool has_end = text.find_first_of("/?") != std::string_view::npos;
  require(!passes || (!text.empty() && !has_end), "a host is not empty and ends before a path");
  require(!passes || text.find_first_of("@#\\\"<>^`{|}") == std::string_view::npos, "a host has no user");
  require(!passes || std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7f; }),
          "a host is visible ASCII");
  require(!passes || port_of(text) <= 65535, "a port has 16 bits");
  if (has_end) return;
  const ExactBytes uri("http://" + std::string(text) + "/a?b");
  const Target target = parse_target(Method::get, uri.view());
  require((target.form == TargetForm::absolute) == passes, "a URI's host is valid if it is valid in Host");
  require(!passes || target.path == "/a", "a URI's path begins after its host");
}

void run(std::string_view input) {
  const ExactBytes host(input);
  judge_host(host.view());
  const ExactBytes text(keep_target_bytes(input));
  if (text.view().empty()) return;
  for (const Method method :
       {Method::get, Method::head, Method::post, Method::put, Method::delete_, Method::patch, Method::options,
        Method::connect, Method::trace, Method::unknown}) {
    judge_target(method, text.view());
  }
}

}  // namespace
}  // namespace chopin::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  chopin::fuzz::run({reinterpret_cast<const char*>(data), size});
  return 0;
}
