# Fills in src/cli/build_info.cpp.in. Runs at every build, because the commit may have changed; the file is rewritten
# only if its contents change.
set(CHOPIN_BUILD_INFO ${CMAKE_CURRENT_BINARY_DIR}/build_info.cpp)
string(TOUPPER "${CMAKE_BUILD_TYPE}" build_type)
get_directory_property(options COMPILE_OPTIONS)
string(JOIN " " CHOPIN_FLAGS ${CMAKE_CXX_FLAGS} ${CMAKE_CXX_FLAGS_${build_type}} ${options})

set(facts
  -DPROJECT_VERSION=${PROJECT_VERSION}
  -DCMAKE_BUILD_TYPE=${CMAKE_BUILD_TYPE}
  -DCHOPIN_FLAGS=${CHOPIN_FLAGS}
  -DCHOPIN_LTO_VALUE=$<IF:$<BOOL:${CMAKE_INTERPROCEDURAL_OPTIMIZATION}>,true,false>
  -DCHOPIN_NATIVE_VALUE=$<IF:$<BOOL:${CHOPIN_NATIVE}>,true,false>
  -DCMAKE_CXX_COMPILER_ID=${CMAKE_CXX_COMPILER_ID}
  -DCMAKE_CXX_COMPILER_VERSION=${CMAKE_CXX_COMPILER_VERSION}
  -DBoost_VERSION_STRING=${Boost_VERSION_STRING}
  -DSOURCE_DIR=${CMAKE_CURRENT_SOURCE_DIR}
  -DINPUT=${CMAKE_CURRENT_SOURCE_DIR}/src/cli/build_info.cpp.in
  -DOUTPUT=${CHOPIN_BUILD_INFO})
add_custom_target(chopin_build_info
  COMMAND ${CMAKE_COMMAND} ${facts} -P ${CMAKE_CURRENT_LIST_DIR}/write_build_info.cmake
  BYPRODUCTS ${CHOPIN_BUILD_INFO}
  COMMENT "" VERBATIM)
