saltus_add_library(run_deck
  SOURCES
    ${CMAKE_CURRENT_LIST_DIR}/box_moves.cpp
    ${CMAKE_CURRENT_LIST_DIR}/commented_deck.cpp
    ${CMAKE_CURRENT_LIST_DIR}/dynamics_moves.cpp
    ${CMAKE_CURRENT_LIST_DIR}/external.cpp
    ${CMAKE_CURRENT_LIST_DIR}/learning.cpp
    ${CMAKE_CURRENT_LIST_DIR}/load_run_deck.cpp
    ${CMAKE_CURRENT_LIST_DIR}/move_kind.cpp
    ${CMAKE_CURRENT_LIST_DIR}/move_kinds.cpp
    ${CMAKE_CURRENT_LIST_DIR}/move_row.cpp
    ${CMAKE_CURRENT_LIST_DIR}/moves.cpp
    ${CMAKE_CURRENT_LIST_DIR}/other_moves.cpp
    ${CMAKE_CURRENT_LIST_DIR}/rigid_moves.cpp
    ${CMAKE_CURRENT_LIST_DIR}/system.cpp
    ${CMAKE_CURRENT_LIST_DIR}/timewarp.cpp
    ${CMAKE_CURRENT_LIST_DIR}/torsion_moves.cpp
  LINK saltus::engine saltus::io_deck saltus::mmff saltus::openmm_adapter)
