# Ethanol with atoms in an order of its own: its only shape is found; frames of another molecule are
# refused. Given: PROGRAM, WORK_DIR.
set(folder ${WORK_DIR}/recall_smoke)
file(MAKE_DIRECTORY ${folder})
file(WRITE ${folder}/ethanol.xyz.gz "9

H 1.7500 0.0400 0.6600
O 1.1879 -0.3829 0.0000
C 0.0000 0.5526 0.0000
H 0.0227 1.1917 0.8867
C -1.1867 -0.2472 0.0000
H -1.9237 0.3850 0.0000
H 0.0227 1.1917 -0.8867
H -1.1999 -0.8838 0.8870
H -1.1999 -0.8838 -0.8870
")
file(WRITE ${folder}/molecules.txt "rotors\tSMILES\tname\n0\tCCO\tethanol\n")
execute_process(COMMAND ${PROGRAM} --folder ${folder} --part 1
                RESULT_VARIABLE status OUTPUT_VARIABLE output ERROR_VARIABLE errors)
if(NOT status EQUAL 0 OR NOT errors MATCHES "ethanol 0 rotors, 1 references: 100.0 % within 1 A")
  message(FATAL_ERROR "ended with ${status}:\n${output}${errors}")
endif()
file(WRITE ${folder}/molecules.txt "rotors\tSMILES\tname\n0\tCCN\tethanol\n")
execute_process(COMMAND ${PROGRAM} --folder ${folder}
                RESULT_VARIABLE status OUTPUT_QUIET ERROR_VARIABLE errors)
if(status EQUAL 0 OR NOT errors MATCHES "of another molecule")
  message(FATAL_ERROR "frames of another molecule: ended with ${status}:\n${errors}")
endif()
