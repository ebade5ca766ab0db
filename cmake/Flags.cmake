# Flags.cmake - how every file is compiled, and where what is built goes.

set(CMAKE_C_STANDARD 11)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS ON)
set(CMAKE_C_VISIBILITY_PRESET hidden)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}")
set(CMAKE_LIBRARY_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}")
set(CMAKE_ARCHIVE_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}")

# Programs and libraries find one another in the build folder and, installed, in bin and lib, wherever these are moved to.
set(CMAKE_BUILD_RPATH_USE_ORIGIN ON)
file(RELATIVE_PATH bin_to_lib "${CMAKE_INSTALL_FULL_BINDIR}" "${CMAKE_INSTALL_FULL_LIBDIR}")
set(CMAKE_INSTALL_RPATH "$ORIGIN;$ORIGIN/${bin_to_lib}")

set(THREADS_PREFER_PTHREAD_FLAG ON)
find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)

# A product is rounded once or twice by what the code says, never by what the compiler of this compiler finds faster.
add_compile_options(-ffp-contract=off -ffunction-sections -fdata-sections)

find_program(MLC_GOLD ld.gold) # for what is not shipped: links in half of the time
if(NOT MLC_SANITIZE)
    add_link_options(-Wl,--gc-sections)
else() # programs of some 50 MB
    if(MLC_GOLD)
        add_link_options(-fuse-ld=gold)
    endif()
    set(MLC_SANITIZE_FLAGS -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
    add_compile_options(${MLC_SANITIZE_FLAGS})
    add_link_options(${MLC_SANITIZE_FLAGS})
endif()

if(MLC_FUZZ) # coverage for libFuzzer, which clang has
    add_compile_options(-fsanitize=fuzzer-no-link)
    add_link_options(-fsanitize=fuzzer-no-link)
endif()

set(MLC_WARNINGS -Wall -Wextra -Wshadow -Wconversion -Wno-sign-conversion -Wstrict-prototypes)
if(MLC_WERROR)
    list(APPEND MLC_WARNINGS -Werror)
endif()
