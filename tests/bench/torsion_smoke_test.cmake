# All measurements on two small molecules: tables and JSON come out, with the numbers that any
# network must give. Oracle: tests/README.md; uniform torsions are worse than the network's; the
# same on one thread and two. Given: PROGRAM, WORK_DIR; MODEL: a model file instead of the one that
# comes with Saltus.
if(NOT MODEL)
  set(MODEL default)
endif()
file(WRITE ${WORK_DIR}/torsion_smoke.smi "CCCCO\nCC(C)OC\n")
set(options --kl --acceptance --boltzmann --list ${WORK_DIR}/torsion_smoke.smi --model ${MODEL}
            --draws 200 --reference-sweeps 200 --etkdg-conformers 8 --sweeps 100 --hmc-sweeps 100
            --repeats 2)
foreach(threads 1 2)
  execute_process(COMMAND ${PROGRAM} ${options} --threads ${threads}
                          --json ${WORK_DIR}/torsion_smoke.json
                  RESULT_VARIABLE status OUTPUT_VARIABLE output_${threads} ERROR_VARIABLE errors)
  if(NOT status EQUAL 0)
    message(FATAL_ERROR "${PROGRAM} ended with ${status}:\n${output_${threads}}${errors}")
  endif()
  # Times are the only thing that may differ.
  string(REGEX REPLACE "Network, CPU ms[^\n]*" "" output_${threads} "${output_${threads}}")
endforeach()
if(NOT output_1 STREQUAL output_2)
  message(FATAL_ERROR "one thread:\n${output_1}\n--- but two:\n${output_2}")
endif()
set(estimate "[0-9]+\\.[0-9]+ [^0-9 ]+ [0-9]+\\.[0-9]+")  # value, plus-minus, error
foreach(expected
        "\nCCCCO: network [0-9.]+ [0-9.]+; uniform [0-9.]+ [0-9.]+; ETKDG [0-9.]+ [0-9.]+; "
        "\n. network . ${estimate} . ${estimate} . 2 ."
        "\n. torsion_network . ${estimate} . ${estimate} . ${estimate} . 2 ."
        "\n. CC\\(C\\)OC . 1 . [0-9]+ . "
        "hybrid Monte Carlo alone: geometric mean ${estimate}, median ${estimate}, 2 of 2")
  if(NOT output_1 MATCHES "${expected}")
    message(FATAL_ERROR "no match of ${expected} in\n${output_1}")
  endif()
endforeach()

file(READ ${WORK_DIR}/torsion_smoke.json json)
foreach(method network uniform)
  string(JSON kl_${method} GET "${json}" kl summary all ${method} kl value)
endforeach()
if(NOT kl_network LESS kl_uniform)
  message(FATAL_ERROR "KL of the network ${kl_network}, of uniform torsions ${kl_uniform}")
endif()
string(JSON n_molecules LENGTH "${json}" boltzmann molecules)
if(NOT n_molecules EQUAL 2)
  message(FATAL_ERROR "${n_molecules} molecules instead of 2 in\n${json}")
endif()

# Mistakes are told, with exit codes of sysexits.h.
foreach(wrong "--unknown" "--kl" "--molecules;0" "--kl;--list")
  execute_process(COMMAND ${PROGRAM} ${wrong} RESULT_VARIABLE status OUTPUT_QUIET
                  ERROR_VARIABLE errors)
  if(NOT status EQUAL 64 OR NOT errors MATCHES "error: saltus_torsion_benchmark: ")
    message(FATAL_ERROR "${wrong} gave ${status}:\n${errors}")
  endif()
endforeach()
