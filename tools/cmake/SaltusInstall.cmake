# Install and export. Every library belongs to the component of its folder, with an export file of
# its own, so that find_package(Saltus COMPONENTS engine) asks for nothing heavy.
include(CMakePackageConfigHelpers)
set(_config_dir ${CMAKE_INSTALL_LIBDIR}/cmake/Saltus)

get_property(_components GLOBAL PROPERTY SALTUS_COMPONENTS)
list(REMOVE_DUPLICATES _components)
foreach(_component IN LISTS _components)
  get_property(_targets GLOBAL PROPERTY SALTUS_TARGETS_${_component})
  install(TARGETS ${_targets} EXPORT Saltus_${_component}
          ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
  install(EXPORT Saltus_${_component} NAMESPACE saltus::
          FILE Saltus_${_component}Targets.cmake DESTINATION ${_config_dir})
  get_property(_folder GLOBAL PROPERTY SALTUS_FOLDER_${_component})
  install(DIRECTORY ${PROJECT_SOURCE_DIR}/${_folder}/
          DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/saltus/${_folder}
          FILES_MATCHING PATTERN "*.h" PATTERN "*_detail.h" EXCLUDE)
endforeach()
install(FILES ${PROJECT_BINARY_DIR}/generated/saltus_version.h
        DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/saltus)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/data/ DESTINATION ${CMAKE_INSTALL_DATADIR}/saltus)
if(TARGET saltus)
  install(TARGETS saltus RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endif()

configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/SaltusConfig.cmake.in
                              ${PROJECT_BINARY_DIR}/generated/SaltusConfig.cmake
                              INSTALL_DESTINATION ${_config_dir})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/generated/SaltusConfigVersion.cmake
                                 COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/generated/SaltusConfig.cmake
              ${PROJECT_BINARY_DIR}/generated/SaltusConfigVersion.cmake
              ${CMAKE_CURRENT_LIST_DIR}/FindOpenMM.cmake
              ${CMAKE_CURRENT_LIST_DIR}/FindOpenBabel.cmake
              ${CMAKE_CURRENT_LIST_DIR}/FindRDKit.cmake
        DESTINATION ${_config_dir})
