#include "app/note_routes.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <tuple>
#include <utility>
#include <vector>

#include <fmt/core.h>
#include <gtest/gtest.h>

#include "app/user_site.hpp"
#include "chopin/token.hpp"

namespace chopin::test {
namespace {

struct SeenNote {
  std::int64_t id = 0;
  std::int64_t created = 0;
  std::string title;
  std::string text;

  static constexpr auto json_members =
      members(member("id", &SeenNote::id), member("created", &SeenNote::created),
              member("title", &SeenNote::title), member("text", &SeenNote::text));
};

struct SeenNotes {
  std::vector<SeenNote> notes;
  std::optional<std::string> next;

  static constexpr auto json_members =
      members(member("notes", &SeenNotes::notes), member("next", &SeenNotes::next));
};

/// One user's way to the notes.
class Writer {
 public:
  Writer(const UserSite& site, std::string_view name)
      : port_(site.port()),
        token_(session_of(site.sign_up(name, fmt::format("{}@example.com", name))).access_token) {}
  Writer(std::uint16_t port, std::string token) : port_(port), token_(std::move(token)) {}

  [[nodiscard]] Response send(std::string_view method, std::string_view path, std::string_view body = "",
                              std::string_view fields = "") const {
    const std::string_view type = body.empty() ? "" : "Content-Type: application/json\r\n";
    return ask(port_, fmt::format("{} /api/notes{} HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer {}\r\n{}{}"
                                  "Content-Length: {}\r\n\r\n{}",
                                  method, path, token_, type, fields, body.size(), body));
  }
  [[nodiscard]] Response add(std::string_view title, std::string_view text = "") const {
    return send("POST", "", fmt::format(R"({{"title":"{}","text":"{}"}})", title, text));
  }
  /// The path of a new note, after /api/notes.
  [[nodiscard]] std::string path_of_new(std::string_view title) const {
    return '/' + std::to_string(data_of<SeenNote>(add(title)).id);
  }
  [[nodiscard]] Response replace(const std::string& path, std::string_view title,
                                 std::string_view tag) const {
    return send("PUT", path, fmt::format(R"({{"title":"{}","text":"new"}})", title),
                tag.empty() ? std::string() : fmt::format("If-Match: {}\r\n", tag));
  }
  /// The titles of all pages.
  [[nodiscard]] std::vector<std::string> titles(int limit) const {
    std::vector<std::string> titles;
    std::string cursor;
    do {
      const auto page = data_of<SeenNotes>(send("GET", fmt::format("?limit={}{}", limit, cursor)));
      EXPECT_LE(std::ssize(page.notes), limit);
      for (const SeenNote& note : page.notes) titles.push_back(note.title);
      cursor = page.next ? "&after=" + *page.next : "";
    } while (!cursor.empty());
    return titles;
  }

 private:
  std::uint16_t port_;
  std::string token_;
};

class NotesOn : public testing::TestWithParam<const char*> {
 protected:
  UserDatabase database{GetParam()};
  UserSite site{user_config(database.config())};
  Writer anna{site, "anna"};
  Writer ben{site, "ben"};
};

INSTANTIATE_TEST_SUITE_P(, NotesOn, testing::Values("SQLite", "PostgreSQL"), name_of_user_database);

TEST_P(NotesOn, are_made_and_read) {
  const Response made = anna.add("milk", "two");
  ASSERT_EQ(made.status, 201) << made.body;
  const auto note = data_of<SeenNote>(made);
  EXPECT_EQ(note.title, "milk");
  EXPECT_EQ(made.field("Location"), fmt::format("/api/notes/{}", note.id));
  EXPECT_EQ(made.field("ETag"), "\"1\"");
  const Response read = anna.send("GET", fmt::format("/{}", note.id));
  EXPECT_EQ(read.status, 200);
  EXPECT_EQ(read.field("ETag"), "\"1\"");
  EXPECT_EQ(data_of<SeenNote>(read).text, "two");
}

TEST_P(NotesOn, are_not_sent_again_to_who_has_them) {
  const std::string path = anna.path_of_new("milk");
  const Response same = anna.send("GET", path, "", "If-None-Match: \"1\"\r\n");
  EXPECT_EQ(same.status, 304);
  EXPECT_EQ(same.field("ETag"), "\"1\"");
  EXPECT_EQ(same.body, "");
  EXPECT_EQ(anna.send("GET", path, "", "If-None-Match: \"2\"\r\n").status, 200);
}

TEST_P(NotesOn, are_changed_only_by_who_knows_what_they_were) {
  const std::string path = anna.path_of_new("milk");
  EXPECT_EQ(anna.replace(path, "bread", "").status, 428);
  EXPECT_EQ(anna.replace(path, "bread", "\"2\"").status, 412);
  const Response changed = anna.replace(path, "bread", "\"1\"");
  EXPECT_EQ(changed.status, 200) << changed.body;
  EXPECT_EQ(changed.field("ETag"), "\"2\"");
  EXPECT_EQ(data_of<SeenNote>(changed).title, "bread");
  EXPECT_EQ(anna.replace(path, "butter", "\"1\"").status, 412);
  EXPECT_EQ(data_of<SeenNote>(anna.send("GET", path)).title, "bread");
}

TEST_P(NotesOn, are_changed_by_one_of_two_at_once) {
  const std::string path = anna.path_of_new("milk");
  int statuses[2] = {};
  {
    std::thread other([&] { statuses[0] = anna.replace(path, "bread", "\"1\"").status; });
    statuses[1] = anna.replace(path, "butter", "\"1\"").status;
    other.join();
  }
  EXPECT_EQ(statuses[0] + statuses[1], 200 + 412) << statuses[0] << ' ' << statuses[1];
}

TEST_P(NotesOn, are_their_owners_alone) {
  const std::string path = anna.path_of_new("milk");
  EXPECT_EQ(ben.send("GET", path).status, 404);
  EXPECT_EQ(ben.send("GET", path, "", "If-None-Match: *\r\n").status, 404);
  EXPECT_EQ(ben.replace(path, "mine", "\"1\"").status, 404);
  EXPECT_EQ(ben.send("DELETE", path).status, 404);
  EXPECT_TRUE(ben.titles(20).empty());
  EXPECT_EQ(anna.send("GET", path).status, 200);
  EXPECT_EQ(ask(site.port(), get("/api/notes" + path)).status, 401);
}

TEST_P(NotesOn, are_deleted_once) {
  const std::string path = anna.path_of_new("milk");
  EXPECT_EQ(anna.send("DELETE", path).status, 204);
  EXPECT_EQ(anna.send("DELETE", path).status, 404);
  EXPECT_EQ(anna.send("GET", path).status, 404);
}

TEST_P(NotesOn, are_not_deleted_by_who_says_what_they_were_and_is_wrong) {
  const std::string path = anna.path_of_new("milk");
  ASSERT_EQ(anna.replace(path, "bread", "\"1\"").status, 200);
  EXPECT_EQ(anna.send("DELETE", path, "", "If-Match: \"1\"\r\n").status, 412);
  EXPECT_EQ(anna.send("DELETE", path, "", "If-Match: W/\"2\"\r\n").status, 412);
  EXPECT_EQ(ben.send("DELETE", path, "", "If-Match: *\r\n").status, 404);
  EXPECT_EQ(anna.send("DELETE", path, "", "If-Match: \"2\"\r\n").status, 204);
  EXPECT_EQ(anna.send("DELETE", path, "", "If-Match: *\r\n").status, 404);
}

TEST_P(NotesOn, are_changed_or_deleted_by_one_of_two_at_once) {
  const std::string path = anna.path_of_new("milk");
  int changed = 0;
  int deleted = 0;
  {
    std::thread other([&] { changed = anna.replace(path, "bread", "\"1\"").status; });
    deleted = anna.send("DELETE", path, "", "If-Match: \"1\"\r\n").status;
    other.join();
  }
  const bool is_one =
      (changed == 200 && deleted == 412) || ((changed == 404 || changed == 412) && deleted == 204);
  EXPECT_TRUE(is_one) << changed << ' ' << deleted;
}

TEST_P(NotesOn, are_of_a_user_who_is_there) {
  const auto sign = [](std::string user) {
    const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    return TokenKeys(token_secret).sign({.subject = std::move(user), .expires = now + std::chrono::hours(1)});
  };
  for (const std::string& user :
       {std::string("a user who is not there"), std::string("a\0b", 3), std::string()}) {
    const Writer writer(site.port(), sign(user));
    const Response refused = writer.add("milk");
    EXPECT_EQ(refused.status, 401) << refused.body;
    EXPECT_EQ(refused.field("WWW-Authenticate"), R"(Bearer realm="chopin", error="invalid_token")");
    EXPECT_EQ(writer.send("GET", "/1").status, user.find('\0') == std::string::npos ? 404 : 401);
  }
}

TEST_P(NotesOn, have_no_zero_bytes_which_postgresql_does_not_take) {
  for (const auto& [title, text, pointer] :
       {std::tuple{"a\\u0000b", "c", "/title"}, {"a", "\\u0000", "/text"}}) {
    const Response refused = anna.add(title, text);
    EXPECT_EQ(refused.status, 422);
    EXPECT_NE(refused.body.find(pointer), std::string::npos) << refused.body;
  }
  EXPECT_EQ(anna.add("\\u0001\\n", "\\u0001\\n").status, 201);
}

TEST_P(NotesOn, have_titles_that_their_owner_has_once) {
  EXPECT_EQ(anna.add("milk").status, 201);
  EXPECT_EQ(anna.add("milk").status, 409);
  EXPECT_EQ(ben.add("milk").status, 201);
  const std::string path = anna.path_of_new("bread");
  EXPECT_EQ(anna.replace(path, "milk", "\"1\"").status, 409);
}

TEST_P(NotesOn, are_refused_with_all_that_is_wrong) {
  const Response refused = anna.send("POST", "", R"({"title":"","text":3,"owner":"ben"})");
  EXPECT_EQ(refused.status, 422);
  for (const std::string_view pointer : {"/title", "/text", "/owner"}) {
    EXPECT_NE(refused.body.find(pointer), std::string::npos) << refused.body;
  }
  EXPECT_EQ(anna.send("POST", "", "[").status, 400);
  EXPECT_EQ(anna.send("GET", "/0x1").status, 404);
  EXPECT_EQ(anna.send("GET", "/99999999999999999999").status, 404);
  EXPECT_EQ(anna.send("GET", "?limit=101").status, 422);
  EXPECT_EQ(anna.send("GET", "?after=x").status, 422);
  EXPECT_EQ(anna.send("GET", "?after=bm90IGpzb24").status, 422);
}

TEST_P(NotesOn, are_listed_page_by_page_from_the_newest) {
  std::vector<std::string> newest_first;
  for (int i = 0; i < 7; ++i) {
    const std::string title = std::to_string(i);
    EXPECT_EQ(anna.add(title).status, 201);
    newest_first.insert(newest_first.begin(), title);
  }
  EXPECT_EQ(ben.add("other").status, 201);
  for (const int limit : {1, 2, 6, 7, 8}) EXPECT_EQ(anna.titles(limit), newest_first) << limit;
}

TEST_P(NotesOn, are_listed_once_although_others_come_and_go) {
  for (int i = 0; i < 4; ++i) EXPECT_EQ(anna.add(std::to_string(i)).status, 201);
  const auto first = data_of<SeenNotes>(anna.send("GET", "?limit=2"));
  EXPECT_EQ(anna.add("new").status, 201);
  EXPECT_EQ(anna.send("DELETE", fmt::format("/{}", first.notes[1].id)).status, 204);
  const auto rest = data_of<SeenNotes>(anna.send("GET", "?limit=2&after=" + first.next.value()));
  ASSERT_EQ(rest.notes.size(), 2U);
  EXPECT_EQ(rest.notes[0].title, "1");
  EXPECT_EQ(rest.notes[1].title, "0");
  EXPECT_FALSE(rest.next);
}

}  // namespace
}  // namespace chopin::test
