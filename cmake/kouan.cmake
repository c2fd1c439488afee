# SPDX-License-Identifier: Apache-2.0
# Flags, dependencies and the two verbs every folder uses: kn_library and kn_unit_test.
set(CMAKE_C_STANDARD 17)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS ON) # _GNU_SOURCE parts of POSIX; the language itself stays C17
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
if(NOT CMAKE_BUILD_TYPE)
    set(CMAKE_BUILD_TYPE RelWithDebInfo)
endif()
set(CMAKE_C_FLAGS_RELWITHDEBINFO "-O2 -g")

add_compile_options(-Wall -Wextra -Wpedantic -Wshadow -Wvla -Wconversion -Wstrict-prototypes
    -Wmissing-prototypes -Wformat=2 -Werror -fno-omit-frame-pointer -fstack-protector-strong)
# Assertions are contracts here; they stay in every build.
add_compile_definitions(_GNU_SOURCE GLIB_VERSION_MIN_REQUIRED=GLIB_VERSION_2_74
    GLIB_VERSION_MAX_ALLOWED=GLIB_VERSION_2_74)
include_directories(${CMAKE_SOURCE_DIR}/engine/include ${CMAKE_SOURCE_DIR}/engine)

if(KOUAN_SANITIZE STREQUAL "address")
    add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=all)
    add_link_options(-fsanitize=address,undefined)
elseif(KOUAN_SANITIZE STREQUAL "thread")
    add_compile_options(-fsanitize=thread)
    add_link_options(-fsanitize=thread)
else()
    add_compile_definitions($<$<NOT:$<CONFIG:Debug>>:_FORTIFY_SOURCE=2>)
endif()
if(KOUAN_FAULTS)
    add_compile_definitions(KOUAN_FAULTS=1)
endif()

find_package(PkgConfig REQUIRED)
pkg_check_modules(GLIB REQUIRED IMPORTED_TARGET glib-2.0>=2.74)
pkg_check_modules(GMODULE REQUIRED IMPORTED_TARGET gmodule-no-export-2.0) # not gmodule-2.0: it exports every symbol
pkg_check_modules(JANSSON REQUIRED IMPORTED_TARGET jansson)
pkg_check_modules(LIBXML REQUIRED IMPORTED_TARGET libxml-2.0)
pkg_check_modules(XMLSEC REQUIRED IMPORTED_TARGET xmlsec1-openssl>=1.2.37)
pkg_check_modules(CRYPTO REQUIRED IMPORTED_TARGET libcrypto>=3.0)
pkg_check_modules(LIBPQ REQUIRED IMPORTED_TARGET libpq)
pkg_check_modules(RDKAFKA REQUIRED IMPORTED_TARGET rdkafka)
pkg_check_modules(ZSTD REQUIRED IMPORTED_TARGET libzstd)
pkg_check_modules(MICROHTTPD REQUIRED IMPORTED_TARGET libmicrohttpd)
pkg_check_modules(CMOCKA REQUIRED IMPORTED_TARGET cmocka)
find_package(Threads REQUIRED)

# kn_library(kn_xml FILES open.c ... LINKS kn_base PkgConfig::LIBXML ...)
function(kn_library name)
    cmake_parse_arguments(A "" "" "FILES;LINKS" ${ARGN})
    add_library(${name} STATIC ${A_FILES})
    set_target_properties(${name} PROPERTIES POSITION_INDEPENDENT_CODE ON)
    target_link_libraries(${name} PUBLIC PkgConfig::GLIB PkgConfig::JANSSON ${A_LINKS})
endfunction()

# kn_unit_test(test_shape FILES test_shape.c LINKS kn_xml [ARGS ...] [LABEL unit]): one cmocka program
function(kn_unit_test name)
    cmake_parse_arguments(A "" "LABEL;TIMEOUT" "FILES;LINKS;ARGS" ${ARGN})
    add_executable(${name} ${A_FILES})
    target_link_libraries(${name} PRIVATE ${A_LINKS} PkgConfig::CMOCKA)
    add_test(NAME ${name} COMMAND ${name} ${A_ARGS} WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
    if(NOT A_LABEL)
        set(A_LABEL unit)
    endif()
    if(NOT A_TIMEOUT)
        set(A_TIMEOUT 300)
    endif()
    set_tests_properties(${name} PROPERTIES LABELS ${A_LABEL} TIMEOUT ${A_TIMEOUT})
endfunction()
