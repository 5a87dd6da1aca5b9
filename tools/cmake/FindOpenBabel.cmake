# Finds Open Babel 3. Defines the target OpenBabel::OpenBabel. Its licence is the GPL, version 2: so
# is that of a program linked with it. A build without it lacks the MOL2 writer, and nothing else.
# Set OpenBabel_ROOT (or the environment variable of that name) for a private installation, or
# CMAKE_DISABLE_FIND_PACKAGE_OpenBabel=ON to do without it.
find_path(OpenBabel_INCLUDE_DIR openbabel/mol.h PATH_SUFFIXES openbabel3)
find_library(OpenBabel_LIBRARY openbabel)
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(OpenBabel REQUIRED_VARS OpenBabel_LIBRARY OpenBabel_INCLUDE_DIR)
if(OpenBabel_FOUND AND NOT TARGET OpenBabel::OpenBabel)
  add_library(OpenBabel::OpenBabel UNKNOWN IMPORTED)
  set_target_properties(OpenBabel::OpenBabel PROPERTIES
                        IMPORTED_LOCATION ${OpenBabel_LIBRARY}
                        INTERFACE_INCLUDE_DIRECTORIES ${OpenBabel_INCLUDE_DIR})
endif()
mark_as_advanced(OpenBabel_INCLUDE_DIR OpenBabel_LIBRARY)
