#include "routing/log_request.hpp"

#include <cstddef>

#include <boost/container/static_vector.hpp>

#include "routing/request_id_note.hpp"

namespace chopin::routing {

// NOLINTNEXTLINE(bugprone-exception-escape): static_vector throws beyond its capacity, which is never reached
void log_request(const Request& request, LogLevel level, std::string_view message,
                 std::initializer_list<LogField> facts) noexcept {
  constexpr std::size_t most_facts = 8;
  if (!request.log().is_enabled(level)) return;
  boost::container::static_vector<LogField, most_facts + 3> fields;
  fields.emplace_back("method", to_string(request.method()));
  fields.emplace_back("target", request.target());
  fields.insert(fields.end(), facts.begin(), facts.end());
  const std::string_view id = request.note(request_id_note);
  if (!id.empty()) fields.emplace_back("request_id", id);
  request.log().write(level, message, fields);
}

}  // namespace chopin::routing
