#include <chopin/database.hpp>
#include <chopin/router.hpp>
#include <string>
#include <string_view>

inline const chopin::Statement<chopin::Row<std::string_view>(std::string_view)> find_note(
    "SELECT text FROM notes WHERE name = $1", {.bounded = true});

inline void add_notes(chopin::Router& router, const chopin::DatabaseConfig& config) {
  const std::string sql =
      "CREATE TABLE notes (name text, text text); INSERT INTO notes VALUES ('milk', 'two')";
  const chopin::Schema schema{.migrations = {{1, "notes", {.postgres = sql, .sqlite = sql}}}};
  router.per_worker<chopin::Database>(chopin::Database::maker(config, schema));
  router.get("/notes/{name}",
             [](const chopin::Request& request, chopin::Response& response) -> chopin::Task<> {
               auto& database = request.worker<chopin::Database>();
               const auto rows = co_await database.query(find_note(request.param("name")));
               if (rows.empty()) throw chopin::HttpError(404, "there is no such note");
               const auto [text] = rows.front();
               response.json().begin_object().member("text", text).end_object();
             });
}
