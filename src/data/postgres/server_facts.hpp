#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace chopin::data::postgres {

class BlockingConnection;

/// What a server says of itself to the role that asks.
struct ServerFacts {
  std::string version;                ///< "15.18"
  std::uint64_t max_connections = 0;  ///< of the server, for all roles and databases
  std::uint64_t reserved = 0;         ///< for others, such as superusers
  std::uint64_t in_use = 0;           ///< by all roles; without the connection that asks
  std::uint64_t limit = 0;            ///< of the role or the database, the lower one; 0: none
  bool is_behind_pooler = false;      ///< the pooler's limits count instead

  /// The most that this role can have, as long as nobody else has any.
  [[nodiscard]] std::uint64_t available() const noexcept;
};

/// Connects and asks. Blocks, up to 3 seconds for each address of each host and for each of two questions.
/// `url`: as parse_postgres_url has taken it. Throws DatabaseError.
ServerFacts read_server_facts(const std::string& url);
/// The same on a connection that is there.
ServerFacts read_server_facts(BlockingConnection& connection);

/// Why a server cannot have as many connections; empty if it can, or if a pooler decides. "the server has
/// max_connections=20, 3 of them reserved: 32 connections are more than the 17 it can give".
std::string fault_of_connections(const ServerFacts& facts, std::size_t wanted);

/// "15.18", of the library in use.
std::string libpq_version();

}  // namespace chopin::data::postgres
