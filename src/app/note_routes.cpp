#include "app/note_routes.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/accounts.hpp"
#include "chopin/cursor.hpp"
#include "chopin/database.hpp"
#include "chopin/entity_tag.hpp"
#include "chopin/operation.hpp"

namespace chopin::app {
namespace {

constexpr const char* no_zero_byte = "^[^\\x00]*$";  // PostgreSQL takes none
struct NewNote {
  std::string title, text;
  static constexpr auto json_members =
      members(member("title", &NewNote::title).length(1, 200).pattern(no_zero_byte),
              member("text", &NewNote::text).length(0, 10'000).pattern(no_zero_byte).or_default());
};
struct Note {
  std::int64_t id = 0, created = 0;  // milliseconds since 1970
  std::string title, text;
  std::int32_t version = 0;
  static constexpr auto json_members = members(member("id", &Note::id), member("created", &Note::created),
                                               member("title", &Note::title), member("text", &Note::text));
  [[nodiscard]] std::string entity_tag() const { return '"' + std::to_string(version) + '"'; }
};
struct Notes {
  std::vector<Note> notes;
  std::optional<std::string> next;  // the value of `after` for the next page
  static constexpr auto json_members = members(member("notes", &Notes::notes), member("next", &Notes::next));
};
struct Page {
  std::int64_t limit = 20;
  std::optional<std::string> after;
  static constexpr auto json_members =
      members(member("limit", &Page::limit).range(1, 100).or_default(), member("after", &Page::after));
};
struct Place {
  std::int64_t created = INT64_MAX, id = 0;  // the newest note comes first; ids tell apart those of one time
  static constexpr auto json_members = members(member("created", &Place::created), member("id", &Place::id));
};
using NoteId = std::int64_t;
using Text = std::string_view;
using NoteRow = Row<NoteId, std::int64_t, Text, Text, std::int32_t>;
const Statement<NoteRow(Text, std::int64_t, Text, Text)> insert_note(
    "INSERT INTO notes (owner, created, title, text, version) SELECT id, $2, $3, $4, 1 FROM users WHERE id = "
    "$1"
    " RETURNING id, created, title, text, version");
const Statement<NoteRow(Text, std::int64_t, NoteId, std::int64_t)> list_notes(
    "SELECT id, created, title, text, version FROM notes WHERE owner = $1 AND (created, id) < ($2, $3)"
    " ORDER BY created DESC, id DESC LIMIT $4");
const Statement<NoteRow(Text, NoteId)> find_note(
    "SELECT id, created, title, text, version FROM notes WHERE owner = $1 AND id = $2", {.bounded = true});
const Statement<NoteRow(Text, Text, Text, NoteId, std::int32_t)> update_note(
    "UPDATE notes SET title = $1, text = $2, version = version + 1"
    " WHERE owner = $3 AND id = $4 AND version = $5 RETURNING id, created, title, text, version");
const Statement<Row<>(Text, NoteId, std::int32_t)> delete_note(
    "DELETE FROM notes WHERE owner = $1 AND id = $2 AND (version = $3 OR $3 = 0)");

Note note_of(const auto& row) {
  const auto& [id, created, title, text, version] = row;
  return {id, created, std::string(title), std::string(text), version};
}

Task<Created<Note>> create(Database& database, const User& user, Body<NewNote> note) {
  const auto now =
      floor<std::chrono::milliseconds>(std::chrono::system_clock::now()).time_since_epoch().count();
  const auto rows = co_await database.query(insert_note(user.id, now, note->title, note->text));
  if (rows.empty()) throw user_is_gone();
  const Note made = note_of(rows.front());
  co_return Created<Note>{made}.field("Location", "/api/notes/" + std::to_string(made.id));
}

Task<Notes> list(Database& database, const User& user, Query<Page> page) {
  const auto& [limit, after] = *page;
  const Place from = after ? read_cursor<Place>("after", *after) : Place();
  Notes found;
  const auto rows = co_await database.query(list_notes(user.id, from.created, from.id, limit + 1));
  for (const auto& row : rows) found.notes.push_back(note_of(row));
  if (std::ssize(found.notes) > limit) {
    found.notes.pop_back();
    found.next = write_cursor(Place{found.notes.back().created, found.notes.back().id});
  }
  co_return found;
}

Task<Note> read(Database& database, const User& user, Path<NoteId> id) {
  const auto rows = co_await database.query(find_note(user.id, *id));
  if (rows.empty()) throw HttpError(404, "there is no note with this id");  // or it is another user's
  co_return note_of(rows.front());
}

Task<Note> update(Database& database, const User& user, Path<NoteId> id, Body<NewNote> note, IfMatch match) {
  const Note old = co_await read(database, user, id);
  match.require(old.entity_tag());
  const auto rows = co_await database.query(update_note(note->title, note->text, user.id, *id, old.version));
  if (rows.empty()) throw HttpError(412, "it has changed since");
  co_return note_of(rows.front());
}

Task<NoContent> remove(Database& database, const User& user, Path<NoteId> id, const Request& request) {
  const Note old = co_await read(database, user, id);
  const bool must_match = !request.field("If-Match").empty();
  if (must_match) IfMatch::from(request).require(old.entity_tag());
  const auto rows = co_await database.query(delete_note(user.id, *id, must_match ? old.version : 0));
  if (rows.affected() == 0) throw HttpError(must_match ? 412 : 404, "it has changed since");
  co_return NoContent();
}

}  // namespace

void add_note_routes(RouteGroup api) {
  RouteGroup notes = api.group("/notes");
  const DeclaredError taken{409, "The user has a note with this title."};
  notes.post("", operation(create, {.summary = "Makes a note.", .errors = {taken}}));
  notes.get("", operation(list, {.summary = "Lists the user's notes, the newest first."}));
  notes.get("/{id}", operation(read, {.summary = "Reads a note."}));
  notes.put("/{id}", operation(update, {.summary = "Replaces title and text of a note.", .errors = {taken}}));
  notes.del("/{id}",
            operation(remove, {.summary = "Deletes a note.", .errors = {{412, "It has changed since."}}}));
}

}  // namespace chopin::app
