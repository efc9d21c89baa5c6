// A form gives the same events whatever the pieces it comes in, and those that a plain search finds. The
// input:
//
//   1 byte   which of the boundaries and limits ('0' is the first, with the defaults)
//   4 bytes  the sizes of the pieces, see PieceSizes
//   1 byte   ignored (a line end, so that the corpus is readable)
//   the rest a body
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "chopin/error.hpp"
#include "chopin/percent.hpp"
#include "exact_bytes.hpp"
#include "fuzz_target.hpp"
#include "http/form_pairs.hpp"
#include "http/multipart_parser.hpp"
#include "pieces.hpp"
#include "require.hpp"
#include "text/utf8.hpp"

namespace chopin::fuzz {
namespace {

using Event = http::MultipartEvent;

struct Setting {
  std::string_view boundary;
  MultipartLimits limits{};
};

const std::array<Setting, 3> settings{{{"b"},
                                       {"--"},
                                       {"b",
                                        {.max_parts = 2,
                                         .max_head = 60,
                                         .max_name = 3,
                                         .max_file_name = 5,
                                         .max_part = 9,
                                         .max_content = 12}}}};

struct PartOfForm {
  std::string head;
  std::string content;
  bool is_whole = false;
};

struct WholeForm {
  std::vector<PartOfForm> parts;
  std::string refusal;  // empty: the form was taken
};

void judge_name(std::string_view name, std::size_t most) {
  require(name.size() <= most, "a name is bounded");
  require(name.find('\0') == std::string_view::npos, "a name has no NUL");
  require(text::valid_utf8_prefix(name) == name.size(), "a name is UTF-8");
  std::string encoded;
  encoded += percent_encoded(name);
  require(http::decode_form(encoded) == name, "a name can be sent on");
}

std::string judged(const http::PartHead& head, const MultipartLimits& limits) {
  judge_name(head.name, limits.max_name);
  judge_name(head.file_name.value_or(""), limits.max_file_name);
  return head.name + '\0' + (head.file_name ? '=' + *head.file_name : "-") + '\0' + head.content_type;
}

/// The events of one piece.
void read_piece(http::MultipartParser& parser, std::string_view piece, const MultipartLimits& limits,
                std::vector<PartOfForm>& parts) {
  for (;;) {
    switch (parser.next(piece)) {
      case Event::needs_input: return require(piece.empty(), "a piece is read whole");
      case Event::part:
        require(parts.empty() || parts.back().is_whole, "a part ends before the next one");
        parts.push_back({.head = judged(parser.head(), limits), .content = {}});
        break;
      case Event::bytes:
        require(!parts.empty() && !parts.back().is_whole && !parser.bytes().empty(), "content is in a part");
        parts.back().content += parser.bytes();
        break;
      case Event::part_end:
        require(!parts.empty() && !parts.back().is_whole, "a part ends once");
        parts.back().is_whole = true;
        break;
      case Event::end: require(false, "only `finish` ends a form");
    }
  }
}

WholeForm read_in_pieces(std::string_view body, const Setting& setting, PieceSizes sizes) {
  WholeForm form;
  http::MultipartParser parser(setting.boundary, setting.limits);
  try {
    while (!body.empty()) {
      const ExactBytes piece(body.substr(0, sizes.next()));
      body.remove_prefix(piece.view().size());
      read_piece(parser, piece.view(), setting.limits, form.parts);
    }
    require(parser.finish() == Event::end, "a form ends");
  } catch (const HttpError& error) {
    form.refusal = std::to_string(error.status()) + ' ' + error.what();
    if (!form.parts.empty() && !form.parts.back().is_whole) form.parts.back().content.clear();
  }
  return form;
}

/// The contents between the boundaries of a form that is sound.
std::vector<std::string> contents_of(std::string_view body, std::string_view boundary) {
  const std::string text = "\r\n" + std::string(body);
  const std::string delimiter = "\r\n--" + std::string(boundary);
  std::vector<std::string> contents;
  std::size_t at = text.find(delimiter) + delimiter.size();
  while (text.compare(at, 2, "--") != 0) {
    const std::size_t content = text.find("\r\n\r\n", at) + 4;
    const std::size_t end = text.find(delimiter, content - 2);
    contents.push_back(text.substr(content, std::max(end, content) - content));
    at = end + delimiter.size();
  }
  return contents;
}

void run(std::string_view input) {
  constexpr std::size_t prefix_size = 6;
  if (input.size() < prefix_size) return;
  const Setting& setting = settings[digit(input[0]) % settings.size()];
  const std::string_view body = input.substr(prefix_size);
  const WholeForm whole = read_in_pieces(body, setting, PieceSizes::whole());
  const WholeForm split = read_in_pieces(body, setting, {input.substr(1, 4), body.size()});

  require(split.refusal == whole.refusal, "both are refused for the same reason");
  require(std::ranges::equal(whole.parts, split.parts,
                             [](const PartOfForm& a, const PartOfForm& b) {
                               return a.head == b.head && a.content == b.content && a.is_whole == b.is_whole;
                             }),
          "the parts are the same");
  if (!whole.refusal.empty()) return;
  require(std::ranges::equal(whole.parts, contents_of(body, setting.boundary), {}, &PartOfForm::content),
          "the contents are those between the boundaries");
}

}  // namespace
}  // namespace chopin::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  chopin::fuzz::run({reinterpret_cast<const char*>(data), size});
  return 0;
}
