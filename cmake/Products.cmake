# Products.cmake - what ships, made of the rooms.
#
#   libmlcrt.a, libmlcrt.so   the runtime: what compiled models link
#   libmlc.so                 the compiler without code generation: all rooms but the backend
#   libmlc-llvm.so            code generation; the one file that links LLVM, opened when it is needed
#   mlc                       the command; it uses more of the rooms than libmlc exports, so it has them inside
#   mlc-codegen               the process in which code is generated

# A shared library of whole rooms that exports only what its pattern names. INSTEAD from to: what it links in place of a library of a room.
function(mlc_shared_library name)
    cmake_parse_arguments(S "" "OUTPUT" "ROOMS;EXPORTS;INSTEAD" ${ARGN})
    mlc_room_targets(rooms ${S_ROOMS})
    set(objects)
    set(libs)
    foreach(room IN LISTS rooms)
        list(APPEND objects "$<TARGET_OBJECTS:${room}>")
        get_target_property(outside ${room} MLC_LIBS)
        list(APPEND libs ${outside})
    endforeach()
    if(S_INSTEAD)
        list(GET S_INSTEAD 0 from)
        list(GET S_INSTEAD 1 to)
        list(TRANSFORM libs REPLACE "^${from}$" "${to}")
    endif()
    list(JOIN S_EXPORTS "; " exports)
    set(script "${CMAKE_BINARY_DIR}/gen/${name}.map")
    file(CONFIGURE OUTPUT "${script}" CONTENT "{ global: @exports@; local: *; };\n" @ONLY)
    add_library(${name} SHARED ${objects})
    target_link_libraries(${name} PRIVATE ${libs})
    target_link_options(${name} PRIVATE "LINKER:--version-script=${script}" $<$<NOT:$<BOOL:${MLC_SANITIZE}>>:LINKER:-z,defs>)
    set_target_properties(${name} PROPERTIES OUTPUT_NAME ${S_OUTPUT} LINK_DEPENDS "${script}" LINKER_LANGUAGE C)
endfunction()

if(TARGET mlc_runtime)
    set_target_properties(mlc_runtime PROPERTIES OUTPUT_NAME mlcrt EXPORT_NAME mlcrt_static
        ARCHIVE_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}")
    mlc_shared_library(mlcrt OUTPUT mlcrt ROOMS runtime EXPORTS "mlcrt_*")
    set_target_properties(mlcrt PROPERTIES VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR})
endif()

if(TARGET mlc_backend)
    if(TARGET llvm_archives)
        # Constructors run in the order of the link: first those of LLVM, which make its switches, then the one that sets them.
        target_link_libraries(llvm_archives INTERFACE "$<TARGET_FILE:mlc_backend_settings>")
        mlc_shared_library(mlc_llvm OUTPUT mlc-llvm ROOMS base ir backend_host backend EXPORTS "mlcbe_*" INSTEAD llvm_c llvm_archives)
        add_dependencies(mlc_llvm mlc_backend_settings)
        set_target_properties(mlc_llvm PROPERTIES BUILD_WITH_INSTALL_RPATH ON) # no path of LLVM
    else()
        mlc_shared_library(mlc_llvm OUTPUT mlc-llvm ROOMS base ir backend_host backend backend_settings EXPORTS "mlcbe_*")
    endif()
endif()

if(TARGET mlc_driver)
    mlc_shared_library(libmlc OUTPUT mlc ROOMS base ir frontend interp passes runtime backend_host driver EXPORTS "mlc_*" "mlcrt_*")
    set_target_properties(libmlc PROPERTIES VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR} EXPORT_NAME mlc)
endif()

file(GLOB main_sources CONFIGURE_DEPENDS driver/main*.c driver/cmd_*.c driver/repl*.c)
if(main_sources AND TARGET mlc_driver)
    pkg_check_modules(EDIT REQUIRED IMPORTED_TARGET libedit)
    add_executable(mlc ${main_sources})
    target_include_directories(mlc PRIVATE "${CMAKE_BINARY_DIR}/see/driver" "${CMAKE_SOURCE_DIR}/runtime")
    target_compile_options(mlc PRIVATE ${MLC_WARNINGS})
    target_link_libraries(mlc PRIVATE mlc_driver PkgConfig::EDIT)
endif()

if(EXISTS "${CMAKE_SOURCE_DIR}/driver/codegen_main.c" AND TARGET mlc_driver)
    add_executable(mlc-codegen driver/codegen_main.c)
    target_include_directories(mlc-codegen PRIVATE "${CMAKE_BINARY_DIR}/see/driver" "${CMAKE_SOURCE_DIR}/runtime")
    target_compile_options(mlc-codegen PRIVATE ${MLC_WARNINGS})
    target_link_libraries(mlc-codegen PRIVATE mlc_driver) # of the archive, the files it needs
endif()
