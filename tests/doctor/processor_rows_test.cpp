#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "doctor/healthy_machine.hpp"

namespace chopin::doctor {
namespace {

const std::string cpus = "/sys/devices/system/cpu/";

TEST(Governor, must_be_performance_on_every_cpu_that_may_be_used) {
  HealthyMachine machine;
  expect(machine.row("CPU governor"), Verdict::ok, "performance");
  machine.root.write(cpus + "cpu1/cpufreq/scaling_governor", "powersave\n");
  expect_warning(machine.row("CPU governor"), "performance, powersave",
                 "echo performance | tee /sys/devices/system/cpu/cpu*/cpufreq/scaling_governor");
  machine.facts.cpus = {0};
  expect(machine.row("CPU governor"), Verdict::ok, "performance");
}

TEST(Governor, is_judged_by_the_cpus_that_can_be_read) {
  HealthyMachine machine;
  machine.facts.cpus = {0, 1, 2};
  const Row row = machine.row("CPU governor");
  expect(row, Verdict::note, "performance; 1 of 3 CPUs cannot be read");
  EXPECT_EQ(row.command, "");
  machine.root.write(cpus + "cpu0/cpufreq/scaling_governor", "");
  expect(machine.row("CPU governor"), Verdict::note, "performance; 2 of 3 CPUs cannot be read");
  machine.root.write(cpus + "cpu1/cpufreq/scaling_governor", "powersave\n");
  expect(machine.row("CPU governor"), Verdict::warning, "powersave; 2 of 3 CPUs cannot be read");
}

TEST(Governor, that_cannot_be_read_on_any_cpu_is_a_note) {
  HealthyMachine machine;
  machine.facts.cpus = {1};
  const std::string file = cpus + "cpu1/cpufreq/scaling_governor";
  machine.root.write(file, "");
  expect_unreadable(machine.row("CPU governor"), file + ": it is empty");
  machine.root.remove(cpus + "cpu1/cpufreq");
  expect_unreadable(machine.row("CPU governor"), file + ": no such file or directory");
}

TEST(Quota, must_cover_the_cpus_that_may_be_used) {
  HealthyMachine machine;
  const std::string file = "/sys/fs/cgroup/service/cpu.max";
  expect(machine.row("CPU quota"), Verdict::ok, "none");
  machine.root.write(file, "200000 100000\n");
  expect(machine.row("CPU quota"), Verdict::ok, "2 CPUs, by " + file);
  machine.root.write(file, "150000 100000\n");
  expect_warning(machine.row("CPU quota"), "1.5 CPUs, by " + file, "echo max > " + file);
}

TEST(Quota, of_version_1_is_lifted_with_its_own_value) {
  HealthyMachine machine;
  const std::string file = "/sys/fs/cgroup/cpu/service/cpu.cfs_quota_us";
  machine.root.write("/proc/self/cgroup", "1:cpu:/service\n");
  machine.root.write(file, "50000\n");
  machine.root.write("/sys/fs/cgroup/cpu/service/cpu.cfs_period_us", "100000\n");
  expect_warning(machine.row("CPU quota"), "0.5 CPUs, by " + file, "echo -1 > " + file);
}

TEST(Quota, that_cannot_be_read_is_a_note) {
  HealthyMachine machine;
  const std::string file = "/sys/fs/cgroup/service/cpu.max";
  for (const char* odd : {"", "plenty 100000\n", "150000\n"}) {
    machine.root.write(file, odd);
    expect_unreadable(machine.row("CPU quota"), file + ": it holds no quota");
  }
  machine.root.remove("/proc/self/cgroup");
  expect_unreadable(machine.row("CPU quota"), "/proc/self/cgroup: it is not there");
}

TEST(Quota, quotes_the_name_of_its_group_for_shell_and_terminal) {
  HealthyMachine machine;
  for (const auto& [group, word] :
       {std::pair{"it's; reboot", R"('/sys/fs/cgroup/it'\''s; reboot/cpu.max')"},
        {"caf\xc3\xa9\x1b[2J", R"($'/sys/fs/cgroup/caf\303\251\033[2J/cpu.max')"}}) {
    const std::string file = std::string("/sys/fs/cgroup/") + group + "/cpu.max";
    machine.root.write("/proc/self/cgroup", std::string("0::/") + group + "\n");
    machine.root.write(file, "50000 100000\n");
    expect_warning(machine.row("CPU quota"), std::string("0.5 CPUs, by ") + word,
                   std::string("echo max > ") + word);
    machine.root.write(file, "?\n");
    expect_unreadable(machine.row("CPU quota"), std::string(word) + ": it holds no quota");
  }
}

TEST(Quota, that_is_too_small_stays_a_warning_beside_an_unreadable_one) {
  HealthyMachine machine;
  machine.root.write("/sys/fs/cgroup/cpu.max", "?\n");
  machine.root.write("/sys/fs/cgroup/service/cpu.max", "100000 100000\n");
  expect(machine.row("CPU quota"), Verdict::warning, "1 CPUs, by /sys/fs/cgroup/service/cpu.max");
}

TEST(Multithreading, must_be_off) {
  HealthyMachine machine;
  expect(machine.row("SMT"), Verdict::ok, "off");
  machine.root.write(cpus + "smt/active", "1\n");
  expect_warning(machine.row("SMT"), "on", "echo off > /sys/devices/system/cpu/smt/control");
}

TEST(Multithreading, that_cannot_be_read_is_a_note) {
  HealthyMachine machine;
  machine.root.write(cpus + "smt/active", "maybe\n");
  expect_unreadable(machine.row("SMT"), cpus + "smt/active: it holds no number");
  machine.root.remove(cpus + "smt");
  expect_unreadable(machine.row("SMT"), cpus + "smt/active: no such file or directory");
}

}  // namespace
}  // namespace chopin::doctor
