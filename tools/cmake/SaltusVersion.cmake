# generated/saltus_version.h: version, git revision and compiler, for every output file.
find_package(Git QUIET)
set(SALTUS_GIT_REVISION "unknown")
# Only our own repository counts, not one that happens to lie around an unpacked archive; and it may
# belong to another user (safe.directory).
if(Git_FOUND AND EXISTS ${PROJECT_SOURCE_DIR}/.git)
  execute_process(COMMAND ${GIT_EXECUTABLE} -c safe.directory=* -C ${PROJECT_SOURCE_DIR}
                          describe --always --dirty --abbrev=12 --exclude=*
                  OUTPUT_VARIABLE _revision OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET
                  RESULT_VARIABLE _failed)
  if(NOT _failed)
    set(SALTUS_GIT_REVISION ${_revision})
  endif()
  # Each commit and checkout adds a line there: look again.
  if(EXISTS ${PROJECT_SOURCE_DIR}/.git/logs/HEAD)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS
                 ${PROJECT_SOURCE_DIR}/.git/logs/HEAD)
  endif()
endif()
configure_file(${CMAKE_CURRENT_LIST_DIR}/saltus_version.h.in
               ${PROJECT_BINARY_DIR}/generated/saltus_version.h @ONLY)
