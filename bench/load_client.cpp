// A load client: one thread around epoll that sends requests at a fixed rate, whatever the server does, and
// measures latencies from when the requests were due. See bench/README.md.
#include <cstdlib>
#include <exception>
#include <iostream>
#include <span>
#include <stdexcept>
#include <string>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <utility>
#include <vector>

#include "load_client/load.hpp"
#include "load_client/report.hpp"

namespace {

constexpr int bad_options = 2;
constexpr std::size_t other_descriptors = 16;

/// The kernel may otherwise end a sleep 50 us late, to end several at once.
void be_punctual() {
  prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL);
}

void allow_descriptors(std::size_t connections) {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  if (limit.rlim_max < connections + other_descriptors) {
    throw std::invalid_argument("--connections is " + std::to_string(connections) +
                                ", but the hard limit of open files is " + std::to_string(limit.rlim_max));
  }
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

load::Address address_of(const load::Options& options) {
  try {
    return {options.address, options.port};
  } catch (const std::invalid_argument& error) {
    throw std::invalid_argument(std::string("--address: ") + error.what());
  }
}

std::vector<load::Request> requests_of(const load::Options& options) {
  std::vector<load::Request> requests;
  for (const std::string& path : options.requests) {
    try {
      requests.push_back(load::read_request(path));
    } catch (const std::invalid_argument& error) {
      throw std::invalid_argument("--request: '" + path + "' " + error.what());
    }
  }
  return requests;
}

void run(std::span<const char* const> words) {
  const load::Options options = load::read_options(words);
  const load::Address address = address_of(options);
  std::vector<load::Request> requests = requests_of(options);
  allow_descriptors(options.connections);
  be_punctual();
  const load::Tally tally = load::Load(options, address, std::move(requests)).run();
  std::cout << load::report(options, tally) << '\n';
}

}  // namespace

int main(int argc, char** argv) {
  try {
    run(std::span<const char* const>(argv, static_cast<std::size_t>(argc)).subspan(1));
    return EXIT_SUCCESS;
  } catch (const std::invalid_argument& error) {
    std::cerr << "chopin_load: " << error.what() << '\n' << load::usage;
    return bad_options;
  } catch (const std::exception& error) {
    std::cerr << "chopin_load: " << error.what() << '\n';
    return EXIT_FAILURE;
  }
}
