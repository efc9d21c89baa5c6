#include "doctor/facts.hpp"

#include <sys/resource.h>
#include <system_error>
#include <utility>

#include "cli/build_info.hpp"
#include "server/cpus.hpp"
#include "server/launcher.hpp"
#include "server/socket_calls.hpp"

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

std::string shared_port_fault() {
  try {
    server::require_shared_port_support();
    return {};
  } catch (const std::system_error& error) {
    return error.what();
  }
}

}  // namespace

Facts gather_facts(const Config& config, std::string allocator) {
  return {.config = config,
          .build = {.type = cli::build_info::build_type,
                    .link_time_optimization = cli::build_info::link_time_optimization,
                    .native = cli::build_info::native,
                    .allocator = std::move(allocator)},
          .cpus = server::allowed_cpus(),
          .workers = server::worker_count_of(config),
          .open_files = open_file_limits(),
          .shared_port_fault = shared_port_fault()};
}

}  // namespace chopin::doctor
