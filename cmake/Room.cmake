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
#   LIBS lib ...             libraries from outside

function(mlc_link from to)
    get_filename_component(folder "${to}" DIRECTORY)
    file(MAKE_DIRECTORY "${folder}")
    file(CREATE_LINK "${from}" "${to}" SYMBOLIC)
endfunction()

# Fills build/see/<view> with the rooms that follow.
function(mlc_view view)
    foreach(room IN LISTS ARGN)
        mlc_link("${CMAKE_SOURCE_DIR}/${room}" "${CMAKE_BINARY_DIR}/see/${view}/${room}")
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
    cmake_parse_arguments(R "" "NAME;LEAVE_OUT" "DEPS;SEES;SOURCES;LIBS" ${ARGN})
    file(GLOB sources CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/${R_NAME}/*.c")
    if(R_LEAVE_OUT)
        list(FILTER sources EXCLUDE REGEX "${R_LEAVE_OUT}")
    endif()
    file(REMOVE_RECURSE "${CMAKE_BINARY_DIR}/see/${R_NAME}")
    mlc_view(${R_NAME} ${R_NAME} ${R_DEPS})
    foreach(header IN LISTS R_SEES)
        mlc_link("${CMAKE_SOURCE_DIR}/${header}" "${CMAKE_BINARY_DIR}/see/${R_NAME}/${header}")
    endforeach()
    if(NOT sources)
        message(STATUS "room ${R_NAME}: no source file yet")
        return()
    endif()

    add_library(mlc_${R_NAME} STATIC ${sources} ${R_SOURCES})
    set_target_properties(mlc_${R_NAME} PROPERTIES ARCHIVE_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/rooms")
    target_include_directories(mlc_${R_NAME} PRIVATE "${CMAKE_BINARY_DIR}/see/${R_NAME}")
    target_compile_options(mlc_${R_NAME} PRIVATE ${MLC_WARNINGS})
    mlc_room_targets(deps ${R_DEPS})
    set(libs ${R_LIBS} m Threads::Threads)
    target_link_libraries(mlc_${R_NAME} PUBLIC ${deps} ${libs})
    set_target_properties(mlc_${R_NAME} PROPERTIES MLC_LIBS "${libs}")
endfunction()
