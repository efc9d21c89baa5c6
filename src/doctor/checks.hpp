#pragma once

#include <vector>

#include "doctor/facts.hpp"
#include "doctor/row.hpp"
#include "system/file_tree.hpp"

/// The parts of the checklist. None throws because of a file: a row says what cannot be read.
namespace chopin::doctor {

/// Limits and queues between the first SYN and an accepted connection, and what load generators on the same
/// machine need.
std::vector<Row> connection_rows(const system::Tree& tree, const Facts& facts);
/// Whether the CPUs run at a constant speed, all the time, and share no cores.
std::vector<Row> processor_rows(const system::Tree& tree, const Facts& facts);
/// Whether the database of the settings can be reached and has room. Of the server of PostgreSQL only if it
/// was reached.
std::vector<Row> database_rows(const Facts& facts);
/// The build, the allocator and the settings that decide what is measured.
std::vector<Row> program_rows(const Facts& facts);

}  // namespace chopin::doctor
