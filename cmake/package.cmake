# Installs the library for find_package(chopin), which provides the target chopin::chopin.
include(CMakePackageConfigHelpers)
set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/chopin)

install(TARGETS chopin_core EXPORT chopin ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(EXPORT chopin NAMESPACE chopin:: FILE chopinTargets.cmake DESTINATION ${package_dir})
install(DIRECTORY include/chopin DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(FILES LICENSE README.md DESTINATION ${CMAKE_INSTALL_DOCDIR})

configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/chopinConfig.cmake.in
  ${CMAKE_CURRENT_BINARY_DIR}/chopinConfig.cmake INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(${CMAKE_CURRENT_BINARY_DIR}/chopinConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/chopinConfig.cmake ${CMAKE_CURRENT_BINARY_DIR}/chopinConfigVersion.cmake
  DESTINATION ${package_dir})
