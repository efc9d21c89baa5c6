cmake_minimum_required(VERSION 3.25)

# Checks what the program is told about its build: the flags, whatever is in them, and the commit.
# Run as: cmake -DSOURCE_DIR=... -DWORK_DIR=... -DCXX=compiler -P build_info.cmake

# Flags with quotes and a semicolon compile, and are said as given.
set(awkward "-DWHO='\"me\"' -DPAIR='\"a;b\"'")
execute_process(COMMAND_ERROR_IS_FATAL ANY OUTPUT_QUIET COMMAND ${CMAKE_COMMAND} -G Ninja -S ${SOURCE_DIR}
  -B ${WORK_DIR}/flags -DCMAKE_CXX_COMPILER=${CXX} -DCMAKE_BUILD_TYPE=Debug -DCHOPIN_TESTS=OFF
  "-DCMAKE_CXX_FLAGS=${awkward}" -DCMAKE_CXX_FLAGS_DEBUG=)
execute_process(COMMAND_ERROR_IS_FATAL ANY
  COMMAND ${CMAKE_COMMAND} --build ${WORK_DIR}/flags --target CMakeFiles/chopin_program.dir/build_info.cpp.o)
file(READ ${WORK_DIR}/flags/build_info.cpp written)
string(FIND "${written}" "(${awkward})" found)
if(found EQUAL -1)
  message(FATAL_ERROR "the flags ${awkward} are not in:\n${written}")
endif()

function(commit_of tree result)
  file(WRITE ${WORK_DIR}/commit.in "@CHOPIN_COMMIT@")
  execute_process(COMMAND_ERROR_IS_FATAL ANY COMMAND ${ARGN} ${CMAKE_COMMAND} -DSOURCE_DIR=${tree}
    -DINPUT=${WORK_DIR}/commit.in -DOUTPUT=${WORK_DIR}/commit -P ${SOURCE_DIR}/cmake/write_build_info.cmake)
  file(READ ${WORK_DIR}/commit commit)
  string(STRIP "${commit}" commit)
  set(${result} "${commit}" PARENT_SCOPE)
endfunction()

function(expect commit expected what)
  if(NOT commit MATCHES "${expected}")
    message(FATAL_ERROR "${what}: the commit is '${commit}', not '${expected}'")
  endif()
endfunction()

set(git git -C ${WORK_DIR}/tree -c user.name=n -c user.email=e -c init.defaultBranch=main)
file(REMOVE_RECURSE ${WORK_DIR}/tree)
file(MAKE_DIRECTORY ${WORK_DIR}/tree/inner)
execute_process(COMMAND_ERROR_IS_FATAL ANY COMMAND ${git} init -q)
execute_process(COMMAND_ERROR_IS_FATAL ANY COMMAND ${git} commit -q --allow-empty -m first)

commit_of(${WORK_DIR}/tree commit)
expect("${commit}" "^[0-9a-f]+$" "a tree of one's own")
commit_of(${WORK_DIR}/tree commit ${CMAKE_COMMAND} -E env GIT_TEST_ASSUME_DIFFERENT_OWNER=1)
expect("${commit}" "^[0-9a-f]+$" "a tree of another user")
commit_of(${WORK_DIR}/tree/inner commit)
expect("${commit}" "^unknown commit$" "sources without a repository in a folder of another one")
