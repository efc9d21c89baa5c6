cmake_minimum_required(VERSION 3.25)

# Builds the consumer project, with the compiler of the variable CXX if it is set, and runs its check.
# Run as: cmake -DHOW=add_subdirectory|find_package -DSOURCE_DIR=... -DBUILD_DIR=... -DWORK_DIR=... -P check.cmake
function(run)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE status)
  if(NOT status EQUAL 0)
    message(FATAL_ERROR "${ARGN}: ${status}")
  endif()
endfunction()

if(HOW STREQUAL "add_subdirectory")
  set(where -DCHOPIN_SOURCE_DIR=${SOURCE_DIR} -DCMAKE_UNITY_BUILD=ON -DCMAKE_CXX_FLAGS_DEBUG=-O0)  # it builds the library
else()
  file(REMOVE_RECURSE ${WORK_DIR}/prefix ${WORK_DIR}/build)
  run(${CMAKE_COMMAND} --install ${BUILD_DIR} --prefix ${WORK_DIR}/prefix)
  set(where -DCMAKE_PREFIX_PATH=${WORK_DIR}/prefix)
endif()
run(${CMAKE_COMMAND} -G Ninja -S ${SOURCE_DIR}/tests/consumer -B ${WORK_DIR}/build -DCMAKE_BUILD_TYPE=Debug ${where})
run(${CMAKE_COMMAND} --build ${WORK_DIR}/build)
run(${WORK_DIR}/build/asio)
run(${WORK_DIR}/build/check)
