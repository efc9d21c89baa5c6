# Installs the library for find_package(chopin), which provides the target chopin::chopin, and for pkg-config.
include(CMakePackageConfigHelpers)
include(CheckCXXCompilerFlag)
set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/chopin)

install(FILES LICENSE README.md DESTINATION ${CMAKE_INSTALL_DOCDIR})

if(CHOPIN_NATIVE)
  install(CODE "message(STATUS \"Not installed: the library, which CHOPIN_NATIVE has built for this machine's CPU alone. \
The preset release-portable has one for others.\")")
  return()
endif()

# Bytecode suits one version of one compiler. The program is linked from it; the installed library is machine code.
if(CMAKE_INTERPROCEDURAL_OPTIMIZATION)
  check_cxx_compiler_flag(-ffat-lto-objects CHOPIN_HAS_FAT_OBJECTS)
  if(CHOPIN_HAS_FAT_OBJECTS)
    target_compile_options(chopin_core PRIVATE -ffat-lto-objects)
  else()
    set_target_properties(chopin_core PROPERTIES INTERPROCEDURAL_OPTIMIZATION OFF)
  endif()
endif()

# The prefix may be chosen only when it is installed.
set(libdir "\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_LIBDIR}")
if(IS_ABSOLUTE ${CMAKE_INSTALL_LIBDIR})
  set(libdir ${CMAKE_INSTALL_LIBDIR})
endif()
install(TARGETS chopin_core EXPORT chopin ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
if(CHOPIN_HAS_FAT_OBJECTS)
  install(CODE "execute_process(COMMAND_ERROR_IS_FATAL ANY COMMAND \"${CMAKE_OBJCOPY}\" --remove-section=.gnu.lto_*
    --remove-section=.gnu.debuglto_* --remove-section=.llvm.lto
    \"\$ENV{DESTDIR}${libdir}/libchopin.a\")")
endif()
install(EXPORT chopin NAMESPACE chopin:: FILE chopinTargets.cmake DESTINATION ${package_dir})
install(DIRECTORY include/chopin DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.hpp")

configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/chopinConfig.cmake.in
  ${CMAKE_CURRENT_BINARY_DIR}/chopinConfig.cmake INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(${CMAKE_CURRENT_BINARY_DIR}/chopinConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/chopinConfig.cmake ${CMAKE_CURRENT_BINARY_DIR}/chopinConfigVersion.cmake
  DESTINATION ${package_dir})

# Relative to the file itself, for the same reason.
file(RELATIVE_PATH CHOPIN_PREFIX ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig ${CMAKE_INSTALL_PREFIX})
configure_file(${CMAKE_CURRENT_LIST_DIR}/chopin.pc.in ${CMAKE_CURRENT_BINARY_DIR}/chopin.pc @ONLY)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/chopin.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
