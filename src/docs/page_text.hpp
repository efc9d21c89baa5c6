#pragma once

#include <string_view>

namespace chopin::docs {

/// The sources beside this file, as cmake/embed_page.cmake has squeezed them.
extern const std::string_view page_html;
extern const std::string_view page_css;
extern const std::string_view page_js;

}  // namespace chopin::docs
