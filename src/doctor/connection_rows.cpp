#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/core.h>

#include "doctor/checks.hpp"
#include "doctor/restart.hpp"
#include "system/open_files.hpp"
#include "text/characters.hpp"
#include "text/number.hpp"

namespace chopin::doctor {
namespace {

std::string describe_limit(std::uint64_t limit) {
  return limit == OpenFileLimits::none ? "unlimited" : fmt::format("{}", limit);
}

std::uint64_t files_wanted(const Facts& facts) {
  return facts.connections_wanted() + system::files_beside_connections(facts.workers);
}

/// The file of a sysctl, such as net.core.somaxconn.
std::string file_of(std::string_view sysctl) {
  std::string path = fmt::format("/proc/sys/{}", sysctl);
  std::ranges::replace(path, '.', '/');
  return path;
}

std::string set_sysctl(std::string_view sysctl, std::uint64_t value) {
  return fmt::format("sysctl -w {}={}", sysctl, value);
}

/// Raises the hard limit of the shell that runs it, or of the container to start.
std::string raise_hard_limit(const Facts& facts, std::uint64_t wanted) {
  if (facts.may_raise_hard_limits) return fmt::format("ulimit -n {}", wanted);
  if (facts.is_root) return fmt::format("docker run --ulimit nofile={}", wanted);
  return fmt::format("sudo prlimit --pid $$ --nofile={}", wanted);
}

constexpr std::string_view most_open_files = "fs.nr_open";

/// For limits above what the kernel allows any process.
std::string raise_every_limit(const Facts& facts, std::uint64_t wanted) {
  return fmt::format("{}{} && {}", facts.is_root ? "" : "sudo ", set_sysctl(most_open_files, wanted),
                     raise_hard_limit(facts, wanted));
}

void judge_open_files(Row& row, const Facts& facts, const OpenFileLimits& limits, std::uint64_t allowed) {
  const std::uint64_t wanted = files_wanted(facts);
  row.found =
      fmt::format("soft limit {}, hard limit {}", describe_limit(limits.soft), describe_limit(limits.hard));
  if (allowed < std::max(limits.hard, wanted)) row.found += fmt::format(", {} {}", most_open_files, allowed);
  if (allowed < wanted) return row.warn(raise_every_limit(facts, wanted));
  if (limits.hard < wanted) return row.warn(raise_hard_limit(facts, wanted));
  if (limits.soft >= wanted) return;
  if (limits.hard <= allowed) return row.note(fmt::format("ulimit -Sn {}", wanted));
  row.warn(fmt::format("ulimit -n {}", wanted));  // with such a hard limit the kernel refuses any soft one
}

Row open_files(const system::Tree& tree, const Facts& facts) {
  Row row{.name = "open files",
          .wanted =
              fmt::format("{} or more, for {} connections", files_wanted(facts), facts.connections_wanted()),
          .why =
              "each connection is an open file of the server's and one of the load generator's; the server "
              "raises its soft limit by itself, up to the hard one, most load generators do not"};
  if (!facts.open_files) {
    row.note({});
    row.found = "cannot be read: the kernel does not say";
    return row;
  }
  const auto allowed = tree.number_if_readable(file_of(most_open_files));
  judge_open_files(row, facts, *facts.open_files, allowed.value_or(OpenFileLimits::none));
  return row;
}

/// Completes a row named after a sysctl that must be at least `least`.
Row at_least(const system::Tree& tree, std::uint64_t least, Row unjudged) {
  return judged(std::move(unjudged), [&](Row& row) {
    const std::uint64_t value = tree.number(file_of(row.name));
    row.found = fmt::format("{}", value);
    if (value < least) row.warn(set_sysctl(row.name, least));
  });
}

Row somaxconn(const system::Tree& tree, const Config& config) {
  return at_least(tree, config.backlog,
                  {.name = "net.core.somaxconn",
                   .wanted = fmt::format("{} or more, the backlog", config.backlog),
                   .why = "the kernel cuts the backlog to it; what finds the queue full is dropped, and its "
                          "client tries again a second later"});
}

/// A kernel built without SYN cookies has no such file.
std::string_view describe_cookies(std::optional<std::uint64_t> cookies) {
  if (!cookies) return "unknown";
  return *cookies != 0 ? "on" : "off";
}

/// With SYN cookies the kernel ignores this: only the backlog limits half-open connections (tcp_conn_request
/// in net/ipv4/tcp_input.c).
Row syn_backlog(const system::Tree& tree, const Config& config) {
  return judged({.name = "net.ipv4.tcp_max_syn_backlog",
                 .wanted = fmt::format("{} or more, the backlog", config.backlog),
                 .why = "without SYN cookies the kernel drops new connections when three quarters as many "
                        "are half open; with them the backlog is the limit"},
                [&](Row& row) {
                  const std::uint64_t limit = tree.number(file_of(row.name));
                  const auto cookies = tree.number_if_readable(file_of("net.ipv4.tcp_syncookies"));
                  row.found = fmt::format("{}, SYN cookies {}", limit, describe_cookies(cookies));
                  if (limit >= config.backlog) return;
                  const std::string command = set_sysctl(row.name, config.backlog);
                  if (cookies.value_or(0) != 0) return row.note(command);
                  row.warn(command);
                });
}

Row netdev_backlog(const system::Tree& tree, const Facts& facts) {
  constexpr std::uint64_t most_ever_needed = 65535;
  const std::uint64_t wanted = std::min(facts.connections_wanted(), most_ever_needed);
  return at_least(tree, wanted,
                  {.name = "net.core.netdev_max_backlog",
                   .wanted = fmt::format("{} or more, a packet for each connection", wanted),
                   .why = "packets that may wait for a CPU, on loopback too; more are dropped and sent again "
                          "200 ms later or more, which shows in the highest percentiles"});
}

struct PortRange {
  std::uint64_t first = 0;
  std::uint64_t last = 0;

  [[nodiscard]] std::uint64_t size() const noexcept { return last - first + 1; }
};

/// "32768\t60999".
std::optional<PortRange> to_port_range(std::string_view line) {
  constexpr std::uint64_t last_port = 65535;
  const std::size_t gap = std::min(line.find_first_of(" \t"), line.size());
  const auto first = text::to_number(line.substr(0, gap));
  const auto last = text::to_number(text::trimmed(line.substr(gap)));
  if (!first || !last || *first > *last || *last > last_port) return std::nullopt;
  return PortRange{.first = *first, .last = *last};
}

Row port_range(const system::Tree& tree) {
  constexpr std::uint64_t wanted = 50'000;
  return judged(
      {.name = "net.ipv4.ip_local_port_range",
       .wanted = fmt::format("{} ports or more", wanted),
       .why = "each connection of a load generator on this machine takes one, and keeps it for a while after "
              "its end; without a free one it cannot connect"},
      [&](Row& row) {
        const std::string path = file_of(row.name);
        const auto range = to_port_range(tree.line(path));
        if (!range) throw system::Unreadable(path, "it holds no range of ports");
        row.found = fmt::format("{} to {}, {} ports", range->first, range->last, range->size());
        if (range->size() < wanted) row.warn(fmt::format("sysctl -w {}='10240 65535'", row.name));
      });
}

Row reuse_of_ports(const system::Tree& tree) {
  return at_least(
      tree, 1,
      {.name = "net.ipv4.tcp_tw_reuse",
       .wanted = "1, or 2: on loopback only",
       .why = "a port whose connection has ended is in TIME_WAIT for a minute, and with this for a "
              "second: otherwise a new connection per request uses up the ports"});
}

Row connection_tracking(const system::Tree& tree, const Facts& facts) {
  constexpr std::uint64_t ports_of_a_load_generator =
      65535;  // each stays tracked after its connection has ended
  const std::uint64_t wanted = std::max(facts.connections_wanted(), ports_of_a_load_generator);
  return judged(
      {.name = "conntrack",
       .wanted = fmt::format("not loaded, or room for {} more connections; rules can take loopback out of it",
                             wanted),
       .why =
           "each packet is looked up and each connection remembered for minutes; new ones are dropped when "
           "the table is full"},
      [&](Row& row) {
        static constexpr std::string_view sysctls = "/proc/sys/net";
        static constexpr std::string_view count = "/proc/sys/net/netfilter/nf_conntrack_count";
        static constexpr std::string_view limit_sysctl = "net.netfilter.nf_conntrack_max";
        tree.require(sysctls);
        if (!tree.has(count)) {
          row.found = "not loaded";
          return;
        }
        const std::uint64_t tracked = tree.number(count);
        const std::uint64_t limit = tree.number(file_of(limit_sysctl));
        const bool has_limit = limit != 0;  // nf_conntrack_alloc in net/netfilter/nf_conntrack_core.c
        row.found = fmt::format("loaded, tracks {} connections, {}", tracked,
                                has_limit ? fmt::format("at most {}", limit) : "without a limit");
        if (!has_limit || limit >= tracked + wanted) return row.note({});
        row.warn(set_sysctl(limit_sysctl, limit + wanted));  // enough even if the table is full by then
      });
}

/// Also resets REUSEPORT and FAST_ROUTES, which could contradict standard mode.
std::string restart_in_standard_mode(const Facts& facts) {
  return restart_with({{"--mode", "standard"}, {"--reuseport", "false"}, {"--fast-routes", "composed"}},
                      facts.flags);
}

Row shared_port(const Facts& facts) {
  Row row{.name = "SO_REUSEPORT",
          .wanted = "supported",
          .why = "in performance mode each worker has a listening socket of its own on the same port",
          .found = "supported"};
  if (facts.shared_port_fault.empty()) return row;
  row.found = facts.shared_port_fault;
  if (facts.config.mode == Mode::performance) {
    row.warn(restart_in_standard_mode(facts));
  } else {
    row.note({});
  }
  return row;
}

}  // namespace

std::vector<Row> connection_rows(const system::Tree& tree, const Facts& facts) {
  return {open_files(tree, facts),
          somaxconn(tree, facts.config),
          syn_backlog(tree, facts.config),
          netdev_backlog(tree, facts),
          port_range(tree),
          reuse_of_ports(tree),
          connection_tracking(tree, facts),
          shared_port(facts)};
}

}  // namespace chopin::doctor
