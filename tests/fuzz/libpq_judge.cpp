#include "libpq_judge.hpp"

#include <charconv>
#include <cstdint>
#include <cstring>
#include <libpq-fe.h>
#include <optional>
#include <utility>

#include "libpq_connection.hpp"
#include "require.hpp"

namespace chopin::fuzz {
namespace {

using data::Type;

std::string big(std::size_t value, std::size_t size) {
  std::string bytes(size, '\0');
  for (std::size_t i = 0; i < size; ++i) bytes[size - 1 - i] = static_cast<char>((value >> (8 * i)) & 0xffU);
  return bytes;
}

std::size_t number_at(std::string_view bytes, std::size_t at, std::size_t size) {
  std::size_t value = 0;
  for (const char byte : bytes.substr(at, size)) value = (value << 8U) | static_cast<unsigned char>(byte);
  return value;
}

Oid oid_of(Type type) {
  switch (type) {
    case Type::boolean: return 16;
    case Type::int32: return 23;
    case Type::int64: return 20;
    case Type::float64: return 701;
    case Type::int32_array: return 1007;
    case Type::text:
    case Type::json: break;
  }
  return 0;
}

/// int4[] as PostgreSQL's array_recv reads it.
std::string array_of(std::string_view counted) {
  std::string array = big(1, 4) + big(0, 4) + big(23, 4) + std::string(counted.substr(0, 4)) + big(1, 4);
  for (std::size_t at = 4; at < counted.size(); at += 4)
    array += big(4, 4) + std::string(counted.substr(at, 4));
  return array;
}

void send_query(PGconn* client, const data::Query& query) {
  std::vector<Oid> types;
  std::vector<std::string> values;
  std::vector<const char*> pointers;
  std::vector<int> lengths;
  std::vector<int> formats;
  std::string_view rest = query.parameters.bytes();
  for (const Type type : query.statement->parameters) {
    const std::size_t size = number_at(rest, 0, 4);
    const std::string_view value = rest.substr(4, size);
    types.push_back(oid_of(type));
    values.push_back(type == Type::int32_array ? array_of(value) : std::string(value));
    formats.push_back(type == Type::text || type == Type::json ? 0 : 1);
    rest.remove_prefix(4 + size);
  }
  for (const std::string& value : values) {
    pointers.push_back(value.c_str());
    lengths.push_back(static_cast<int>(value.size()));
  }
  require(PQsendQueryParams(client, query.statement->postgres.c_str(), static_cast<int>(types.size()),
                            types.data(), pointers.data(), lengths.data(), formats.data(), 1) == 1,
          "libpq sends a query");
}

bool ends_group(const PlannedBatch& batch, std::size_t query) {
  return batch.kind->together == Together::no || query + 1 == batch.queries.size();
}

JudgedQuery judged(PGresult* result) {
  JudgedQuery query;
  switch (PQresultStatus(result)) {
    case PGRES_EMPTY_QUERY:
    case PGRES_COMMAND_OK:
    case PGRES_TUPLES_OK: query.kind = JudgedQuery::Kind::result; break;
    case PGRES_PIPELINE_ABORTED: query.kind = JudgedQuery::Kind::skipped; return query;
    case PGRES_FATAL_ERROR: {
      const char* const sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);
      if (sqlstate == nullptr) return query;
      query.kind = JudgedQuery::Kind::error;
      query.sqlstate = sqlstate;
      return query;
    }
    default: return query;  // COPY, or libpq itself has failed
  }
  query.rows = static_cast<std::size_t>(PQntuples(result));
  for (int row = 0; row < PQntuples(result); ++row) {
    for (int column = 0; column < PQnfields(result); ++column) {
      const auto size = static_cast<std::size_t>(PQgetlength(result, row, column));
      const bool is_null = PQgetisnull(result, row, column) == 1;
      query.values += is_null ? big(0xffffffffU, 4) : big(size, 4);
      query.values.append(PQgetvalue(result, row, column), size);
    }
  }
  constexpr std::size_t most_kept = 63;  // of a tag: CMDSTATUS_LEN in libpq-int.h
  if (std::strlen(PQcmdStatus(result)) < most_kept) query.affected = PQcmdTuples(result);
  return query;
}

/// None unless there is exactly one result.
std::optional<JudgedQuery> read_query(const LibpqConnection& connection) {
  const PgResult result = connection.next_result();
  if (result == nullptr) return std::nullopt;
  JudgedQuery query = judged(result.get());
  if (query.kind == JudgedQuery::Kind::refused) return query;
  if (connection.next_result() != nullptr) return std::nullopt;
  return query;
}

bool read_sync(const LibpqConnection& connection, JudgedGroup& group) {
  for (int i = 0; i < 4; ++i) {
    const PgResult result = connection.next_result();
    if (result == nullptr) continue;
    if (PQresultStatus(result.get()) == PGRES_PIPELINE_SYNC) return true;
    const JudgedQuery error = judged(result.get());
    if (error.kind != JudgedQuery::Kind::error) return false;
    group.sqlstate_at_sync = error.sqlstate;
  }
  return false;
}

/// Fails unless both have sent the same messages, but for the formats of results: libpq gives one for all.
void require_same_messages(const std::deque<PlannedBatch>& batches, std::string_view ours,
                           std::string_view libpqs) {
  const auto take = [](std::string_view& bytes) {
    require(bytes.size() >= 5, "a message was sent");
    const std::string_view message = bytes.substr(0, number_at(bytes, 1, 4) + 1);
    bytes.remove_prefix(message.size());
    return message;
  };
  for (const PlannedBatch& batch : batches) {
    for (std::size_t i = 0; i < batch.queries.size(); ++i) {
      for (const char type : std::string_view(ends_group(batch, i) ? "PBDES" : "PBDE")) {
        std::string_view our = take(ours);
        std::string_view libpq = take(libpqs);
        require(our.front() == type && libpq.front() == type, "both send messages of the same types");
        if (type == 'B') {
          our = our.substr(5, our.size() - 5 - 2 * (1 + batch.queries[i].statement->columns.size()));
          libpq = libpq.substr(5, libpq.size() - 5 - 2 * 2);
        }
        require(our == libpq, "both send the same bytes");
      }
    }
  }
  require(ours.empty() && libpqs.empty(), "neither sends more");
}

void require_same_result(const data::Result& ours, const JudgedQuery& libpqs) {
  require(libpqs.kind == JudgedQuery::Kind::result, "libpq has a result too");
  require(ours.rows == libpqs.rows, "libpq has as many rows");
  require(ours.values.bytes() == libpqs.values, "libpq has the same values");
  std::uint64_t affected = 0;
  const char* const end = libpqs.affected.data() + libpqs.affected.size();
  if (std::from_chars(libpqs.affected.data(), end, affected).ec == std::errc()) {
    require(ours.affected == affected, "libpq has the same number of affected rows");
  }
}

/// `first`: of its queries in the batch.
void require_same_group(const PlannedBatch& batch, std::size_t first, const JudgedGroup& group) {
  std::string sqlstate = group.sqlstate_at_sync;
  for (const JudgedQuery& query : group.queries) {
    require(query.kind != JudgedQuery::Kind::refused, "libpq refuses nothing that was taken");
    if (query.kind == JudgedQuery::Kind::error) sqlstate = query.sqlstate;
  }
  for (std::size_t i = 0; i < group.queries.size(); ++i) {
    const std::string& ours = batch.sqlstates[first + i];
    if (ours != sqlstate && (ours == "42804" || ours == "54000")) continue;  // libpq has no such bounds
    require(ours == sqlstate, "libpq has the same SQLSTATE");
    if (ours.empty()) require_same_result(batch.queries[first + i].result, group.queries[i]);
  }
}

}  // namespace

Judgement judge_with_libpq(const std::deque<PlannedBatch>& batches, std::string_view bytes) {
  LibpqConnection connection;
  Judgement judgement;
  for (const PlannedBatch& batch : batches) {
    for (std::size_t i = 0; i < batch.queries.size(); ++i) {
      send_query(connection.client(), batch.queries[i]);
      if (ends_group(batch, i)) require(PQpipelineSync(connection.client()) == 1, "libpq sends a Sync");
    }
    judgement.sent += connection.receive();
  }
  connection.send_last(bytes);
  for (const PlannedBatch& batch : batches) {
    JudgedGroup group;
    for (std::size_t i = 0; i < batch.queries.size(); ++i) {
      auto query = read_query(connection);
      if (!query) return judgement;
      const bool is_refused = query->kind == JudgedQuery::Kind::refused;
      group.queries.push_back(std::move(*query));
      if (is_refused) return judgement;
      if (!ends_group(batch, i)) continue;
      if (!read_sync(connection, group)) return judgement;
      group.is_complete = true;
      judgement.groups.push_back(std::exchange(group, JudgedGroup()));
    }
  }
  return judgement;
}

void require_same_as_libpq(const DatabaseExchange& exchange, std::string_view bytes) {
  // Without what was not taken: libpq looks at the next message before it gives a result.
  const Judgement judgement = judge_with_libpq(exchange.batches(), bytes.substr(0, exchange.taken()));
  require_same_messages(exchange.batches(), exchange.sent(), judgement.sent);
  std::size_t group = 0;
  for (const PlannedBatch& batch : exchange.batches()) {
    std::size_t first = 0;
    for (std::size_t i = 0; i < batch.queries.size(); ++i) {
      if (!ends_group(batch, i)) continue;
      if (batch.is_done && !batch.is_final) {
        require(group < judgement.groups.size(), "libpq takes what was taken");
        require_same_group(batch, first, judgement.groups[group]);
      }
      first = i + 1;
      ++group;
    }
  }
}

}  // namespace chopin::fuzz
