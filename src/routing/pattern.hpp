#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace chopin::routing {

/// The parsed pattern of a route; see chopin::Router.
class Pattern {
 public:
  enum class Kind : std::uint8_t { text, param, rest };
  struct Segment {
    Kind kind;
    std::string_view text;  ///< or the parameter's name
  };

  /// `text` must outlive this.
  explicit Pattern(std::string_view text);

  /// What is wrong with it, empty if nothing is.
  [[nodiscard]] const std::string& fault() const noexcept { return fault_; }
  [[nodiscard]] const std::vector<Segment>& segments() const noexcept { return segments_; }
  [[nodiscard]] bool is_exact() const noexcept { return param_count_ == 0; }
  /// The names of its parameters, in their order.
  [[nodiscard]] std::vector<std::string_view> parameters() const;
  /// The pattern without the names of its parameters: equal for patterns that match the same paths.
  [[nodiscard]] std::string shape() const;

 private:
  void add(std::string_view segment, bool is_last);
  void add_param(Kind kind, std::string_view name);

  std::vector<Segment> segments_;
  std::string fault_;
  std::size_t param_count_ = 0;
};

}  // namespace chopin::routing
