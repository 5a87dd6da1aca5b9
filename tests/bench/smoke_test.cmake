# One short case: the table comes out, on the screen and in a file, with the rows that were run and
# no others. Oracle: what the header files of this folder promise. Given: PROGRAM, WORK_DIR,
# OPTIMISED (whether times mean anything).
set(table ${WORK_DIR}/smoke_table.md)
file(REMOVE ${table})
execute_process(COMMAND ${PROGRAM} --table ${table} --benchmark_repetitions=3
                        --benchmark_min_time=0.001
                        --benchmark_filter=^energy/alanine_vacuum/\(lanes|openmm_reference\)
                RESULT_VARIABLE status OUTPUT_VARIABLE output ERROR_VARIABLE errors)
if(NOT status EQUAL 0)
  message(FATAL_ERROR "${PROGRAM} ended with ${status}:\n${output}${errors}")
endif()
file(READ ${table} text)
string(FIND "${output}" "${text}" place)
if(place EQUAL -1)
  message(FATAL_ERROR "the file is not what was printed:\n${output}\n--- but\n${text}")
endif()
set(number "[0-9][0-9.,]*")
foreach(expected
        "^Medians of 3 repetitions in one process on "
        "OpenMM [0-9]+\\.[0-9]+, RDKit [0-9]+\\.[0-9]+"
        "\n. ACE-ALA-NME, 22 atoms, vacuum . ${number} . - . - . - . - . ${number} . "
        "\n. ACE-ALA-NME, 22 atoms, vacuum: OpenMM Reference . \\*\\*${number}\\*\\* . - . "
        "\nMemory: 10000 chains of 22 atoms.* add ${number} MiB ")
  if(NOT text MATCHES "${expected}")
    message(FATAL_ERROR "no match of ${expected} in\n${text}")
  endif()
endforeach()
foreach(unexpected chignolin LangevinMiddle "2 threads")
  if(text MATCHES "${unexpected}")
    message(FATAL_ERROR "${unexpected} was not run, but is in\n${text}")
  endif()
endforeach()

# Lanes that lost their vectors, a slip of a build option for example, are about as fast as
# OpenMM's Reference platform instead of some 40 times faster. Ratios in one process hold on busy
# machines, too.
if(OPTIMISED AND text MATCHES "vectors of AVX[23]" AND
   NOT text MATCHES "OpenMM Reference . \\*\\*[1-9][0-9]")
  message(FATAL_ERROR "less than 10 times faster than OpenMM's Reference platform:\n${text}")
endif()

# Mistakes are told, with exit codes of sysexits.h.
foreach(wrong --benchmark_filter=nothing_is_called_so --unknown --table)
  execute_process(COMMAND ${PROGRAM} ${wrong} RESULT_VARIABLE status OUTPUT_QUIET
                  ERROR_VARIABLE errors)
  if(NOT status EQUAL 64 OR NOT errors MATCHES "error: saltus_benchmark: ")
    message(FATAL_ERROR "${wrong} gave ${status}:\n${errors}")
  endif()
endforeach()
