#pragma once

#include <chrono>

#include <gtest/gtest.h>

#include "app/user_site.hpp"

namespace chopin::test {

/// The routes on each kind of database.
class UserRoutesOn : public testing::TestWithParam<const char*> {
 protected:
  UserDatabase database{GetParam()};
};

inline std::chrono::sys_seconds current_second() {
  return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
}

}  // namespace chopin::test
