cmake_minimum_required(VERSION 3.25)

# Writes page.html, page.css and the scripts of src/docs into a C++ source, as arrays of characters, because compilers
# limit the length of string literals. Comments, indentation and needless spaces stay behind.
# Run as: cmake -DSOURCE_DIR=.../src/docs -DOUTPUT=... -P embed_page.cmake
function(replace_in text pattern replacement)
  string(REGEX REPLACE "${pattern}" "${replacement}" ${text} "${${text}}")
  set(${text} "${${text}}" PARENT_SCOPE)
endfunction()

file(READ ${SOURCE_DIR}/page.html html)
file(READ ${SOURCE_DIR}/page.css css)
foreach(script elements schemas try_it page)
  file(READ ${SOURCE_DIR}/${script}.js more)
  string(APPEND js "${more}")
endforeach()

foreach(text html css js)
  replace_in(${text} "\n[ \n]+" "\n")
endforeach()

replace_in(css "[ \n]*([{}:,;])[ \n]+" "\\1")
replace_in(css " {" "{")
replace_in(css ";}" "}")
replace_in(css "([ :,(])0\\." "\\1.")

replace_in(js " // [^\n]*" "")
replace_in(js "(^|\n)//[^\n]*" "")
replace_in(js " (=>|===|!==|&&|\\|\\||\\?\\?|[=?:<]) " "\\1")
replace_in(js "\\) {" "){")
replace_in(js "([{(;])[ \n]+" "\\1")
replace_in(js ",\n" ",")
replace_in(js ", ([[{(.])" ",\\1")
replace_in(js "(if|for|catch) \\(" "\\1(")
replace_in(js "[ \n]+([})])" "\\1")

set(source "// Written by cmake/embed_page.cmake.\n#include \"docs/page_text.hpp\"\n\nnamespace chopin::docs {\n")
foreach(text html css js)
  string(HEX "${${text}}" bytes)
  string(REGEX REPLACE "(..)" "'\\\\x\\1'," bytes "${bytes}")
  string(REGEX REPLACE "('.x0a',)" "\\1\n" bytes "${bytes}")
  string(APPEND source "\nstatic constexpr char ${text}_bytes[] = {\n${bytes}};\n"
    "constinit const std::string_view page_${text}(${text}_bytes, sizeof ${text}_bytes);\n")
endforeach()
file(WRITE ${OUTPUT} "${source}\n}  // namespace chopin::docs\n")
