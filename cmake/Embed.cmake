# Embed.cmake - text files as constant data of the compiler.
#
#   mlc_embed(NAME mlc_stdlib FOLDER stdlib GLOB *.ml OUT sources)
#
# writes a C file that defines `const MlcEmbedded mlc_stdlib[]` and `const int mlc_stdlib_count` (driver/embedded.h), sorted by path,
# and rebuilds it when one of the files changes. The same file, run as a script (cmake -P), does the writing.

if(CMAKE_SCRIPT_MODE_FILE)
    set(text "/* Generated from ${FOLDER}. */\n#include \"driver/embedded.h\"\n\n")
    set(table "")
    set(count 0)
    file(STRINGS "${LIST}" files)
    foreach(file IN LISTS files)
        file(READ "${FOLDER}/${file}" hex HEX)
        string(LENGTH "${hex}" length)
        math(EXPR length "${length} / 2")
        string(REGEX REPLACE "(................................)" "\\1\n" hex "${hex}")
        string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," hex "${hex}")
        string(APPEND text "static const unsigned char text${count}[] = {\n${hex}0};\n")
        string(APPEND table "    { \"${file}\", (const char *)text${count}, ${length} },\n")
        math(EXPR count "${count} + 1")
    endforeach()
    string(APPEND text "\nconst MlcEmbedded ${NAME}[] = {\n${table}    { 0, 0, 0 }\n};\nconst int ${NAME}_count = ${count};\n")
    file(WRITE "${OUT}" "${text}")
    return()
endif()

set(MLC_EMBED_SCRIPT "${CMAKE_CURRENT_LIST_FILE}")

function(mlc_embed)
    cmake_parse_arguments(E "" "NAME;FOLDER;GLOB;OUT" "" ${ARGN})
    set(folder "${CMAKE_SOURCE_DIR}/${E_FOLDER}")
    file(GLOB_RECURSE files CONFIGURE_DEPENDS RELATIVE "${folder}" "${folder}/${E_GLOB}")
    list(SORT files)
    set(c "${CMAKE_BINARY_DIR}/gen/driver/${E_NAME}.c")
    list(JOIN files "\n" lines)
    file(CONFIGURE OUTPUT "${c}.list" CONTENT "${lines}\n" @ONLY)
    list(TRANSFORM files PREPEND "${folder}/" OUTPUT_VARIABLE paths)
    add_custom_command(OUTPUT "${c}"
        COMMAND ${CMAKE_COMMAND} -DNAME=${E_NAME} "-DFOLDER=${folder}" "-DLIST=${c}.list" "-DOUT=${c}" -P "${MLC_EMBED_SCRIPT}"
        DEPENDS ${paths} "${c}.list" "${MLC_EMBED_SCRIPT}" VERBATIM COMMENT "Embedding ${E_FOLDER}")
    list(APPEND ${E_OUT} "${c}")
    set(${E_OUT} ${${E_OUT}} PARENT_SCOPE)
endfunction()
