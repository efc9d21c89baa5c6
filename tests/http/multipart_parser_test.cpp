#include "http/multipart_parser.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "chopin/error.hpp"

namespace chopin::http {
namespace {

struct ReadPart {
  std::string head{};  // name|file name|content type
  std::string content{};
  bool is_whole = false;
  bool operator==(const ReadPart&) const = default;
};

struct ReadForm {
  std::vector<ReadPart> parts{};
  std::string refusal{};  // "400 why"; empty if the form was taken
  bool operator==(const ReadForm&) const = default;
};

std::string said_of(const PartHead& head) {
  return head.name + '|' + head.file_name.value_or("-") + '|' + head.content_type;
}

class FormReader {
 public:
  explicit FormReader(const MultipartLimits& limits, std::string_view boundary = "b")
      : parser_(boundary, limits) {}

  void read(std::string_view piece) {
    for (;;) {
      const MultipartEvent event = parser_.next(piece);
      if (event == MultipartEvent::needs_input) {
        EXPECT_TRUE(piece.empty());
        return;
      }
      if (event == MultipartEvent::part) {
        form.parts.push_back({.head = said_of(parser_.head())});
      } else if (event == MultipartEvent::bytes) {
        EXPECT_FALSE(parser_.bytes().empty());
        form.parts.back().content += parser_.bytes();
      } else {
        EXPECT_EQ(event, MultipartEvent::part_end);
        form.parts.back().is_whole = true;
      }
    }
  }
  void finish() { EXPECT_EQ(parser_.finish(), MultipartEvent::end); }

  ReadForm form;

 private:
  MultipartParser parser_;
};

/// `pieces` are read one after the other.
ReadForm read_pieces(const std::vector<std::string_view>& pieces, const MultipartLimits& limits = {}) {
  FormReader reader(limits);
  try {
    for (const std::string_view piece : pieces) {
      const std::string copy(piece);  // reads beyond a piece are found by AddressSanitizer
      reader.read(copy);
    }
    reader.finish();
  } catch (const HttpError& error) {
    reader.form.refusal = std::to_string(error.status()) + ' ' + error.what();
  }
  return std::move(reader.form);
}

/// Byte by byte and in one piece the result must be the same.
ReadForm read_form(std::string_view body, const MultipartLimits& limits = {}) {
  ReadForm whole = read_pieces({body}, limits);
  std::vector<std::string_view> bytes;
  for (std::size_t i = 0; i < body.size(); ++i) bytes.push_back(body.substr(i, 1));
  const ReadForm by_bytes = read_pieces(bytes, limits);
  EXPECT_EQ(by_bytes.refusal, whole.refusal);
  if (whole.refusal.empty()) {
    EXPECT_EQ(by_bytes.parts, whole.parts);
  }
  return whole;
}

std::string refusal_of(std::string_view body, const MultipartLimits& limits = {}) {
  return read_form(body, limits).refusal;
}

/// A form of one part with these fields, each of which ends in CR LF.
std::string with_head(const std::string& fields) {
  return "--b\r\n" + fields + "\r\nx\r\n--b--\r\n";
}

/// The same with this Content-Disposition.
std::string with_disposition(const std::string& value) {
  return with_head("Content-Disposition: " + value + "\r\n");
}

std::string part(const std::string& name, const std::string& content) {
  return "--b\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + content + "\r\n";
}

/// What is said of a part with this Content-Disposition, or the refusal.
std::string head_from(const std::string& disposition) {
  const ReadForm form = read_form(with_disposition(disposition));
  return form.refusal.empty() ? form.parts.at(0).head : form.refusal;
}

const std::string sample =
    "before\r\n--b \t\r\n"
    "Content-Disposition: form-data; name=\"text\"\r\n\r\n"
    "one\r\n--\r\n--a\r\r\n\r\n-b--\n--b\r\n"
    "\r\n--b\r\n"
    "content-disposition:form-data ;NAME=file; filename=\"a\xc3\xa4.png\"\r\n"
    "Content-Type: image/png\r\nX-Other: 1\r\nContent-Transfer-Encoding: Binary\r\n\r\n"
    "\r\n--b\r\n"
    "Content-Disposition: form-data; name=\"\"\r\n\r\n"
    "--b--\t\r\nafter\r\n--b\r\n";
const std::vector<ReadPart> sample_parts{
    {"text|-|text/plain", "one\r\n--\r\n--a\r\r\n\r\n-b--\n--b\r\n", true},
    {"file|a\xc3\xa4.png|image/png", "", true},
    {"|-|text/plain", "", true}};

TEST(MultipartParser, reads_a_form_whatever_the_pieces_it_comes_in) {
  const ReadForm form{.parts = sample_parts};
  EXPECT_EQ(read_form(sample), form);
  const std::string_view all = sample;
  for (std::size_t first = 0; first <= all.size(); ++first) {
    for (std::size_t second = first; second <= all.size(); second += 1 + (second - first) / 8) {
      EXPECT_EQ(read_pieces({all.substr(0, first), all.substr(first, second - first), all.substr(second)}),
                form)
          << first << ' ' << second;
    }
  }
}

TEST(MultipartParser, refuses_each_form_that_ends_early) {
  const std::string body = "x\r\n" + part("a", "1\r\n2") + part("b", "") + "--b--";
  EXPECT_EQ(refusal_of(body), "");
  for (std::size_t size = 0; size < body.size(); ++size) {
    EXPECT_EQ(refusal_of(body.substr(0, size)), "400 the form ends without its last boundary") << size;
  }
  EXPECT_EQ(refusal_of(body + "\r"), "400 the form ends without its last boundary");
}

TEST(MultipartParser, takes_a_part_for_whole_only_once_its_boundary_is) {
  const std::string body = part("a", "1") + "--b--";
  for (const std::size_t missing : {1U, 2U, 3U}) {
    const ReadForm form = read_form(std::string_view(body).substr(0, body.size() - missing));
    EXPECT_FALSE(form.parts.at(0).is_whole) << missing;
  }
  EXPECT_FALSE(read_form(part("a", "1") + "--bc").parts.at(0).is_whole);
}

TEST(MultipartParser, takes_a_form_without_parts_as_browsers_send_it) {
  EXPECT_EQ(read_form("--b--\r\n"), ReadForm{});
  EXPECT_EQ(read_form("\r\n--b--"), ReadForm{});
}

TEST(MultipartParser, refuses_a_boundary_that_does_not_end_in_cr_lf) {
  const std::string why = "400 a boundary of the form does not end in CR LF";
  const std::string head = "Content-Disposition: form-data; name=\"a\"\r\n\r\n";
  for (const char* end :
       {"\n", "c\r\n", "-\r\n", "\rx", " x\r\n", "\r\r\n", "--x", "--\n", "--\rx", "-- \n"}) {
    EXPECT_EQ(refusal_of(std::string("--b") + end + head + "--b--"), why) << end;
    EXPECT_EQ(refusal_of(part("a", "x") + "--b" + end + head + "--b--"), why) << end;
  }
}

TEST(MultipartParser, refuses_line_ends_and_control_bytes_in_a_head) {
  EXPECT_EQ(refusal_of("--b\r\nContent-Disposition: form-data; name=\"a\"\n\r\nx\r\n--b--"),
            "400 a line of a part's head ends without CR");
  EXPECT_EQ(refusal_of("--b\r\n\nx\r\n--b--"), "400 a line of a part's head ends without CR");
  for (const char c : {'\r', '\0', '\x01', '\x7f'}) {
    EXPECT_EQ(refusal_of(with_disposition(std::string("form-data; name=\"a") + c + "b\"")),
              "400 a field of a part is malformed");
  }
  for (const char* field : {"no colon", " : x", ": x", "a b: x", " folded: x", "--b--"}) {
    EXPECT_EQ(refusal_of(with_head(field + std::string("\r\n"))), "400 a field of a part is malformed")
        << field;
  }
}

TEST(MultipartParser, requires_a_disposition_with_a_name_once) {
  EXPECT_EQ(refusal_of(with_head("")), "400 a part has no Content-Disposition");
  EXPECT_EQ(head_from("form-data"), "400 a part has no name");
  EXPECT_EQ(head_from("form-data; filename=\"x\""), "400 a part has no name");
  EXPECT_EQ(head_from("form-data; name*=utf-8''x"), "400 a part has no name");
  for (const char* type : {"attachment; name=a", "; name=a", "form-datax; name=a", "form-data/x; name=a"})
    EXPECT_EQ(head_from(type), "400 the Content-Disposition of a part is not form-data") << type;
  for (const char* twice : {"form-data; name=a; name=b", "form-data; name=a; NAME=a",
                            "form-data; name=a; filename=b; filename=b", "form-data; name=a; x=1; x=2"})
    EXPECT_EQ(head_from(twice), "400 a parameter of a part's Content-Disposition is there twice") << twice;
  const std::string field = "Content-Disposition: form-data; name=a\r\n";
  for (const char* name : {"content-disposition: form-data; name=b", "Content-Type: a/b\r\nContent-Type: a/b",
                           "Content-Transfer-Encoding: 8bit\r\nContent-Transfer-Encoding: 8bit"})
    EXPECT_EQ(refusal_of(with_head(field + name + "\r\n")), "400 a field of a part is there twice") << name;
}

TEST(MultipartParser, refuses_malformed_parameters) {
  for (const char* parameters :
       {"; name", "; name=", "; =a", "; name =a", "; name= a", "; name=\"a", "; name=\"a\\\"",
        "; name=\"a\"b", "; name=a b", "; name=a\"b\"", "; name=\xc3\xa4",
        "; a=1; b=1; c=1; d=1; e=1; f=1; g=1; h=1; i=1; j=1; name=a"})
    EXPECT_EQ(head_from(std::string("form-data") + parameters),
              "400 the parameters of a part's Content-Disposition are malformed")
        << parameters;
  EXPECT_EQ(head_from("form-data;;name=a ; "), "a|-|text/plain");
}

TEST(MultipartParser, decodes_names_as_browsers_and_curl_send_them) {
  EXPECT_EQ(head_from(R"(form-data; name="a%22b%0D%0Ac"; filename="%22")"), "a\"b\r\nc|\"|text/plain");
  EXPECT_EQ(head_from(R"(form-data; name="a\"b\\c"; filename="C:\new\x")"), "a\"b\\c|C:\\new\\x|text/plain");
  EXPECT_EQ(head_from(R"(form-data; name="%00%2F%0d%"; filename="a;b=c")"), "%00%2F%0d%|a;b=c|text/plain");
  EXPECT_EQ(head_from("form-data; name=%22; filename=a.b"), "%22|a.b|text/plain");
  EXPECT_EQ(head_from("form-data; name=\"\xe2\x82\xac\"; filename=\"../../etc/passwd\""),
            "\xe2\x82\xac|../../etc/passwd|text/plain");
  EXPECT_EQ(head_from("form-data; name=a; filename=\"\""), "a||text/plain");
}

TEST(MultipartParser, refuses_names_that_are_not_utf_8) {
  EXPECT_EQ(head_from("form-data; name=\"\xe4\""), "400 the name of a part is not UTF-8");
  EXPECT_EQ(head_from("form-data; name=a; filename=\"\xed\xa0\x80\""), "400 the name of a file is not UTF-8");
}

TEST(MultipartParser, ignores_the_extended_name_of_a_file) {
  EXPECT_EQ(head_from("form-data; name=a; filename=b; filename*=UTF-8''c"), "a|b|text/plain");
  EXPECT_EQ(head_from("form-data; name=a; filename*=UTF-8''c"), "a|-|text/plain");
}

TEST(MultipartParser, refuses_encodings_that_change_the_content) {
  const std::string head = "Content-Disposition: form-data; name=a\r\nContent-Transfer-Encoding: ";
  for (const char* encoding : {"binary", "7bit", "8BIT"})
    EXPECT_EQ(refusal_of(with_head(head + encoding + "\r\n")), "") << encoding;
  for (const char* encoding : {"base64", "quoted-printable", "", "x"})
    EXPECT_EQ(refusal_of(with_head(head + encoding + "\r\n")),
              "400 a part has a Content-Transfer-Encoding other than binary, 8bit and 7bit")
        << encoding;
}

TEST(MultipartParser, holds_each_limit_to_the_byte) {
  const std::string body = "12345\r\n" + part("abc", "1234567") + part("d", "12") + "--b--\r\n12345";
  const std::string head = "Content-Disposition: form-data; name=\"abc\"\r\n\r\n";
  const MultipartLimits tight{.max_parts = 2,
                              .max_head = head.size(),
                              .max_name = 3,
                              .max_file_name = 0,
                              .max_part = 7,
                              .max_content = 9};
  const auto refused = [&body, &tight](auto member) {
    MultipartLimits tighter = tight;
    --(tighter.*member);
    return refusal_of(body, tighter);
  };
  EXPECT_EQ(refusal_of(body, tight), "");
  EXPECT_EQ(refused(&MultipartLimits::max_parts), "413 the form has more than 1 parts");
  EXPECT_EQ(refused(&MultipartLimits::max_head),
            "400 the head of a part has more than " + std::to_string(head.size() - 1) + " bytes");
  EXPECT_EQ(refused(&MultipartLimits::max_name), "400 the name of a part has more than 2 bytes");
  EXPECT_EQ(refused(&MultipartLimits::max_part), "413 a part of the form has more than 6 bytes");
  EXPECT_EQ(refused(&MultipartLimits::max_content), "413 the parts of the form have more than 8 bytes");
  EXPECT_EQ(refusal_of(part("a", "12") + part("b", "123456") + "--b--", {.max_part = 4, .max_content = 5}),
            "413 the parts of the form have more than 5 bytes");
  EXPECT_EQ(refusal_of(with_disposition("form-data; name=a; filename=b"), {.max_file_name = 0}),
            "400 the name of a file has more than 0 bytes");
}

TEST(MultipartParser, bounds_what_is_no_part) {
  const std::string why = "400 the form has more than 100 bytes beside its parts";
  const MultipartLimits limits{.max_head = 100};
  const auto beside = [&limits](std::size_t before, std::size_t padding, std::size_t after) {
    return refusal_of(std::string(before, 'x') + "\r\n--b" + std::string(padding, ' ') + "\r\n" +
                          part("a", "").substr(5) + "--b--\r\n" + std::string(after, 'x'),
                      limits);
  };
  EXPECT_EQ(beside(100, 100, 100), "");
  EXPECT_EQ(beside(101, 0, 0), why);
  EXPECT_EQ(beside(0, 101, 0), why);
  EXPECT_EQ(beside(0, 0, 101), why);
  EXPECT_EQ(refusal_of("--b--" + std::string(101, ' '), limits), why);
  EXPECT_EQ(refusal_of("--b\r\nX: " + std::string(1000, 'x'), limits),
            "400 the head of a part has more than 100 bytes");
}

TEST(MultipartParser, stays_refused) {
  FormReader reader({});
  EXPECT_THROW(reader.read("--bx"), HttpError);
  EXPECT_THROW(reader.read("--b--"), HttpError);
  FormReader other({});
  EXPECT_THROW(other.read("--b\r\n\r\n"), HttpError);
  EXPECT_THROW(other.read("x"), HttpError);
  EXPECT_THROW(other.finish(), HttpError);
}

TEST(MultipartParser, takes_linear_time_for_what_is_nearly_a_boundary) {
  const std::string boundary(70, 'b');
  std::string content;
  while (content.size() < 1'000'000) content += "\r\n--" + std::string(69, 'b') + "\r\r\n--";
  const std::string body = "--" + boundary + "\r\nContent-Disposition: form-data; name=a\r\n\r\n" + content +
                           "\r\n--" + boundary + "--";
  FormReader reader({}, boundary);
  for (std::size_t at = 0; at < body.size(); at += 7) reader.read(std::string_view(body).substr(at, 7));
  reader.finish();
  EXPECT_EQ(reader.form.parts.at(0).content, content);
}

std::string boundary_in(std::string_view content_type) {
  try {
    return std::string(boundary_of(content_type));
  } catch (const HttpError& error) {
    return std::to_string(error.status());
  }
}

TEST(MultipartHead, finds_the_boundary_of_a_content_type) {
  EXPECT_EQ(boundary_in("multipart/form-data; boundary=abc"), "abc");
  EXPECT_EQ(boundary_in("Multipart/Form-Data;charset=utf-8;Boundary=\"a b:(?)='+_,-./=c\""),
            "a b:(?)='+_,-./=c");
  EXPECT_EQ(boundary_in("multipart/form-data; boundary=" + std::string(70, '-')), std::string(70, '-'));
}

TEST(MultipartHead, refuses_other_types_and_boundaries_that_are_not_legal) {
  for (const char* type : {"", "multipart/mixed; boundary=a", "application/x-www-form-urlencoded",
                           "multipart/form-datax; boundary=a", "multipart; boundary=a"})
    EXPECT_EQ(boundary_in(type), "415") << type;
  for (const char* parameters :
       {"", "; boundary", "; boundary=", "; boundary=\"\"", "; boundary=\"a \"", "; boundary=a@b",
        "; boundary=a;b", "; boundary=a*b", "; boundary=\"a\xc3\xa4\"", "; boundary=a; boundary=a",
        "; boundary=a/b", "; boundary=\"a\\\"b\""})
    EXPECT_EQ(boundary_in(std::string("multipart/form-data") + parameters), "400") << parameters;
  EXPECT_EQ(boundary_in("multipart/form-data; boundary=" + std::string(71, 'a')), "400");
}

}  // namespace
}  // namespace chopin::http
