# Installs the build tree, then configures, builds and runs the stranger's project against it.
# Given: SALTUS_BUILD_DIR, CONSUMER_DIR, WORK_DIR, CXX_COMPILER, EVERYTHING (whether
# all libraries were built).
file(REMOVE_RECURSE ${WORK_DIR})

function(run)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE status OUTPUT_VARIABLE output
                  ERROR_VARIABLE output)
  if(NOT status EQUAL 0)
    list(JOIN ARGN " " command)
    message(FATAL_ERROR "${command}\nended with ${status}:\n${output}")
  endif()
  set(output "${output}" PARENT_SCOPE)
endfunction()

run(${CMAKE_COMMAND} --install ${SALTUS_BUILD_DIR} --prefix ${WORK_DIR}/prefix)
file(GLOB_RECURSE private_headers ${WORK_DIR}/prefix/include/*_detail.h)
if(private_headers)
  message(FATAL_ERROR "private headers were installed: ${private_headers}")
endif()

run(${CMAKE_COMMAND} -S ${CONSUMER_DIR} -B ${WORK_DIR}/build -G Ninja
    -DCMAKE_PREFIX_PATH=${WORK_DIR}/prefix -DCMAKE_CXX_COMPILER=${CXX_COMPILER}
    -DCMAKE_BUILD_TYPE=Release -DCONSUMER_EVERYTHING=${EVERYTHING})
run(${CMAKE_COMMAND} --build ${WORK_DIR}/build)
run(${WORK_DIR}/build/consumer)
message(STATUS "${output}")
if(EVERYTHING)
  run(${WORK_DIR}/build/everything)
  message(STATUS "${output}")
endif()
