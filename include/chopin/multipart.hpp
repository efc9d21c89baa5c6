#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "chopin/exchange.hpp"
#include "chopin/executor.hpp"
#include "chopin/form.hpp"

namespace chopin {

namespace http {
class MultipartParser;
enum class MultipartEvent : std::uint8_t;
}  // namespace http

/// How large a form of the type multipart/form-data may be. All sizes in bytes. The whole body is limited by
/// RouteOptions::max_body as well.
struct MultipartLimits {
  /// Over it: 413.
  std::size_t max_parts = 100;
  /// The head of one part, with its empty line; also what comes before the first boundary, after the last
  /// one, and the white space after any. Over it: 400.
  std::size_t max_head = std::size_t{8} * 1024;
  /// The name of a part, decoded. Over it: 400.
  std::size_t max_name = 256;
  /// The name of a file, decoded. Over it: 400.
  std::size_t max_file_name = 1024;
  /// The content of one part. Over it: 413.
  std::uint64_t max_part = std::numeric_limits<std::uint64_t>::max();
  /// The contents of all parts together. Over it: 413.
  std::uint64_t max_content = std::numeric_limits<std::uint64_t>::max();
  /// What `text` and `fields` keep in memory, together. Over it: 413.
  std::size_t max_text = std::size_t{64} * 1024;
};

/// A form with files (multipart/form-data, RFC 7578), read part by part as it comes:
///
///     chopin::Multipart form(exchange);
///     while (auto* const part = co_await form.next()) {
///       if (!part->file_name()) continue;  // a text
///       while (const auto bytes = co_await part->read()) keep(*bytes);
///     }
///
/// Whatever the sizes of the parts, only the latest bytes, at most 64 KiB, and one part's head are in memory.
///
/// What is malformed is refused: a line that ends in LF alone, a body without its last boundary, a part
/// without `Content-Disposition: form-data` or without a name, a parameter or field that is there twice, a
/// name that is not UTF-8, a Content-Transfer-Encoding that would change the content. In names %22, %0D and
/// %0A are decoded, which is how browsers send a quote, CR and LF (HTML standard, "multipart/form-data
/// encoding algorithm"), and so are a quote and a backslash after a backslash; all else is as it was sent.
/// `filename*` is ignored (RFC 7578 section 4.2), and so are other fields of a part.
///
/// Thread safety: the worker's thread.
/// Lifetime: the Exchange's. Nothing else may read the exchange's body meanwhile.
/// Throws: the constructor HttpError 415 if the request has another Content-Type or a content coding, 400 if
///         the type has no boundary of 1 to 70 legal characters. All other functions HttpError 400 for a
///         malformed form or a limit that says so, 413 for other limits, and what Exchange::read throws.
class Multipart {
 public:
  /// The part that `next` returned last.
  ///
  /// Thread safety: the worker's thread.
  /// Lifetime: until the next call of `Multipart::next`, and its texts with it.
  /// Throws: as the Multipart.
  class Part {
   public:
    [[nodiscard]] std::string_view name() const noexcept;
    /// What the client calls the file; none if the part is not a file. Empty if no file was chosen. It is a
    /// label from outside, and may hold anything but NUL: "../", a drive, line ends. Never use it as a path;
    /// name what you store yourself.
    [[nodiscard]] std::optional<std::string_view> file_name() const noexcept;
    /// As sent, or `text/plain` if there is none (RFC 7578 section 4.4). Says nothing about the content.
    [[nodiscard]] std::string_view content_type() const noexcept;
    /// The next bytes of the content, at least one; none at its end: then all of the content has come. They
    /// stay until the next call of any function of the form.
    [[nodiscard]] Task<std::optional<std::string_view>> read();
    /// All of the content that has not been read, up to `max_text`.
    [[nodiscard]] Task<std::string> text();

   private:
    friend class Multipart;
    explicit Part(Multipart& form) noexcept : form_(form) {}

    Multipart& form_;
  };

  explicit Multipart(Exchange& exchange, const MultipartLimits& limits = {});
  ~Multipart();
  Multipart(const Multipart&) = delete;
  Multipart& operator=(const Multipart&) = delete;

  /// Skips the rest of the current part and returns the next one; null at the end of the form.
  [[nodiscard]] Task<Part*> next();
  /// The texts among the parts that are left, encoded as a Form takes them; files are skipped.
  [[nodiscard]] Task<std::string> fields();
  /// The same as a struct: see Form::as.
  template <class Value>
  [[nodiscard]] Task<Value> as() {
    const std::string encoded = co_await fields();
    co_return Form(encoded).as<Value>();
  }

 private:
  Task<http::MultipartEvent> advance();
  void count_text(std::size_t size);

  Exchange& exchange_;
  const MultipartLimits limits_;
  const std::unique_ptr<http::MultipartParser> parser_;
  std::string_view input_;  // what the exchange has given, and the parser has not read
  Part part_{*this};
  bool is_in_part_ = false;
  std::size_t text_size_ = 0;
};

}  // namespace chopin
