# Installs the build tree, then configures, builds and runs the stranger's project against it, with
# the examples of a document as they stand there.
# Given: SALTUS_BUILD_DIR, CONSUMER_DIR, DOCUMENT, WORK_DIR, CXX_COMPILER, EVERYTHING (whether
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

# Writes the example that stands in the document behind a mark with the file's name.
function(extract_example file)
  file(READ ${DOCUMENT} text)
  set(mark "<!-- ${file}: built and run by tests/install -->\n```cpp\n")
  string(FIND "${text}" "${mark}" begin)
  if(begin EQUAL -1)
    message(FATAL_ERROR "${DOCUMENT} has no example ${file}")
  endif()
  string(LENGTH "${mark}" length)
  math(EXPR begin "${begin} + ${length}")
  string(SUBSTRING "${text}" ${begin} -1 text)
  string(FIND "${text}" "\n```\n" end)
  string(SUBSTRING "${text}" 0 ${end} text)
  file(WRITE ${WORK_DIR}/examples/${file} "${text}\n")
endfunction()

extract_example(sampling.cpp)
extract_example(conformers.cpp)

run(${CMAKE_COMMAND} --install ${SALTUS_BUILD_DIR} --prefix ${WORK_DIR}/prefix)
file(GLOB_RECURSE private_headers ${WORK_DIR}/prefix/include/*_detail.h)
if(private_headers)
  message(FATAL_ERROR "private headers were installed: ${private_headers}")
endif()

run(${CMAKE_COMMAND} -S ${CONSUMER_DIR} -B ${WORK_DIR}/build -G Ninja
    -DCMAKE_PREFIX_PATH=${WORK_DIR}/prefix -DCMAKE_CXX_COMPILER=${CXX_COMPILER}
    -DCMAKE_BUILD_TYPE=Release -DCONSUMER_EVERYTHING=${EVERYTHING}
    -DCONSUMER_EXAMPLES=${WORK_DIR}/examples)
run(${CMAKE_COMMAND} --build ${WORK_DIR}/build)
run(${WORK_DIR}/build/consumer)
message(STATUS "${output}")
run(${WORK_DIR}/build/sampling)
message(STATUS "${output}")
# 16,000 energies of variance 3/4: six standard errors and more.
if(NOT output MATCHES "mean energy 0\\.7[0-9]+ kT")
  message(FATAL_ERROR "sampling printed another mean energy than 0.75 kT: ${output}")
endif()
if(EVERYTHING)
  run(${WORK_DIR}/build/everything)
  message(STATUS "${output}")
  run(${WORK_DIR}/build/conformers)
  message(STATUS "${output}")
  if(NOT output MATCHES "kJ/mol" OR NOT output MATCHES "\\[C@H\\]" OR output MATCHES "@@")
    message(FATAL_ERROR "conformers printed none, or one of another configuration: ${output}")
  endif()
  run(${WORK_DIR}/build/conformer_maker)
  message(STATUS "${output}")
  if(NOT output MATCHES "(OK|PARTIAL) C\\[C@H\\]" OR NOT output MATCHES "kJ/mol, first atom" OR
     NOT output MATCHES "PARSE_SYNTAX C1CC")
    message(FATAL_ERROR "conformer_maker printed something else: ${output}")
  endif()
endif()
