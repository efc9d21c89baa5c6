cmake_minimum_required(VERSION 3.25)

# A build for this machine's CPU installs no library, and says which preset has one.
# Run as: cmake -DSOURCE_DIR=... -DWORK_DIR=... -DCXX=compiler -P native_install.cmake
file(REMOVE_RECURSE ${WORK_DIR})
execute_process(COMMAND_ERROR_IS_FATAL ANY OUTPUT_QUIET COMMAND ${CMAKE_COMMAND} -G Ninja -S ${SOURCE_DIR}
  -B ${WORK_DIR}/build -DCMAKE_CXX_COMPILER=${CXX} -DCHOPIN_NATIVE=ON -DCHOPIN_PROGRAM=OFF -DCHOPIN_TESTS=OFF)
execute_process(COMMAND_ERROR_IS_FATAL ANY OUTPUT_VARIABLE output
  COMMAND ${CMAKE_COMMAND} --install ${WORK_DIR}/build --prefix ${WORK_DIR}/prefix)
if(NOT output MATCHES "Not installed: the library.*release-portable")
  message(FATAL_ERROR "it does not say that the library is left out:\n${output}")
endif()
file(GLOB_RECURSE installed RELATIVE ${WORK_DIR}/prefix ${WORK_DIR}/prefix/*)
if(installed MATCHES "libchopin|\\.hpp|chopin\\.pc|chopinConfig")
  message(FATAL_ERROR "installed: ${installed}")
endif()
