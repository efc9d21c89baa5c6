#include "doctor/healthy_machine.hpp"

#include <algorithm>
#include <stdexcept>

#include <gtest/gtest.h>

#include "doctor/checklist.hpp"

namespace chopin::doctor {

HealthyMachine::HealthyMachine() {
  set_sysctl("net.core.somaxconn", "8192");
  set_sysctl("net.ipv4.tcp_max_syn_backlog", "8192");
  set_sysctl("net.ipv4.tcp_syncookies", "1");
  set_sysctl("net.core.netdev_max_backlog", "10000");
  set_sysctl("net.ipv4.ip_local_port_range", "10240\t65535");
  set_sysctl("net.ipv4.tcp_tw_reuse", "2");
  set_sysctl("fs.nr_open", "1048576");
  root.write("/proc/self/cgroup", "0::/service\n");
  root.write("/sys/fs/cgroup/service/cpu.max", "max 100000\n");
  for (const char* cpu : {"0", "1"}) {
    root.write("/sys/devices/system/cpu/cpu" + std::string(cpu) + "/cpufreq/scaling_governor",
               "performance\n");
  }
  root.write("/sys/devices/system/cpu/smt/active", "0\n");
  facts.config.mode = Mode::performance;
  facts.config.environment = Environment::production;
  facts.build = {
      .type = "Release", .link_time_optimization = true, .native = true, .allocator = "mimalloc 2.0.9"};
  facts.cpus = {0, 1};
  facts.workers = 2;
  facts.database = {.shown = "postgres://user@host/name",
                    .is_postgres = true,
                    .libpq = "15.18",
                    .server = data::postgres::ServerFacts{
                        .version = "15.18", .max_connections = 100, .reserved = 3, .in_use = 5}};
  facts.open_files = {.soft = 65535, .hard = 65535};
}

void HealthyMachine::set_sysctl(const std::string& name, const std::string& value) const {
  root.write(file_of_sysctl(name), value + '\n');
}

Row HealthyMachine::row(std::string_view name) const {
  const Checklist checklist(facts, root.path());
  if (std::ranges::count(checklist.rows(), name, &Row::name) != 1) {
    throw std::runtime_error("not one row with this name");
  }
  return *std::ranges::find(checklist.rows(), name, &Row::name);
}

std::string file_of_sysctl(std::string name) {
  std::ranges::replace(name, '.', '/');
  return "/proc/sys/" + name;
}

std::ostream& operator<<(std::ostream& out, Verdict verdict) {
  return out << to_string(verdict);
}

void expect(const Row& row, Verdict verdict, const std::string& found) {
  EXPECT_EQ(row.verdict, verdict) << row.name << ": " << row.found;
  EXPECT_EQ(row.found, found) << row.name;
  if (verdict == Verdict::ok) {
    EXPECT_EQ(row.command, "") << row.name;
  }
  if (verdict == Verdict::warning) {
    EXPECT_NE(row.command, "") << row.name;
  }
}

void expect_warning(const Row& row, const std::string& found, const std::string& command) {
  expect(row, Verdict::warning, found);
  EXPECT_EQ(row.command, command) << row.name;
}

void expect_unreadable(const Row& row, const std::string& reason) {
  expect(row, Verdict::note, "cannot be read: " + reason);
  EXPECT_EQ(row.command, "") << row.name;
}

}  // namespace chopin::doctor
