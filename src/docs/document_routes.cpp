#include "docs/document_routes.hpp"

#include <optional>
#include <string>
#include <utility>

#include "chopin/byte_buffer.hpp"
#include "docs/openapi.hpp"
#include "docs/page.hpp"

namespace chopin::docs {

Router with_document(Router router) {
  const std::optional<ApiInfo> wanted = router.api_info();
  if (!wanted) return router;
  const ApiInfo& info = *wanted;
  const std::string path = info.path + "/openapi.json";
  router.fast(page_route(info.path));
  Router listed = router;
  listed.fast(FastRoute::json(path, "{}"));  // the document lists itself
  ByteBuffer document;
  write_openapi(JsonWriter(document), listed, info);
  router.fast(FastRoute::json(path, std::string(document.bytes())));
  return router;
}

}  // namespace chopin::docs
