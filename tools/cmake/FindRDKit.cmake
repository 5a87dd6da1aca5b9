# Finds RDKit, whose Debian packages ship no CMake package. Defines the target RDKit::RDKit: reading
# and writing molecules, MMFF94, UFF, distance geometry, alignment, common substructures,
# fingerprints, drawings.
# Set RDKit_ROOT (or the environment variable of that name) for a private installation.
find_path(RDKit_INCLUDE_DIR GraphMol/GraphMol.h PATH_SUFFIXES rdkit)
set(_rdkit_libraries)
set(_rdkit_variables)
# Users before what they use.
foreach(_rdkit_part
        FMCS MolDraw2D Depictor DistGeomHelpers ForceFieldHelpers ForceField MolAlign MolTransforms Descriptors Fingerprints
        FileParsers SmilesParse SubstructMatch GraphMol RDGeometryLib RDGeneral)
  find_library(RDKit_${_rdkit_part}_LIBRARY RDKit${_rdkit_part})
  list(APPEND _rdkit_libraries ${RDKit_${_rdkit_part}_LIBRARY})
  list(APPEND _rdkit_variables RDKit_${_rdkit_part}_LIBRARY)
endforeach()
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(RDKit REQUIRED_VARS ${_rdkit_variables} RDKit_INCLUDE_DIR)
if(RDKit_FOUND AND NOT TARGET RDKit::RDKit)
  add_library(RDKit::RDKit INTERFACE IMPORTED)
  set_target_properties(RDKit::RDKit PROPERTIES
                        INTERFACE_INCLUDE_DIRECTORIES ${RDKit_INCLUDE_DIR}
                        INTERFACE_LINK_LIBRARIES "${_rdkit_libraries}")
endif()
mark_as_advanced(RDKit_INCLUDE_DIR ${_rdkit_variables})
