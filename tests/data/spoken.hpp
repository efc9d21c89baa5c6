#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "data/postgres/conversation.hpp"
#include "data/postgres/messages.hpp"
#include "server_messages.hpp"
#include "test_batch.hpp"

namespace chopin::data::postgres {

/// A conversation whose server is the test. Batches that are not done must end before it: nothing is received
/// after that.
class Spoken {
 public:
  explicit Spoken(Conversation::Statements statements = Conversation::Statements::named)
      : conversation_(statements) {}
  Spoken(const Spoken&) = delete;
  Spoken& operator=(const Spoken&) = delete;

  Conversation* operator->() noexcept { return &conversation_; }

  /// What is to be sent since the last call.
  std::string sent() {
    std::string bytes(conversation_.output().bytes());
    conversation_.output().clear();
    return bytes;
  }
  /// The types of the messages in it: "CPDS BES".
  std::string sent_types() {
    std::string types;
    const std::string bytes = sent();
    for (std::string_view rest = bytes; !rest.empty();) {
      bool is_malformed = false;
      const auto message = first_message(rest, is_malformed);
      if (!message) return types + '?';
      types += message->type;
      rest.remove_prefix(message->body.size() + 5);
    }
    return types;
  }
  /// The server says this, of which everything must be taken.
  void hear(const std::string& bytes) { EXPECT_EQ(conversation_.receive(bytes), bytes.size()) << bytes; }

  /// The statement is prepared and its columns are as described. What was sent before is dropped.
  void prepare(const StatementInfo& statement, const std::string& description) {
    TestBatch batch({&statement});
    conversation_.start(batch);
    conversation_.withdraw(batch);
    hear(prepared(description));
    sent();
  }

  static std::string prepared(const std::string& description) {
    return close_complete() + parse_complete() + parameter_description({}) + description + ready();
  }

 private:
  Conversation conversation_;
};

inline std::string number_row(std::uint32_t number) {
  return row({big32(number)});
}

/// The response to the execution of a statement that returns one number.
inline std::string found(std::uint32_t number) {
  return bind_complete() + number_row(number) + complete("SELECT 1") + ready();
}

inline std::string changed(std::uint32_t rows) {
  return bind_complete() + complete("UPDATE " + std::to_string(rows)) + ready();
}

}  // namespace chopin::data::postgres
