#include "docs/page.hpp"

#include <array>
#include <cstddef>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <string_view>
#include <utility>

#include "docs/page_text.hpp"

namespace chopin::docs {
namespace {

/// A hash-source of CSP: SHA-256 in base64 with padding.
std::string hash_source(std::string_view text) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data());
  constexpr std::size_t encoded_size = (std::size_t{SHA256_DIGEST_LENGTH} + 2) / 3 * 4;
  std::array<unsigned char, encoded_size + 1> encoded{};  // with the zero that OpenSSL writes after it
  EVP_EncodeBlock(encoded.data(), digest.data(), SHA256_DIGEST_LENGTH);
  return "'sha256-" + std::string(encoded.begin(), encoded.end() - 1) + "'";
}

void insert_before(std::string_view tag, std::string_view text, std::string& html) {
  html.insert(html.find(tag), text);
}

}  // namespace

Page page() {
  Page page{.html = std::string(page_html),
            .content_security_policy = "default-src 'none'; script-src " + hash_source(page_js) +
                                       "; style-src " + hash_source(page_css) +
                                       "; connect-src 'self'; base-uri 'none'; form-action 'none'; "
                                       "frame-ancestors 'none'; require-trusted-types-for 'script'"};
  insert_before("</style>", page_css, page.html);
  insert_before("</script>", page_js, page.html);
  return page;
}

FastRoute page_route(std::string path) {
  Page made = page();
  return FastRoute::html(std::move(path), std::move(made.html))
      .header("Content-Security-Policy", std::move(made.content_security_policy))
      .header("X-Content-Type-Options", "nosniff")
      .header("Referrer-Policy", "no-referrer");
}

}  // namespace chopin::docs
