#pragma once

#include <string>

#include "chopin/executor.hpp"
#include "chopin/request.hpp"
#include "chopin/response.hpp"

namespace chopin::test {

inline Task<> echo_at_once(const chopin::Request& request, chopin::Response& response) {
  response.text(std::string(request.target()) + " " + std::string(request.body()));
  co_return;
}

}  // namespace chopin::test
