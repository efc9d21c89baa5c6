#include "cli/banner.hpp"

#include <fmt/core.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/build_info.hpp"
#include "data/database_url.hpp"

namespace chopin::cli {
namespace {

std::string_view describe(ResponseClass response_class) {
  return response_class == ResponseClass::prebuilt
             ? "prebuilt (bytes made at start; benchmark rulebooks list them apart)"
             : "composed (serialised per request)";
}

std::string build_summary() {
  return fmt::format("{}, LTO {}, native {}", build_info::build_type,
                     build_info::link_time_optimization ? "on" : "off", build_info::native ? "on" : "off");
}

}  // namespace

std::string banner(const Server& server, std::string_view allocator) {
  const Config& config = server.config();
  std::string text;
  text += fmt::format("chopin {} ({})\n", build_info::version, build_info::commit);
  text += fmt::format("  address    http://{}\n", server.address());
  text +=
      fmt::format("  mode       {}, environment {}\n", to_string(config.mode), to_string(config.environment));
  text += fmt::format("  class      {}\n", describe(config.response_class()));
  text += fmt::format("  workers    {}{}{}\n", server.worker_count(),
                      server.cpus().empty() ? ", not pinned" : ", on CPU ", fmt::join(server.cpus(), " "));
  text += fmt::format("  memory     {} MiB at most, {} connections\n", server.max_memory() >> 20U,
                      server.max_connections());
  text += fmt::format("  database   {}\n", data::parse_database_url(config.database.url).shown);
  text += fmt::format("  allocator  {}\n", allocator);
  text += fmt::format("  build      {}\n", build_summary());
  text += fmt::format("  fast routes\n");
  for (const FastRoute& route : server.fast_routes()) {
    text += fmt::format("    {:<10} {}  {}, {} bytes\n", route.methods().allow(), route.path(),
                        route.content_type(), route.body().size());
  }
  return text;
}

std::string version_text(std::string_view response_class, std::string_view allocator) {
  return fmt::format(
      "chopin {}\n"
      "commit     {}\n"
      "class      {}\n"
      "build      {}\n"
      "compiler   {}\n"
      "flags      {}\n"
      "boost      {}\n"
      "allocator  {}\n",
      build_info::version, build_info::commit, response_class, build_summary(), build_info::compiler,
      build_info::flags, build_info::boost, allocator);
}

}  // namespace chopin::cli
