# Room.cmake - a room is a folder, a static library mlc_<room>, and a view of the rooms that it may see.
#
#   mlc_room(NAME passes DEPS base ir)
#
#     build/see/passes/base   -> base/        so that "base/base.h" is found by the files of passes,
#     build/see/passes/ir     -> ir/          and "frontend/core.h" is not: a wrong include fails to build
#     build/see/passes/passes -> passes/
#
#   SEES runtime/abi.h ...   single headers of a room that is otherwise out of sight (and is not linked)
#   SOURCES file ...         generated sources, beside the *.c of the folder
#   LEAVE_OUT regex          files of the folder that belong to other targets
#   PART name ONLY regex     these files alone as mlc_<part>, with the same view: a part that others may link without the rest
#   LIBS lib ...             libraries from outside

file(REMOVE_RECURSE "${CMAKE_BINARY_DIR}/see") # no view is older than its rule

function(mlc_link from to)
    get_filename_component(folder "${to}" DIRECTORY)
    file(MAKE_DIRECTORY "${folder}")
    file(CREATE_LINK "${from}" "${to}" SYMBOLIC)
endfunction()

# Fills build/see/<view> with the rooms that follow.
function(mlc_view view)
    foreach(room IN LISTS ARGN)
        if(IS_DIRECTORY "${CMAKE_SOURCE_DIR}/${room}") # a part is no folder
            mlc_link("${CMAKE_SOURCE_DIR}/${room}" "${CMAKE_BINARY_DIR}/see/${view}/${room}")
        endif()
    endforeach()
endfunction()

# The targets of those of the rooms that have a source file yet.
function(mlc_room_targets out)
    set(found)
    foreach(room IN LISTS ARGN)
        if(TARGET mlc_${room})
            list(APPEND found mlc_${room})
        endif()
    endforeach()
    set(${out} ${found} PARENT_SCOPE)
endfunction()

function(mlc_room)
    cmake_parse_arguments(R "" "NAME;PART;ONLY;LEAVE_OUT" "DEPS;SEES;SOURCES;LIBS" ${ARGN})
    file(GLOB sources CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/${R_NAME}/*.c" "${CMAKE_SOURCE_DIR}/${R_NAME}/*/*.c") # a crowded room has alcoves
    if(R_LEAVE_OUT)
        list(FILTER sources EXCLUDE REGEX "${R_LEAVE_OUT}")
    endif()
    set(target mlc_${R_NAME})
    if(R_PART)
        set(target mlc_${R_PART})
        list(FILTER sources INCLUDE REGEX "${R_ONLY}")
    endif()
    mlc_view(${R_NAME} ${R_NAME} ${R_DEPS})
    foreach(header IN LISTS R_SEES)
        mlc_link("${CMAKE_SOURCE_DIR}/${header}" "${CMAKE_BINARY_DIR}/see/${R_NAME}/${header}")
    endforeach()
    if(NOT sources)
        message(STATUS "room ${R_NAME}: no source file yet")
        return()
    endif()

    add_library(${target} STATIC ${sources} ${R_SOURCES})
    set_target_properties(${target} PROPERTIES ARCHIVE_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/rooms")
    target_include_directories(${target} PRIVATE "${CMAKE_BINARY_DIR}/see/${R_NAME}")
    target_compile_options(${target} PRIVATE ${MLC_WARNINGS})
    if(MLC_SANITIZE AND R_NAME MATCHES "^(base|ir|interp)$") # where tests with sanitizers spend their time
        target_compile_options(${target} PRIVATE -O2)
    endif()
    mlc_room_targets(deps ${R_DEPS})
    set(libs ${R_LIBS} m Threads::Threads)
    target_link_libraries(${target} PUBLIC ${deps} ${libs})
    set_target_properties(${target} PROPERTIES MLC_LIBS "${libs}")
endfunction()
