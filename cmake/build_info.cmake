# Fills in src/cli/build_info.cpp.in: now all but the commit, which may change between two builds, and that at every
# build. The file is rewritten only if its contents change.
set(CHOPIN_BUILD_INFO ${CMAKE_CURRENT_BINARY_DIR}/build_info.cpp)
string(TOUPPER "${CMAKE_BUILD_TYPE}" build_type)
get_directory_property(options COMPILE_OPTIONS)
string(JOIN " " options ${options})
string(STRIP "${CMAKE_CXX_FLAGS} ${CMAKE_CXX_FLAGS_${build_type}} ${options}" CHOPIN_FLAGS)
foreach(fact LTO NATIVE)
  set(CHOPIN_${fact}_VALUE false)
endforeach()
if(CMAKE_INTERPROCEDURAL_OPTIMIZATION)
  set(CHOPIN_LTO_VALUE true)
endif()
if(CHOPIN_NATIVE)
  set(CHOPIN_NATIVE_VALUE true)
endif()
set(CHOPIN_COMMIT @CHOPIN_COMMIT@)
configure_file(${CMAKE_CURRENT_SOURCE_DIR}/src/cli/build_info.cpp.in ${CHOPIN_BUILD_INFO}.in @ONLY)

add_custom_target(chopin_build_info
  COMMAND ${CMAKE_COMMAND} -DSOURCE_DIR=${CMAKE_CURRENT_SOURCE_DIR} -DINPUT=${CHOPIN_BUILD_INFO}.in
    -DOUTPUT=${CHOPIN_BUILD_INFO} -P ${CMAKE_CURRENT_LIST_DIR}/write_build_info.cmake
  BYPRODUCTS ${CHOPIN_BUILD_INFO}
  COMMENT "" VERBATIM)
