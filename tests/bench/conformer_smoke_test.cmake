# One flexible molecule that the program itself made: a row of its recovery and the tables come out,
# with and without a network. Given: PROGRAM, SALTUS, WORK_DIR.
set(list ${WORK_DIR}/conformer_smoke.smi)
set(crystal ${WORK_DIR}/conformer_smoke.sdf)
file(WRITE ${list} "CCCCC(=O)OCCCC butyl_pentanoate\n")
execute_process(COMMAND ${SALTUS} conformers ${list} -o ${crystal} -n 1 --overwrite
                RESULT_VARIABLE status OUTPUT_QUIET ERROR_VARIABLE errors)
if(NOT status EQUAL 0)
  message(FATAL_ERROR "${SALTUS} ended with ${status}:\n${errors}")
endif()
foreach(model none default)
  execute_process(COMMAND ${PROGRAM} --sdf ${crystal} --model ${model} --mmff 0
                  RESULT_VARIABLE status OUTPUT_VARIABLE output ERROR_VARIABLE errors)
  if(NOT status EQUAL 0 OR NOT errors MATCHES "butyl_pentanoate [0-9]+ rotors: ")
    message(FATAL_ERROR "--model ${model}: ended with ${status}:\n${output}${errors}")
  endif()
endforeach()
