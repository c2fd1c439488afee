# SPDX-License-Identifier: Apache-2.0
# What programs show to modules: the functions declared in <kouan/...>, and nothing else.
# kn_exports(target): the linker keeps and exports exactly these, also those the program itself never calls.
set(public ${CMAKE_SOURCE_DIR}/engine/include/kouan)
file(GLOB headers CONFIGURE_DEPENDS ${public}/*.h)
list(FILTER headers EXCLUDE REGEX "/registry\\.h$") # for the engine, not for handlers
set(KOUAN_PUBLIC_HEADERS ${headers} ${public}/error.def)
set(names "")
foreach(header IN LISTS headers)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${header})
    file(READ ${header} text)
    string(REGEX REPLACE "/\\*([^*]|\\*+[^/*])*\\*+/" " " text "${text}")
    string(REGEX REPLACE "#[^\n]*(\\\\\n[^\n]*)*" "" text "${text}")
    string(REGEX MATCHALL "kn_[a-z0-9_]+\\(" found "${text}")
    list(APPEND names ${found})
endforeach()
list(TRANSFORM names REPLACE "\\($" "")
list(REMOVE_DUPLICATES names)
list(SORT names)
list(JOIN names " " externs)
list(JOIN names ";\n" rows)
file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/kouan.exports CONTENT "{\n${rows};\n};\n" @ONLY)
file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/kouan.ld CONTENT "EXTERN(${externs})\n" @ONLY)

function(kn_exports target)
    target_link_options(${target} PRIVATE -Wl,--dynamic-list=${CMAKE_BINARY_DIR}/kouan.exports
        ${CMAKE_BINARY_DIR}/kouan.ld)
    set_target_properties(${target} PROPERTIES
        LINK_DEPENDS "${CMAKE_BINARY_DIR}/kouan.exports;${CMAKE_BINARY_DIR}/kouan.ld")
endfunction()
