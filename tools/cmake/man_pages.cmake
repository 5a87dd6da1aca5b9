# Writes a man page of the program and one of each command, from what they say themselves:
#   cmake -DPROGRAM=build/tools/saltus -DVERSION=0.1.0 -DHELP2MAN=/usr/bin/help2man -DFOLDER=man
#         -P tools/cmake/man_pages.cmake
cmake_minimum_required(VERSION 3.25)

# NAME is that of the page, saltus-run; help2man alone would take that of the program.
function(write_page name description option)
  file(WRITE ${FOLDER}/${name}.name "[NAME]\n${name} \\- ${description}\n")
  execute_process(COMMAND ${HELP2MAN} --no-info --version-string=${VERSION}
                          "--help-option=${option}" --include=${FOLDER}/${name}.name
                          --output=${FOLDER}/${name}.1 ${PROGRAM}
                  COMMAND_ERROR_IS_FATAL ANY)
  file(REMOVE ${FOLDER}/${name}.name)
endfunction()

execute_process(COMMAND ${PROGRAM} --help OUTPUT_VARIABLE help COMMAND_ERROR_IS_FATAL ANY)
string(REGEX MATCH " - ([^\n]*)" _ "${help}")
write_page(saltus "${CMAKE_MATCH_1}" "--help")
# The list of commands: lines of two blanks, a name, blanks, what it does.
string(REGEX MATCHALL "\n  [a-z]+  +[^\n]+" commands "${help}")
if(NOT commands)
  message(FATAL_ERROR "${PROGRAM} --help lists no commands")
endif()
foreach(line IN LISTS commands)
  string(REGEX MATCH "  ([a-z]+)  +(.+)" _ "${line}")
  write_page(saltus-${CMAKE_MATCH_1} "${CMAKE_MATCH_2}" "${CMAKE_MATCH_1} --help")
endforeach()
