#pragma once

#include <cstddef>
#include <cstdint>
#include <exception>
#include <string>
#include <string_view>
#include <vector>

#include <boost/circular_buffer.hpp>

#include "chopin/byte_buffer.hpp"
#include "data/failed_batches.hpp"
#include "data/postgres/messages.hpp"

namespace chopin::data::postgres {

/// What is said on one connection after the handshake: the extended query protocol (chapter 55.2.3 of
/// PostgreSQL's manual), several batches in flight. Knows bytes, no socket.
///
/// A statement is prepared when a batch first needs it; the batch is sent when the server has confirmed that
/// and its columns are of the declared types. Each statement then costs a Bind and an Execute, without a
/// Describe. The server may respond with nothing that was not asked for: see `fault`.
///
/// Thread safety: the worker's thread.
/// Lifetime: batches that are left at its end are discarded.
/// Throws: `start` and `receive`: std::bad_alloc, after which the conversation must be ended.
class Conversation {
 public:
  enum class Statements : std::uint8_t {
    named,    // prepared once for the connection
    unnamed,  // sent with each execution: for poolers, which change the server behind a connection
  };
  /// The most bytes of values that a statement may return. Over it: DatabaseError 54000.
  static constexpr std::size_t most_in_result = std::size_t{64} * 1024 * 1024;

  explicit Conversation(Statements statements) : statements_(statements) {}
  ~Conversation();
  Conversation(const Conversation&) = delete;
  Conversation& operator=(const Conversation&) = delete;

  void start(Batch& batch);
  void withdraw(Batch& batch) noexcept;

  /// Takes the whole messages at the front of `bytes`, and completes batches. Returns how many bytes were
  /// taken. After a fault it takes nothing more.
  std::size_t receive(std::string_view bytes);
  /// Why the server's messages make no sense, empty if they do. The connection must be closed then.
  [[nodiscard]] const std::string& fault() const noexcept { return fault_; }
  /// The error with which the server ends the connection, null if it has not said so.
  [[nodiscard]] const std::exception_ptr& farewell() const noexcept { return farewell_; }
  /// Completes all batches with this error.
  void fail_all(const std::exception_ptr& error) noexcept;

  /// What is to be sent; the sender removes what it has sent.
  [[nodiscard]] ByteBuffer& output() noexcept { return output_; }
  /// Batches that are not complete.
  [[nodiscard]] std::size_t load() const noexcept { return load_; }
  /// By the server's last ReadyForQuery.
  [[nodiscard]] bool is_in_transaction() const noexcept { return transaction_ != 'I'; }

 private:
  enum class Preparation : std::uint8_t { none, asked, done };
  /// What the server is to respond to, in order.
  struct Expected {
    const StatementInfo* statement;
    Batch* batch;       // null if it is withdrawn, and for a preparation
    std::size_t query;  // its place in the batch
    bool is_preparation;
    bool ends_group;  // a Sync follows
    bool ends_batch;
  };
  /// How far the response to the first of them has come.
  enum class Step : std::uint8_t {
    begun,  // not to the end of its prologue
    executed,
    executed_without_rows,  // of which none may come
    complete,
    failed,
  };

  [[nodiscard]] bool is_prepared(const Batch& batch) const noexcept;
  void prepare(const Batch& batch);
  void send(Batch& batch);
  void expect(const Expected& expected);
  void handle(const Message& message);
  [[nodiscard]] std::string_view prologue() const noexcept;
  [[nodiscard]] bool is_next(char type) const noexcept;
  void on_prologue();
  void on_row(std::string_view body);
  void on_complete(std::string_view body);
  void on_error(std::string_view body);
  void on_description(std::string_view body);
  void on_no_data();
  void on_ready(std::string_view body);
  void end_group();
  void end_preparation(const StatementInfo& statement);
  void complete(BatchList& failed) noexcept;
  void fail_query(const Expected& expected) noexcept;
  [[nodiscard]] Query* current_query() const noexcept;
  void begin_next() noexcept;
  void refuse(std::string_view why);

  const Statements statements_;
  ByteBuffer output_;
  boost::circular_buffer<Expected> expected_{16};
  BatchList unprepared_;                   // wait for their statements
  std::vector<Preparation> preparations_;  // by StatementInfo::id
  std::size_t load_ = 0;
  Step step_ = Step::begun;
  std::size_t in_prologue_ = 0;  // messages of it that have come
  std::size_t columns_ = 0;      // of the rows to come
  std::exception_ptr error_;     // of the group under way
  char transaction_ = 'I';
  std::string fault_;
  std::exception_ptr farewell_;
};

}  // namespace chopin::data::postgres
