# Profile-guided optimisation: CHOPIN_PGO=generate builds a server that records a profile, CHOPIN_PGO=use builds with it.
# bench/run servers --build-variants does both.
if(NOT CHOPIN_PGO)
  return()
endif()
if(NOT CHOPIN_PGO MATCHES "^(generate|use)$")
  message(FATAL_ERROR "CHOPIN_PGO is '${CHOPIN_PGO}'; it can be OFF, generate or use")
endif()
if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  message(FATAL_ERROR "CHOPIN_PGO=${CHOPIN_PGO} needs g++; this is ${CMAKE_CXX_COMPILER_ID}")
endif()

# The profile of an object is found by its path in the build folder, which differs between the two builds.
set(flags -fprofile-${CHOPIN_PGO}=${CHOPIN_PROFILE} -fprofile-prefix-path=${CMAKE_BINARY_DIR})
if(CHOPIN_PGO STREQUAL "generate")
  list(APPEND flags -fprofile-update=atomic)  # main thread and workers share the counters
else()
  file(GLOB counts ${CHOPIN_PROFILE}/*.gcda)
  if(NOT counts)
    message(FATAL_ERROR "CHOPIN_PGO=use: there is no profile in '${CHOPIN_PROFILE}'; bench/run servers --build-variants records one")
  endif()
  # Other users may have other hot paths. Code that training never calls is optimised as without a profile, and code
  # that it calls rarely (a request with a body, compared with 16 small ones in a piece) is not optimised for size.
  list(APPEND flags -fprofile-partial-training --param=hot-bb-count-ws-permille=999)
  target_compile_options(chopin_compiler_options INTERFACE -Wno-missing-profile)  # tests and benchmarks have none
  add_link_options(-Wno-stringop-overread)  # g++ 12 no longer sees how few digits a number in JsonWriter has
endif()
add_compile_options(${flags})
add_link_options(${flags})
