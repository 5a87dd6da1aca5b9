# The two helper functions every folder uses, and the interface targets for flags.

add_library(saltus_warnings INTERFACE)
target_compile_options(saltus_warnings INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion
                       -Wno-sign-conversion $<$<BOOL:${SALTUS_WERROR}>:-Werror>)
# GCC's analysis of uninitialised variables misfires since version 13, where an optional of strings
# is assigned and in <regex>: there the older compiler and the sanitizers watch over them.
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_GREATER_EQUAL 13)
  target_compile_options(saltus_warnings INTERFACE -Wno-maybe-uninitialized)
endif()

add_library(saltus_sanitizers INTERFACE)
if(SALTUS_SANITIZE)
  string(REPLACE ";" "," _saltus_sanitize "${SALTUS_SANITIZE}")
  # GCC's uninitialised-variable analysis misfires inside <regex> when sanitizers are on.
  target_compile_options(saltus_sanitizers INTERFACE -fsanitize=${_saltus_sanitize}
                         -fno-omit-frame-pointer -fno-sanitize-recover=all
                         $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
  target_link_options(saltus_sanitizers INTERFACE -fsanitize=${_saltus_sanitize})
endif()

find_program(SALTUS_CCACHE ccache)
if(SALTUS_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # Paths relative to the build folder: clones in different places then share their objects.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${PROJECT_SOURCE_DIR}
                                  CCACHE_NOHASHDIR=1 ${SALTUS_CCACHE})
endif()

# saltus_register_library(target): has it installed and exported with a component: that of its
# top-level folder (engine, forcefields, mlsamplers, io), or conformers for tools/conformers. Other
# parts of programs and those of tests are not.
function(saltus_register_library target)
  file(RELATIVE_PATH folder ${PROJECT_SOURCE_DIR} ${CMAKE_CURRENT_SOURCE_DIR})
  if(NOT folder STREQUAL "tools/conformers")
    string(REGEX REPLACE "/.*" "" folder "${folder}")
  endif()
  if(folder MATCHES "^(tools|tests)$")
    return()
  endif()
  get_filename_component(component ${folder} NAME)
  set_property(GLOBAL APPEND PROPERTY SALTUS_COMPONENTS ${component})
  set_property(GLOBAL APPEND PROPERTY SALTUS_TARGETS_${component} ${target})
  set_property(GLOBAL PROPERTY SALTUS_FOLDER_${component} ${folder})
endfunction()

# saltus_add_library(name SOURCES ... LINK ... [PRIVATE_LINK ...])
# Makes target saltus_<name> with alias saltus::<name>.
function(saltus_add_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINK;PRIVATE_LINK" ${ARGN})
  set(target saltus_${name})
  add_library(${target} STATIC ${ARG_SOURCES})
  add_library(saltus::${name} ALIAS ${target})
  set_target_properties(${target} PROPERTIES EXPORT_NAME ${name} CXX_STANDARD 17
                        CXX_STANDARD_REQUIRED ON CXX_EXTENSIONS OFF POSITION_INDEPENDENT_CODE ON)
  target_compile_features(${target} PUBLIC cxx_std_17)
  target_include_directories(${target} PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>
                             $<BUILD_INTERFACE:${PROJECT_BINARY_DIR}/generated>
                             $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}/saltus>)
  target_link_libraries(${target} PUBLIC ${ARG_LINK}
                        PRIVATE ${ARG_PRIVATE_LINK} $<BUILD_INTERFACE:saltus_warnings>
                        $<BUILD_INTERFACE:saltus_sanitizers>)
  saltus_register_library(${target})
endfunction()

# saltus_add_test(name SOURCES ... LINK ... LABELS ... TIMEOUT seconds)
# Makes one executable and one CTest entry.
function(saltus_add_test name)
  cmake_parse_arguments(ARG "" "TIMEOUT" "SOURCES;LINK;LABELS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  set_target_properties(${name} PROPERTIES CXX_STANDARD 17 CXX_STANDARD_REQUIRED ON
                        CXX_EXTENSIONS OFF)
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR} ${PROJECT_BINARY_DIR}/generated)
  target_link_libraries(${name} PRIVATE ${ARG_LINK} GTest::gmock GTest::gtest GTest::gtest_main
                        saltus_warnings saltus_sanitizers)
  # GCC 14 takes copies of vectors whose size it has worked out in tests for copies out of bounds.
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_GREATER_EQUAL 13)
    set_source_files_properties(${ARG_SOURCES} PROPERTIES  # behind -Wall
                                COMPILE_OPTIONS "-Wno-array-bounds;-Wno-stringop-overflow")
  endif()
  add_test(NAME ${name} COMMAND ${name})
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 600) # also where other work shares the cores
  endif()
  set_tests_properties(${name} PROPERTIES TIMEOUT ${ARG_TIMEOUT} LABELS "${ARG_LABELS}")
endfunction()
