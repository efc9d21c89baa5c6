#include "load_client/report.hpp"

#include <array>
#include <charconv>
#include <utility>

namespace load {

namespace {

constexpr std::array<std::pair<const char*, double>, 7> percentiles{{{"p50", 0.5},
                                                                     {"p75", 0.75},
                                                                     {"p90", 0.9},
                                                                     {"p95", 0.95},
                                                                     {"p99", 0.99},
                                                                     {"p99.9", 0.999},
                                                                     {"p99.99", 0.9999}}};

/// An object whose names need no escaping.
class Object {
 public:
  Object& add(const std::string& name, const std::string& json) {
    text_ += (text_.empty() ? "\"" : ", \"") + name + "\": " + json;
    return *this;
  }
  Object& add(const std::string& name, std::uint64_t number) { return add(name, std::to_string(number)); }
  Object& add(const std::string& name, double number) {
    std::array<char, 64> digits{};  // 9 of them, and an exponent
    const auto [end, error] =
        std::to_chars(digits.begin(), digits.end(), number, std::chars_format::general, 9);
    return add(name, std::string(digits.begin(), end));
  }
  [[nodiscard]] std::string text() const { return "{" + text_ + "}"; }

 private:
  std::string text_;
};

double seconds(Time time) {
  return static_cast<double>(time) / static_cast<double>(second);
}

std::string summary(const Histogram& histogram) {
  Object object;
  if (histogram.count() == 0) return object.text();
  object.add("mean", histogram.mean() / static_cast<double>(second));
  for (const auto& [name, share] : percentiles) object.add(name, seconds(histogram.percentile(share)));
  return object.add("max", seconds(histogram.max())).text();
}

std::string statuses(const Tally& tally) {
  Object object;
  for (std::size_t code = 0; code < tally.statuses.size(); ++code) {
    if (tally.statuses[code] != 0) object.add(std::to_string(code), tally.statuses[code]);
  }
  return object.text();
}

std::string faults(const Tally& tally) {
  Object object;
  for (std::size_t i = 0; i < fault_names.size(); ++i) {
    if (tally.faults[i] != 0) object.add(fault_names[i], tally.faults[i]);
  }
  return object.text();
}

}  // namespace

std::string report(const Options& options, const Tally& tally) {
  const double length = seconds(tally.end - tally.measured_from);
  const std::uint64_t responses = tally.latency.count();
  return Object()
      .add("requested_rate", options.rate)
      .add("achieved_rate", static_cast<double>(responses) / length)
      .add("responses", responses)
      .add("seconds", length)
      .add("all_responses", tally.all_responses)
      .add("all_seconds", seconds(tally.end - tally.start))
      .add("unsent", tally.unsent)
      .add("statuses", statuses(tally))
      .add("errors", faults(tally))
      .add("connections", static_cast<std::uint64_t>(options.connections))
      .add("connections_opened", tally.opened)
      .add("connections_ended_idle", tally.ended_idle)
      .add("latency", summary(tally.latency))
      .add("lag", summary(tally.lag))
      .add("round", summary(tally.round))
      .text();
}

}  // namespace load
