execute_process(COMMAND git describe --always --dirty --exclude=*
  WORKING_DIRECTORY ${SOURCE_DIR} OUTPUT_VARIABLE CHOPIN_COMMIT RESULT_VARIABLE failed
  OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
if(failed)
  set(CHOPIN_COMMIT "unknown commit")
endif()
configure_file(${INPUT} ${OUTPUT} @ONLY)
