#pragma once

#include <cstddef>
#include <cstdint>
#include <exception>
#include <iterator>
#include <optional>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

#include "chopin/byte_buffer.hpp"
#include "chopin/statement.hpp"

namespace chopin {

namespace data {

/// The rows of one statement: the values of each, one after the other, as in `append_value`. The code that
/// fills it has checked that each row has as many values as the statement has columns, and that they end
/// where the bytes do.
struct Result {
  ByteBuffer values;
  std::size_t rows = 0;
  std::uint64_t affected = 0;  ///< rows that the statement returned, inserted, changed or deleted
};

/// One execution of a statement.
struct Query {
  const StatementInfo* statement = nullptr;
  ByteBuffer parameters;  ///< see append_value
  Result result;
  std::exception_ptr error;  ///< a DatabaseError; null: the result counts

  Query(const StatementInfo* executed, ByteBuffer given) noexcept
      : statement(executed), parameters(std::move(given)) {}
};

/// Reads values from the front of `values`.
class ValueReader {
 public:
  explicit ValueReader(std::string_view values) noexcept : left_(values) {}

  // Each throws DatabaseError 42804 for a value that is null or not of this type.

  void read(bool& value);
  void read(std::int32_t& value);
  void read(std::int64_t& value);
  void read(double& value);
  void read(std::string_view& value);
  void read(JsonText& value) { read(value.text); }
  template <class Value>
  void read(std::optional<Value>& value) {
    if (next_is_null()) {
      skip_null();
      value.reset();
    } else {
      read(value.emplace());
    }
  }
  [[nodiscard]] std::string_view left() const noexcept { return left_; }

 private:
  [[nodiscard]] bool next_is_null() const noexcept;
  void skip_null() noexcept;
  std::string_view next();

  std::string_view left_;
};

}  // namespace data

/// The rows that a statement returned. They are views: texts in them are valid as long as this object.
///
///     const auto rows = co_await database.query(find_item(7));
///     if (rows.empty()) throw chopin::HttpError(404, "no such item");
///     const auto [id, name] = rows.front();
///
/// Thread safety: immutable.
/// Lifetime: owns its bytes.
/// Throws: reading a row: DatabaseError 42804 for a null in a column that is not declared as std::optional.
template <class... Columns>
class Rows {
 public:
  using Tuple = std::tuple<Columns...>;

  class Iterator {
   public:
    using value_type = Tuple;
    using difference_type = std::ptrdiff_t;
    using iterator_category = std::input_iterator_tag;

    Iterator() = default;
    Iterator(std::string_view values, std::size_t left) : values_(values), left_(left) { read(); }
    const Tuple& operator*() const noexcept { return row_; }
    const Tuple* operator->() const noexcept { return &row_; }
    Iterator& operator++() {
      --left_;
      read();
      return *this;
    }
    void operator++(int) { ++*this; }
    bool operator==(std::default_sentinel_t) const noexcept { return left_ == 0; }

   private:
    void read() {
      if (left_ == 0) return;
      data::ValueReader reader(values_);
      std::apply([&reader](auto&... values) { (reader.read(values), ...); }, row_);
      values_ = reader.left();
    }

    std::string_view values_;
    std::size_t left_ = 0;
    Tuple row_{};
  };

  Rows() = default;
  explicit Rows(data::Result result) noexcept : result_(std::move(result)) {}

  [[nodiscard]] Iterator begin() const { return Iterator(result_.values.bytes(), result_.rows); }
  [[nodiscard]] std::default_sentinel_t end() const noexcept { return {}; }
  [[nodiscard]] std::size_t size() const noexcept { return result_.rows; }
  [[nodiscard]] bool empty() const noexcept { return result_.rows == 0; }
  /// There must be a row.
  [[nodiscard]] Tuple front() const { return *begin(); }
  /// Rows that the statement returned, inserted, changed or deleted.
  [[nodiscard]] std::uint64_t affected() const noexcept { return result_.affected; }

 private:
  data::Result result_;
};

}  // namespace chopin
