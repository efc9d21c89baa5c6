// Runs a fuzz target over stored inputs, without a fuzzer: every file of the given directories. A missing
// directory counts as empty, but there must be at least one file.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <span>
#include <string>
#include <vector>

#include "fuzz_target.hpp"

namespace {

std::vector<std::filesystem::path> files_in(std::span<char*> directories) {
  std::vector<std::filesystem::path> files;
  for (const char* const directory : directories) {
    if (!std::filesystem::is_directory(directory)) continue;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(directory)) {
      if (entry.is_regular_file()) files.push_back(entry.path());
    }
  }
  std::ranges::sort(files);
  return files;
}

void run(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  const std::string input{std::istreambuf_iterator<char>(stream), {}};
  LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(input.data()), input.size());
}

}  // namespace

int main(int argc, char** argv) try {
  const auto files = files_in(std::span(argv, static_cast<std::size_t>(argc)).subspan(1));
  for (const std::filesystem::path& file : files) {
    std::cerr << file.string() << '\n' << std::flush;  // if it crashes, the last line names the input
    run(file);
  }
  std::cerr << files.size() << " inputs\n";
  return files.empty() ? 1 : 0;
} catch (const std::exception& error) {
  std::cerr << "thrown: " << error.what() << '\n';
  return 1;
}
