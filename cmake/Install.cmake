# Install.cmake - `cmake --install`: bin, lib, include/mlc, a pkg-config file and a CMake package for each library.

set(public_headers runtime/mlcrt.h runtime/mlcrt_files.h runtime/mlcrt_status.h runtime/status.def runtime/api.h runtime/alloc.h
    runtime/tensor.h runtime/abi.h runtime/math.def driver/mlc.h)

# The same headers in build/include, so that a program can be built against a build folder.
file(REMOVE_RECURSE "${CMAKE_BINARY_DIR}/include")
foreach(header IN LISTS public_headers)
    get_filename_component(name "${header}" NAME)
    if(EXISTS "${CMAKE_SOURCE_DIR}/${header}")
        mlc_link("${CMAKE_SOURCE_DIR}/${header}" "${CMAKE_BINARY_DIR}/include/${name}")
        install(FILES "${header}" DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}/mlc")
    endif()
endforeach()

set(libraries)
foreach(target IN ITEMS mlc_runtime mlcrt libmlc)
    if(TARGET ${target})
        target_include_directories(${target} INTERFACE "$<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}/mlc>")
        list(APPEND libraries ${target})
    endif()
endforeach()
if(libraries)
    install(TARGETS ${libraries} EXPORT mlc ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}" LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}")
    install(EXPORT mlc NAMESPACE mlc:: FILE mlcTargets.cmake DESTINATION "${CMAKE_INSTALL_LIBDIR}/cmake/mlc")
endif()
if(TARGET mlc)
    install(TARGETS mlc RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}")
endif()
if(TARGET mlc_llvm) # found beside libmlc; by the command, from bin
    install(TARGETS mlc_llvm LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}")
endif()
if(TARGET mlc-codegen)
    install(TARGETS mlc-codegen RUNTIME DESTINATION "${CMAKE_INSTALL_LIBDIR}")
endif()

include(CMakePackageConfigHelpers)
file(CONFIGURE OUTPUT "${CMAKE_BINARY_DIR}/gen/mlcConfig.cmake" @ONLY CONTENT [[
include(CMakeFindDependencyMacro)
set(THREADS_PREFER_PTHREAD_FLAG ON)
find_dependency(Threads)
include("${CMAKE_CURRENT_LIST_DIR}/mlcTargets.cmake")
]])
write_basic_package_version_file("${CMAKE_BINARY_DIR}/gen/mlcConfigVersion.cmake" COMPATIBILITY SameMinorVersion)
install(FILES "${CMAKE_BINARY_DIR}/gen/mlcConfig.cmake" "${CMAKE_BINARY_DIR}/gen/mlcConfigVersion.cmake"
    DESTINATION "${CMAKE_INSTALL_LIBDIR}/cmake/mlc")

function(mlc_pkg_config name description private)
    file(CONFIGURE OUTPUT "${CMAKE_BINARY_DIR}/gen/${name}.pc" @ONLY CONTENT [[
prefix=${pcfiledir}/../@pc_up@
libdir=${prefix}/@CMAKE_INSTALL_LIBDIR@
includedir=${prefix}/@CMAKE_INSTALL_INCLUDEDIR@/mlc

Name: @name@
Description: @description@
Version: @PROJECT_VERSION@
Libs: -L${libdir} -l@name@
Libs.private: @private@
Cflags: -I${includedir}
]])
    install(FILES "${CMAKE_BINARY_DIR}/gen/${name}.pc" DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig")
endfunction()
file(RELATIVE_PATH pc_up "${CMAKE_INSTALL_FULL_LIBDIR}" "${CMAKE_INSTALL_PREFIX}")
mlc_pkg_config(mlcrt "Runtime of compiled mlc models" "-lm -pthread")
mlc_pkg_config(mlc "Compiler for model graphs, as a library" "-lffi -lm -ldl -pthread")
