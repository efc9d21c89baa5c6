#include "chopin/local_client.hpp"

#include <algorithm>
#include <optional>
#include <stdexcept>

#include "connection/pending_response.hpp"
#include "connection/request_route.hpp"
#include "docs/document_routes.hpp"
#include "http/normal_path.hpp"
#include "http/target.hpp"
#include "log/writer.hpp"
#include "loop/event_loop.hpp"
#include "loop/io_context_guest.hpp"
#include "routing/route_table.hpp"
#include "text/characters.hpp"

namespace chopin {
namespace {

/// `milliseconds::max()` from now is more than a time point can hold.
constexpr std::chrono::milliseconds longest_patience = std::chrono::years(1);

void append_lines(std::string_view lines, LocalClient::Fields& fields) {
  while (!lines.empty()) {
    const std::string_view line = lines.substr(0, lines.find("\r\n"));
    const std::string_view name = line.substr(0, line.find(':'));
    fields.emplace_back(name, text::trimmed(line.substr(name.size() + 1)));
    lines.remove_prefix(line.size() + 2);
  }
}

LocalClient::Received received(const Response& response, bool head_only) {
  LocalClient::Received result{.status = response.status(), .fields = {}, .body = {}};
  if (!response.content_type().empty()) result.fields.emplace_back("Content-Type", response.content_type());
  append_lines(response.field_lines(), result.fields);
  if (!head_only) result.body = response.body();
  return result;
}

/// The fields as handlers get them: with the host of an absolute target (RFC 9112 section 3.2.2).
std::vector<Field> fields_of(const LocalClient::Sent& sent, const http::Target& target) {
  std::vector<Field> fields;
  for (const auto& [name, value] : sent.fields) fields.push_back({name, value});
  if (target.form != http::TargetForm::absolute) return fields;
  std::erase_if(fields, [](const Field& field) { return text::equals_ignoring_case(field.name, "Host"); });
  fields.push_back({"Host", http::authority_of(sent.target)});
  return fields;
}

/// Makes the calling thread the loop's for a while.
class Claim {
 public:
  explicit Claim(loop::TaskQueue& tasks) : tasks_(tasks) { tasks_.claim(); }
  ~Claim() { tasks_.disclaim(); }
  Claim(const Claim&) = delete;
  Claim& operator=(const Claim&) = delete;

 private:
  loop::TaskQueue& tasks_;
};

}  // namespace

/// What a server's worker has, but for connections.
class LocalClient::Worker {
 public:
  Worker(Router router, Mode mode, LogSink log_sink)
      : log_{log_sink ? LogLevel::debug : LogLevel::off, LogFormat::text, std::move(log_sink)},
        routes_(docs::with_document(std::move(router)), mode, true),
        loop_(log_.log()),
        io_context_(loop_) {
    loop_.clock().start();  // so that no round waits for ever
    const Claim claim(*loop_.tasks());
    services_.make(routes_.services(), Executor(loop_), 0, 1);
  }
  ~Worker() {
    const Claim claim(*loop_.tasks());
    loop_.close();
    services_.clear();
  }
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  Received send(const Sent& sent, std::chrono::milliseconds patience) {
    const Claim claim(*loop_.tasks());
    const bool head_only = sent.method == Method::head;
    const http::Target target = http::parse_target(sent.method, sent.target);
    if (target.form == http::TargetForm::malformed) return refused(http::Rejection::target_malformed, sent);
    std::string memory;
    std::vector<Param> params;
    const http::NormalPath path = http::normalise_path(target.path, memory);
    std::optional<routing::RouteTable::Found> found;
    if (path.rejection == http::Rejection::none) {
      found = routes_.find(sent.method, path.path, params);
    } else if (path.has_only_slashes_refused) {
      found = routes_.find_with_slashes(sent.method, memory, params);
    }
    if (!found) return refused(path.rejection, sent);
    const std::vector<Field> fields = fields_of(sent, target);
    const connection::RequestRoute route{.found = *found, .path = path.path};
    Request request({.method = sent.method,
                     .target = sent.target,
                     .path = path.path,
                     .fields = fields,
                     .params = params,
                     .body = route.wants_body(sent.method) ? std::string_view(sent.body) : "",
                     .log = &loop_.log(),
                     .services = &services_});
    Response response;
    const auto passed = routes_.dispatch(*found, request, response);
    if (!passed) return received(response, head_only);
    return await({routes_, *found, *passed}, request, response, patience);
  }

 private:
  [[nodiscard]] Received refused(http::Rejection rejection, const Sent& sent) const {
    Response response;
    response.error(http::response_to(rejection).status, http::response_to(rejection).message);
    const auto origin = std::ranges::find_if(
        sent.fields, [](const auto& field) { return text::equals_ignoring_case(field.first, "Origin"); });
    routes_.complete_refusal(origin == sent.fields.end() ? "" : std::string_view(origin->second), response);
    return received(response, sent.method == Method::head);
  }

  Received await(const connection::PendingResponse::Rest& rest, const Request& request, Response& response,
                 std::chrono::milliseconds patience) {
    const auto until = std::chrono::steady_clock::now() + std::min(patience, longest_patience);
    const auto pending = std::make_shared<connection::PendingResponse>(loop_, late_responses_);
    pending->begin(rest, request, response);
    pending->run();
    std::string parts;
    const auto take_parts = [&] {
      if (pending->streams() == nullptr) return;
      parts += std::exchange(pending->streams()->output(), {});
      pending->streams()->on_room();
    };
    take_parts();
    while (!pending->is_complete() && std::chrono::steady_clock::now() < until) {
      loop_.run_round();
      take_parts();
    }
    const bool has_responded = pending->is_complete();
    pending->detach();
    if (!has_responded)
      throw std::runtime_error("the handler has not responded: " + std::string(request.target()));
    take_parts();
    Received result = received(pending->response(), request.method() == Method::head);
    if (pending->streams() != nullptr && pending->streams()->has_begun()) result.body = std::move(parts);
    return result;
  }

  log::OpenLog log_;
  routing::RouteTable routes_;
  loop::EventLoop loop_;
  loop::IoContextGuest io_context_;
  PerWorkerServices services_;
  connection::Counter late_responses_;
};

LocalClient::LocalClient(Router router, Mode mode, LogSink log_sink)
    : worker_(std::make_unique<Worker>(std::move(router), mode, std::move(log_sink))) {}

LocalClient::~LocalClient() = default;

LocalClient::Received LocalClient::send(const Sent& request, std::chrono::milliseconds patience) {
  return worker_->send(request, patience);
}

std::string_view LocalClient::Received::field(TextArgument name) const noexcept {
  const auto found = std::ranges::find_if(fields, [wanted = std::string_view(name)](const auto& field) {
    return text::equals_ignoring_case(field.first, wanted);
  });
  return found == fields.end() ? std::string_view() : std::string_view(found->second);
}

}  // namespace chopin
