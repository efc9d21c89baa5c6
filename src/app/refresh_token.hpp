#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace chopin::app {

/// A token with which a client gets its next access token, once. All that follow from one login are a family.
/// The text is `selector.secret`, 16 and 32 random bytes as base64url: the selector is the family's, the
/// secret new in each token. The database knows hashes alone (BLAKE2b): whoever reads it has no token, and
/// whoever has only an access token, which names the family, cannot end it.
///
/// Thread safety: immutable.
/// Lifetime: owns its texts.
/// Throws: std::bad_alloc.
class RefreshToken {
 public:
  /// The first one of a new family.
  static RefreshToken make();
  /// Nothing if the text cannot be one.
  static std::optional<RefreshToken> read(std::string_view text);
  /// The next one of this family.
  [[nodiscard]] RefreshToken next() const;

  [[nodiscard]] const std::string& text() const noexcept { return text_; }
  /// What the database and access tokens call the family: a hash of the selector.
  [[nodiscard]] std::string family() const;
  [[nodiscard]] std::string hash() const;

 private:
  explicit RefreshToken(std::string text) noexcept : text_(std::move(text)) {}

  [[nodiscard]] std::string_view selector() const noexcept;

  std::string text_;
};

/// 16 random bytes as base64url.
std::string random_id();

}  // namespace chopin::app
