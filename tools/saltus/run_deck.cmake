saltus_add_library(run_deck
  SOURCES
    ${CMAKE_CURRENT_LIST_DIR}/run_deck.cpp
    ${CMAKE_CURRENT_LIST_DIR}/run_deck_external.cpp
    ${CMAKE_CURRENT_LIST_DIR}/run_deck_learning.cpp
    ${CMAKE_CURRENT_LIST_DIR}/run_deck_moves.cpp
    ${CMAKE_CURRENT_LIST_DIR}/run_deck_system.cpp
  LINK saltus::engine saltus::io_deck saltus::mmff)
