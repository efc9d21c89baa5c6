#pragma once

#include <string>
#include <utility>

#include "chopin/declaration.hpp"
#include "chopin/request.hpp"
#include "chopin/text_argument.hpp"

namespace chopin {

/// Whether the client has what it asks for, so that the response is 304: If-None-Match names this entity tag,
/// or is `*` (RFC 9110 section 13.1.2, weak comparison). `tag`: as in ETag, with its quotes.
///
/// Thread safety: any thread.
/// Throws: std::bad_alloc.
[[nodiscard]] bool is_not_modified(const Request& request, TextArgument tag);

/// The If-Match of a request, for a change that must not undo another one (RFC 9110 section 13.1.1, strong
/// comparison; RFC 6585 section 3). A handler of an `operation` takes it by value:
///
///     Task<Note> update(Path<int> id, Body<NewNote> note, IfMatch match);
///
/// Thread safety: immutable.
/// Lifetime: owns its text.
/// Throws: as said at each function; std::bad_alloc.
class IfMatch {
 public:
  /// Throws HttpError 428 if there is none.
  static IfMatch from(const Request& request);
  static void declare(Declaration& declaration);

  /// Throws HttpError 412 unless it names this entity tag, or is `*`. `tag`: as above.
  void require(TextArgument tag) const;

 private:
  explicit IfMatch(std::string list) noexcept : list_(std::move(list)) {}

  std::string list_;
};

}  // namespace chopin
