#include "doctor/checklist.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include <fmt/core.h>
#include <fmt/format.h>

#include "chopin/json.hpp"
#include "doctor/checks.hpp"
#include "system/file_tree.hpp"

namespace chopin::doctor {
namespace {

/// "1 warning", "2 warnings".
std::string counted(std::size_t count, std::string_view noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

void append(std::string& out, const Row& row) {
  const auto to_out = std::back_inserter(out);
  fmt::format_to(to_out, "{:<8} {:<29} {}\n", to_string(row.verdict), row.name, row.found);
  if (row.verdict == Verdict::ok) return;
  fmt::format_to(to_out, "{:9}wanted   {}\n", "", row.wanted);
  fmt::format_to(to_out, "{:9}why      {}\n", "", row.why);
  if (!row.command.empty()) fmt::format_to(to_out, "{:9}command  {}\n", "", row.command);
}

void write(JsonWriter& json, const Row& row) {
  json.begin_object()
      .member("name", row.name)
      .member("verdict", to_string(row.verdict))
      .member("found", row.found)
      .member("wanted", row.wanted)
      .member("why", row.why)
      .member("command", row.command)
      .end_object();
}

}  // namespace

Checklist::Checklist(const Facts& facts, const std::string& root) {
  const system::Tree tree(root);
  for (auto&& rows : {connection_rows(tree, facts), processor_rows(tree, facts), program_rows(facts),
                      database_rows(facts)}) {
    std::ranges::copy(rows, std::back_inserter(rows_));
  }
}

std::size_t Checklist::count(Verdict verdict) const {
  return static_cast<std::size_t>(std::ranges::count(rows_, verdict, &Row::verdict));
}

std::string Checklist::text() const {
  std::string out;
  for (const Row& row : rows_) append(out, row);
  out += fmt::format("{}, {}; nothing has been changed, commands for the kernel's settings need root\n",
                     counted(count(Verdict::warning), "warning"), counted(count(Verdict::note), "note"));
  return out;
}

std::string Checklist::json() const {
  ByteBuffer out;
  JsonWriter json(out);
  json.begin_object()
      .member("warnings", count(Verdict::warning))
      .member("notes", count(Verdict::note))
      .key("rows")
      .begin_array();
  for (const Row& row : rows_) write(json, row);
  json.end_array().end_object();
  out.push_back('\n');
  return std::string(out.bytes());
}

}  // namespace chopin::doctor
