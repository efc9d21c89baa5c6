# Writes the file INPUT as OUTPUT, with the commit of the sources in SOURCE_DIR in it. Given the git folder, git neither
# takes a repository around the sources for theirs nor asks who owns them.
set(CHOPIN_COMMIT "unknown commit")
if(EXISTS ${SOURCE_DIR}/.git)
  execute_process(COMMAND git --git-dir=${SOURCE_DIR}/.git --work-tree=${SOURCE_DIR} describe --always --dirty --exclude=*
    WORKING_DIRECTORY ${SOURCE_DIR} OUTPUT_VARIABLE output ERROR_VARIABLE error RESULT_VARIABLE status
    OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_STRIP_TRAILING_WHITESPACE)
  if(status EQUAL 0)
    set(CHOPIN_COMMIT ${output})
  else()
    message(WARNING "the program will not know its commit; git says: ${status} ${error}")
  endif()
endif()
configure_file(${INPUT} ${OUTPUT} @ONLY)
