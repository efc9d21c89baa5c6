# The compiler options of all our targets.
add_library(chopin_compiler_options INTERFACE)
target_compile_features(chopin_compiler_options INTERFACE cxx_std_20)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

if(CHOPIN_WARNINGS_AS_ERRORS)
  target_compile_options(chopin_compiler_options INTERFACE -Werror)
endif()
target_compile_options(chopin_compiler_options INTERFACE -Wall -Wextra -Wpedantic -Wconversion -Wshadow)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  # GCC 12 warns of impossible sizes in std::string's operator+ (GCC bug 105651).
  target_compile_options(chopin_compiler_options INTERFACE -Wno-restrict)
endif()
if(CMAKE_UNITY_BUILD AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # It takes sources that are joined for headers.
  target_compile_options(chopin_compiler_options INTERFACE -Wno-subobject-linkage)
endif()

# Whole-program flags, so that inlining across the libraries of this build is possible.
if(CHOPIN_NATIVE)
  add_compile_options(-march=native)
elseif(CHOPIN_MARCH AND CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
  add_compile_options(-march=${CHOPIN_MARCH})
endif()
if(CMAKE_BUILD_TYPE STREQUAL "Debug")
  add_compile_definitions(_GLIBCXX_ASSERTIONS)
endif()
if(CHOPIN_STRIP)
  add_link_options(-s)
endif()
