#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <fmt/core.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "doctor/checks.hpp"
#include "doctor/shell.hpp"
#include "system/cpus.hpp"

namespace chopin::doctor {
namespace {

struct Governors {
  std::set<std::string> names;
  std::size_t unreadable = 0;
  std::optional<system::Unreadable> fault;  ///< of the last unreadable one
};

Governors governors_of(const system::Tree& tree, const std::vector<unsigned>& cpus) {
  Governors governors;
  for (const unsigned cpu : cpus) {
    try {
      governors.names.insert(
          tree.line(fmt::format("/sys/devices/system/cpu/cpu{}/cpufreq/scaling_governor", cpu)));
    } catch (const system::Unreadable& fault) {
      ++governors.unreadable;
      governors.fault = fault;
    }
  }
  return governors;
}

Row governor(const system::Tree& tree, const Facts& facts) {
  return judged(
      {.name = "CPU governor",
       .wanted = "performance",
       .why =
           "other governors change the frequency during a measurement, and with it the CPU time per request; "
           "without a governor, as in most virtual machines, the host controls it"},
      [&](Row& row) {
        const Governors governors = governors_of(tree, facts.cpus);
        if (governors.names.empty() && governors.fault) throw system::Unreadable(*governors.fault);
        row.found = fmt::format("{}", fmt::join(governors.names, ", "));
        if (governors.fault) {
          row.note({});
          row.found += fmt::format("; {} of {} CPUs cannot be read", governors.unreadable, facts.cpus.size());
        }
        if (governors.names == std::set<std::string>{"performance"}) return;
        row.warn("echo performance | tee /sys/devices/system/cpu/cpu*/cpufreq/scaling_governor");
      });
}

std::string lift(const std::string& file) {
  return fmt::format("echo {} > {}", file.ends_with("cpu.max") ? "max" : "-1", shell_word(file));
}

Row quota(const system::Tree& tree, const Facts& facts) {
  return judged(
      {.name = "CPU quota",
       .wanted = fmt::format("none, or the time of all CPUs that may be used: {}", facts.cpus.size()),
       .why = "a cgroup that has used up its time is stopped until the next period, mostly of 100 ms: the "
              "benchmark then measures that delay"},
      [&](Row& row) {
        tree.require("/proc/self/cgroup");
        const system::CpuQuota quota = system::cpu_quota(tree.root());
        const bool is_short = quota.cpus && *quota.cpus < static_cast<double>(facts.cpus.size());
        if (!is_short && !quota.malformed.empty()) {
          throw system::Unreadable(shell_word(quota.malformed), "it holds no quota");
        }
        row.found =
            quota.cpus ? fmt::format("{:.4g} CPUs, by {}", *quota.cpus, shell_word(quota.file)) : "none";
        if (is_short) row.warn(lift(quota.file));
      });
}

Row multithreading(const system::Tree& tree) {
  static constexpr std::string_view path = "/sys/devices/system/cpu/smt/active";
  return judged({.name = "SMT",
                 .wanted = "off",
                 .why = "two CPUs that are threads of one core share its time: what a worker can do depends "
                        "on what the other thread runs"},
                [&](Row& row) {
                  const bool is_active = tree.number(path) != 0;
                  row.found = is_active ? "on" : "off";
                  if (is_active) row.warn("echo off > /sys/devices/system/cpu/smt/control");
                });
}

}  // namespace

std::vector<Row> processor_rows(const system::Tree& tree, const Facts& facts) {
  return {governor(tree, facts), quota(tree, facts), multithreading(tree)};
}

}  // namespace chopin::doctor
