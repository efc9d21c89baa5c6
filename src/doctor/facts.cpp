#include "doctor/facts.hpp"

#include <array>
#include <linux/capability.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <system_error>
#include <unistd.h>
#include <utility>

#include "chopin/database_error.hpp"
#include "cli/build_info.hpp"
#include "data/database_url.hpp"
#include "system/cpus.hpp"
#include "system/sockets.hpp"

namespace chopin::doctor {
namespace {

std::uint64_t number_of(rlim_t limit) {
  return limit == RLIM_INFINITY ? OpenFileLimits::none : limit;
}

std::optional<OpenFileLimits> open_file_limits() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return std::nullopt;
  return OpenFileLimits{.soft = number_of(limit.rlim_cur), .hard = number_of(limit.rlim_max)};
}

/// By system call: glibc has no wrapper for capget.
bool may_raise_hard_limits() {
  __user_cap_header_struct header{.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
  std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3> sets{};
  if (syscall(SYS_capget, &header, sets.data()) != 0) return false;
  return (sets[CAP_TO_INDEX(CAP_SYS_RESOURCE)].effective & CAP_TO_MASK(CAP_SYS_RESOURCE)) != 0;
}

std::string shared_port_fault() {
  try {
    system::require_shared_port_support();
    return {};
  } catch (const std::system_error& error) {
    return error.what();
  }
}

DatabaseFacts database_facts(const DatabaseConfig& config) {
  const data::DatabaseUrl url = data::parse_database_url(config.url);
  DatabaseFacts facts{.shown = url.shown,
                      .is_postgres = url.kind == data::DatabaseUrl::Kind::postgres,
                      .libpq = data::postgres::libpq_version(),
                      .server = std::nullopt,
                      .fault = {}};
  if (!facts.is_postgres) return facts;
  try {
    facts.server = data::postgres::read_server_facts(url.target);
  } catch (const DatabaseError& error) {
    facts.fault = error.detail();
  }
  return facts;
}

}  // namespace

Facts gather_facts(const Config& config, cli::Flags flags, std::string allocator) {
  return {.config = config,
          .flags = std::move(flags),
          .build = {.type = cli::build_info::build_type,
                    .link_time_optimization = cli::build_info::link_time_optimization,
                    .native = cli::build_info::native,
                    .allocator = std::move(allocator)},
          .cpus = system::allowed_cpus(),
          .workers = system::worker_count_of(config),
          .open_files = open_file_limits(),
          .is_root = geteuid() == 0,
          .may_raise_hard_limits = may_raise_hard_limits(),
          .shared_port_fault = shared_port_fault(),
          .database = database_facts(config.database)};
}

}  // namespace chopin::doctor
