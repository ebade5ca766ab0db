# LLVM.cmake - the C API of LLVM 19 as target llvm_c: its shared library, which tests link. Found by llvm-config-19 or where Debian keeps it.
#
# libmlc-llvm.so takes what it needs of LLVM's archives instead, as llvm_archives: the shared library holds all targets, and to load and
# start it takes 9 of the 24 ms of a command that compiles one operator. -DMLC_LLVM_ARCHIVES=OFF links the shared one there, too.
find_program(LLVM_CONFIG NAMES llvm-config-19 PATHS /usr/lib/llvm-19/bin)
if(LLVM_CONFIG)
    execute_process(COMMAND ${LLVM_CONFIG} --includedir OUTPUT_VARIABLE llvm_include OUTPUT_STRIP_TRAILING_WHITESPACE)
    execute_process(COMMAND ${LLVM_CONFIG} --libdir OUTPUT_VARIABLE llvm_lib OUTPUT_STRIP_TRAILING_WHITESPACE)
    execute_process(COMMAND ${LLVM_CONFIG} --link-static --libfiles x86codegen OUTPUT_VARIABLE llvm_archives ERROR_QUIET
        OUTPUT_STRIP_TRAILING_WHITESPACE)
    separate_arguments(llvm_archives)
endif()
find_path(LLVM_C_INCLUDE llvm-c/Core.h HINTS ${llvm_include} /usr/lib/llvm-19/include)
find_library(LLVM_C_LIBRARY NAMES LLVM-19 HINTS ${llvm_lib} /usr/lib/llvm-19/lib)
if(NOT LLVM_C_INCLUDE OR NOT LLVM_C_LIBRARY)
    message(FATAL_ERROR "LLVM 19 was not found (Debian: llvm-19-dev). -DMLC_BACKEND=OFF builds the rest without it.")
endif()
add_library(llvm_c INTERFACE)
target_include_directories(llvm_c SYSTEM INTERFACE "${LLVM_C_INCLUDE}")
target_link_libraries(llvm_c INTERFACE "${LLVM_C_LIBRARY}")

# What the archives use besides: compression of sections. A package for running programs has the second names only.
find_library(LLVM_ZLIB NAMES z libz.so.1)
find_library(LLVM_ZSTD NAMES zstd libzstd.so.1)
foreach(archive IN LISTS llvm_archives)
    if(NOT EXISTS "${archive}")
        set(llvm_archives)
        break()
    endif()
endforeach()
if(MLC_LLVM_ARCHIVES AND NOT MLC_SANITIZE AND NOT MLC_FUZZ AND llvm_archives AND LLVM_ZLIB AND LLVM_ZSTD)
    add_library(llvm_archives INTERFACE)
    target_link_libraries(llvm_archives INTERFACE ${llvm_archives} "${LLVM_ZLIB}" "${LLVM_ZSTD}" stdc++ ${CMAKE_DL_LIBS})
endif()
