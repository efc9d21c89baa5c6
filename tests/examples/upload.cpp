// A form with files: they are counted as they come, and never in memory as a whole.
#include <chopin/multipart.hpp>
#include <chopin/server.hpp>
#include <chopin/settings.hpp>
#include <cstdint>
#include <exception>
#include <iostream>
#include <string>
#include <utility>
#include <vector>

namespace {

struct File {
  std::string label;  // what the client calls it; a program names what it stores itself
  std::string type;
  std::uint64_t bytes = 0;

  static constexpr auto json_members =
      chopin::members(chopin::member("label", &File::label), chopin::member("type", &File::type),
                      chopin::member("bytes", &File::bytes));
};

chopin::Task<> receive(chopin::Exchange& exchange) {
  chopin::Multipart form(exchange, {.max_parts = 20, .max_part = std::uint64_t{100} << 20});
  std::vector<File> files;
  while (auto* const part = co_await form.next()) {
    if (!part->file_name()) continue;  // a text
    File file{.label = std::string(*part->file_name()), .type = std::string(part->content_type())};
    while (const auto bytes = co_await part->read()) file.bytes += bytes->size();
    files.push_back(file);
  }
  exchange.response().json(files);
}

struct Profile {
  std::string name;
  std::vector<std::string> languages;

  static constexpr auto json_members =
      chopin::members(chopin::member("name", &Profile::name).length(1, 50),
                      chopin::member("languages", &Profile::languages).pattern("^[a-z]{2}$"));
};

chopin::Task<> keep_profile(chopin::Exchange& exchange) {
  chopin::Multipart form(exchange);
  exchange.response().json(co_await form.as<Profile>());
}

}  // namespace

int main(int argc, char** argv) try {
  chopin::Router router;
  router.post("/files", receive, {.max_body = std::uint64_t{1} << 30}).post("/profile", keep_profile);
  chopin::Server(chopin::read_settings(argc, argv).config, std::move(router)).run();
} catch (const std::exception& error) {
  std::cerr << "upload: " << error.what() << '\n';
  return 1;
}
