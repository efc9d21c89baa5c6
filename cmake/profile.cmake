# Optimises for what a server has been seen to do: CHOPIN_PGO=generate counts it, CHOPIN_PGO=use builds with the counts.
# bench/run --build-variants does the one and then the other.
if(NOT CHOPIN_PGO)
  return()
endif()
if(NOT CHOPIN_PGO MATCHES "^(generate|use)$")
  message(FATAL_ERROR "CHOPIN_PGO is '${CHOPIN_PGO}'; it can be OFF, generate or use")
endif()
if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  message(FATAL_ERROR "CHOPIN_PGO=${CHOPIN_PGO} needs g++; this is ${CMAKE_CXX_COMPILER_ID}")
endif()

# The counts of an object are found by its path in the build folder, and the two builds have different folders.
set(flags -fprofile-${CHOPIN_PGO}=${CHOPIN_PROFILE} -fprofile-prefix-path=${CMAKE_BINARY_DIR})
if(CHOPIN_PGO STREQUAL "generate")
  list(APPEND flags -fprofile-update=atomic)  # main thread and workers share the counters
else()
  file(GLOB counts ${CHOPIN_PROFILE}/*.gcda)
  if(NOT counts)
    message(FATAL_ERROR "CHOPIN_PGO=use: there is no profile in '${CHOPIN_PROFILE}'; bench/run --build-variants makes one")
  endif()
  # For others another path may be the hot one. What the training never calls is optimised as without a profile, and
  # what it calls seldom beside the rest, as a request with a body beside 16 small ones in a piece, not for size.
  list(APPEND flags -fprofile-partial-training --param=hot-bb-count-ws-permille=999)
  target_compile_options(chopin_compiler_options INTERFACE -Wno-missing-profile)  # tests and benchmarks have none
  add_link_options(-Wno-stringop-overread)  # g++ 12 no longer sees in JsonWriter how few digits a number has
endif()
add_compile_options(${flags})
add_link_options(${flags})
