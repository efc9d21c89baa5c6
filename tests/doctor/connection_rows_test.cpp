#include <optional>
#include <string>

#include <gtest/gtest.h>

#include "doctor/healthy_machine.hpp"

namespace chopin::doctor {
namespace {

TEST(OpenFiles, must_suffice_for_the_benchmarks_connections_and_the_servers_own_files) {
  HealthyMachine machine;
  machine.facts.open_files = {.soft = 10'080, .hard = 10'080};
  expect(machine.row("open files"), Verdict::ok, "soft limit 10080, hard limit 10080");
  machine.facts.open_files = {.soft = 1024, .hard = 10'079};
  const Row row = machine.row("open files");
  expect(row, Verdict::warning, "soft limit 1024, hard limit 10079");
  EXPECT_EQ(row.wanted, "10080 or more, for 10000 connections");
}

TEST(OpenFiles, must_suffice_for_max_connections) {
  HealthyMachine machine;
  machine.facts.config.max_connections = 100'000;
  EXPECT_EQ(machine.row("open files").wanted, "100080 or more, for 100000 connections");
  machine.facts.config.max_connections = 100;
  machine.facts.open_files = {.soft = 1024, .hard = 1024};
  expect(machine.row("open files"), Verdict::ok, "soft limit 1024, hard limit 1024");
}

TEST(OpenFiles, with_a_low_soft_limit_affect_only_the_load_generator) {
  HealthyMachine machine;
  machine.facts.open_files = {.soft = 1024, .hard = 1'048'576};
  const Row row = machine.row("open files");
  expect(row, Verdict::note, "soft limit 1024, hard limit 1048576");
  EXPECT_EQ(row.command, "ulimit -Sn 10080");
}

TEST(OpenFiles, above_the_hard_limit_need_someone_who_may_raise_it) {
  HealthyMachine machine;
  machine.facts.open_files = {.soft = 1024, .hard = 4096};
  EXPECT_EQ(machine.row("open files").command, "sudo prlimit --pid $$ --nofile=10080");
  machine.facts.is_root = true;
  EXPECT_EQ(machine.row("open files").command, "docker run --ulimit nofile=10080");
  machine.facts.may_raise_hard_limits = true;
  EXPECT_EQ(machine.row("open files").command, "ulimit -n 10080");
}

TEST(OpenFiles, above_fs_nr_open_need_that_raised_first) {
  HealthyMachine machine;
  machine.set_sysctl("fs.nr_open", "8192");
  machine.facts.open_files = {.soft = 8192, .hard = 8192};
  expect_warning(machine.row("open files"), "soft limit 8192, hard limit 8192, fs.nr_open 8192",
                 "sudo sysctl -w fs.nr_open=10080 && sudo prlimit --pid $$ --nofile=10080");
  machine.facts.is_root = true;
  machine.facts.may_raise_hard_limits = true;
  EXPECT_EQ(machine.row("open files").command, "sysctl -w fs.nr_open=10080 && ulimit -n 10080");
}

TEST(OpenFiles, with_a_hard_limit_above_fs_nr_open_need_a_lower_one) {
  HealthyMachine machine;
  machine.facts.open_files = {.soft = 1024, .hard = OpenFileLimits::none};
  expect_warning(machine.row("open files"), "soft limit 1024, hard limit unlimited, fs.nr_open 1048576",
                 "ulimit -n 10080");
  machine.facts.open_files = {.soft = 10'080, .hard = 1'048'577};
  EXPECT_EQ(machine.row("open files").verdict, Verdict::ok);
}

TEST(OpenFiles, are_judged_even_if_fs_nr_open_cannot_be_read) {
  HealthyMachine machine;
  machine.root.remove("/proc/sys/fs");
  machine.facts.open_files = {.soft = 1024, .hard = OpenFileLimits::none};
  expect(machine.row("open files"), Verdict::note, "soft limit 1024, hard limit unlimited");
}

TEST(OpenFiles, are_a_note_if_the_kernel_does_not_say) {
  HealthyMachine machine;
  machine.facts.open_files = std::nullopt;
  expect_unreadable(machine.row("open files"), "the kernel does not say");
}

TEST(Somaxconn, must_not_cut_the_backlog) {
  HealthyMachine machine;
  const std::string name = "net.core.somaxconn";
  expect(machine.row(name), Verdict::ok, "8192");
  machine.set_sysctl(name, "4096");
  expect_warning(machine.row(name), "4096", "sysctl -w net.core.somaxconn=8192");
  machine.facts.config.backlog = 4096;
  expect(machine.row(name), Verdict::ok, "4096");
}

TEST(SynBacklog, matters_only_without_syn_cookies) {
  HealthyMachine machine;
  const std::string name = "net.ipv4.tcp_max_syn_backlog";
  expect(machine.row(name), Verdict::ok, "8192, SYN cookies on");
  machine.set_sysctl(name, "1024");
  expect(machine.row(name), Verdict::note, "1024, SYN cookies on");
  machine.set_sysctl("net.ipv4.tcp_syncookies", "0");
  expect_warning(machine.row(name), "1024, SYN cookies off", "sysctl -w net.ipv4.tcp_max_syn_backlog=8192");
}

TEST(SynBacklog, is_judged_as_without_syn_cookies_if_that_is_unknown) {
  HealthyMachine machine;
  const std::string name = "net.ipv4.tcp_max_syn_backlog";
  machine.set_sysctl("net.ipv4.tcp_syncookies", "perhaps");
  expect(machine.row(name), Verdict::ok, "8192, SYN cookies unknown");
  machine.root.remove("/proc/sys/net/ipv4/tcp_syncookies");
  expect(machine.row(name), Verdict::ok, "8192, SYN cookies unknown");
  machine.set_sysctl(name, "1024");
  expect_warning(machine.row(name), "1024, SYN cookies unknown",
                 "sysctl -w net.ipv4.tcp_max_syn_backlog=8192");
}

TEST(NetdevBacklog, must_hold_a_packet_for_each_connection) {
  HealthyMachine machine;
  const std::string name = "net.core.netdev_max_backlog";
  expect(machine.row(name), Verdict::ok, "10000");
  machine.set_sysctl(name, "1000");
  expect_warning(machine.row(name), "1000", "sysctl -w net.core.netdev_max_backlog=10000");
  machine.facts.config.max_connections = 1000;
  expect(machine.row(name), Verdict::ok, "1000");
  machine.facts.config.max_connections = 1'000'000;
  EXPECT_EQ(machine.row(name).command, "sysctl -w net.core.netdev_max_backlog=65535");
}

TEST(PortRange, must_have_enough_ports) {
  HealthyMachine machine;
  const std::string name = "net.ipv4.ip_local_port_range";
  expect(machine.row(name), Verdict::ok, "10240 to 65535, 55296 ports");
  machine.set_sysctl(name, "32768\t60999");
  expect_warning(machine.row(name), "32768 to 60999, 28232 ports",
                 "sysctl -w net.ipv4.ip_local_port_range='10240 65535'");
}

TEST(PortRange, must_be_two_numbers_in_ascending_order) {
  HealthyMachine machine;
  for (const char* odd : {"32768", "all of them", "60999\t32768", "1 2 3", "1\tmax", "1\t65536"}) {
    machine.set_sysctl("net.ipv4.ip_local_port_range", odd);
    expect_unreadable(machine.row("net.ipv4.ip_local_port_range"),
                      "/proc/sys/net/ipv4/ip_local_port_range: it holds no range of ports");
  }
}

TEST(ReuseOfPorts, must_be_on_at_least_for_loopback) {
  HealthyMachine machine;
  const std::string name = "net.ipv4.tcp_tw_reuse";
  expect(machine.row(name), Verdict::ok, "2");
  machine.set_sysctl(name, "1");
  expect(machine.row(name), Verdict::ok, "1");
  machine.set_sysctl(name, "0");
  expect_warning(machine.row(name), "0", "sysctl -w net.ipv4.tcp_tw_reuse=1");
}

class ConnectionTracking : public testing::Test {
 protected:
  /// The row of a machine with this many tracked connections and this limit.
  Row row(const std::string& tracked, const std::string& limit) {
    machine_.set_sysctl("net.netfilter.nf_conntrack_count", tracked);
    machine_.set_sysctl("net.netfilter.nf_conntrack_max", limit);
    return machine_.row("conntrack");
  }

  HealthyMachine machine_;
};

TEST_F(ConnectionTracking, does_not_matter_while_the_table_has_room) {
  expect(machine_.row("conntrack"), Verdict::ok, "not loaded");
  expect(row("0", "65535"), Verdict::note, "loaded, tracks 0 connections, at most 65535");
  expect(row("7", "65542"), Verdict::note, "loaded, tracks 7 connections, at most 65542");
  expect(row("7", "0"), Verdict::note, "loaded, tracks 7 connections, without a limit");
  EXPECT_EQ(row("7", "0").command, "");
}

TEST_F(ConnectionTracking, with_too_little_room_gets_a_command_that_works_for_any_table) {
  expect_warning(row("7", "65541"), "loaded, tracks 7 connections, at most 65541",
                 "sysctl -w net.netfilter.nf_conntrack_max=131076");
  expect(row("65541", "131076"), Verdict::note, "loaded, tracks 65541 connections, at most 131076");
}

TEST_F(ConnectionTracking, must_have_room_for_max_connections) {
  machine_.facts.config.max_connections = 1'000'000;
  EXPECT_EQ(row("0", "999999").verdict, Verdict::warning);
  EXPECT_EQ(row("0", "1000000").verdict, Verdict::note);
}

TEST_F(ConnectionTracking, whose_limit_cannot_be_read_is_a_note) {
  expect_unreadable(row("7", "many"), "/proc/sys/net/netfilter/nf_conntrack_max: it holds no number");
}

TEST_F(ConnectionTracking, is_not_called_absent_if_proc_cannot_be_read) {
  machine_.root.remove("/proc/sys/net");
  expect_unreadable(machine_.row("conntrack"), "/proc/sys/net: it is not there");
}

TEST(SharedPort, is_needed_in_performance_mode) {
  HealthyMachine machine;
  expect(machine.row("SO_REUSEPORT"), Verdict::ok, "supported");
  machine.facts.shared_port_fault = "cannot set SO_REUSEPORT: Protocol not available";
  machine.facts.flags = {{"--port", "5000"}, {"--reuseport", "true"}};
  expect_warning(machine.row("SO_REUSEPORT"), machine.facts.shared_port_fault,
                 "chopin --fast-routes composed --mode standard --port 5000 --reuseport false");
  machine.facts.config.mode = Mode::standard;
  expect(machine.row("SO_REUSEPORT"), Verdict::note, machine.facts.shared_port_fault);
}

TEST(Sysctls, that_are_missing_empty_or_not_numbers_are_notes) {
  for (const char* name :
       {"net.core.somaxconn", "net.ipv4.tcp_max_syn_backlog", "net.core.netdev_max_backlog",
        "net.ipv4.ip_local_port_range", "net.ipv4.tcp_tw_reuse"}) {
    HealthyMachine machine;
    const std::string file = file_of_sysctl(name);
    machine.root.remove(file);
    expect_unreadable(machine.row(name), file + ": no such file or directory");
    machine.root.write(file, "");
    expect_unreadable(machine.row(name), file + ": it is empty");
    machine.set_sysctl(name, "many");
    EXPECT_EQ(machine.row(name).verdict, Verdict::note) << name;
    EXPECT_NE(machine.row(name).found.find("it holds no "), std::string::npos) << machine.row(name).found;
  }
}

}  // namespace
}  // namespace chopin::doctor
