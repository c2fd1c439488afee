# SPDX-License-Identifier: Apache-2.0
# cmake --install BUILD --component handler-dev: what somebody needs who writes a handler elsewhere.
# The public headers, kouan.pc, a CMake package, the runner of case files.
file(STRINGS ${CMAKE_SOURCE_DIR}/engine/include/kouan/error.def codes REGEX "^KN_E\\(")
file(STRINGS ${CMAKE_SOURCE_DIR}/engine/include/kouan/handler.h line REGEX "define KN_HANDLER_ABI")
string(REGEX MATCH "[0-9]+" base "${line}")
list(LENGTH codes count)
math(EXPR KOUAN_ABI "${base} + ${count}")
configure_file(cmake/kouan.pc.in ${CMAKE_BINARY_DIR}/kouan.pc @ONLY)
configure_file(cmake/kouanConfig.cmake.in ${CMAKE_BINARY_DIR}/kouanConfig.cmake @ONLY)
# Paths are fixed: kouan.pc and the package find the prefix from their own place.
install(FILES ${KOUAN_PUBLIC_HEADERS} DESTINATION include/kouan COMPONENT handler-dev)
install(FILES ${CMAKE_BINARY_DIR}/kouan.pc DESTINATION lib/pkgconfig COMPONENT handler-dev)
install(FILES ${CMAKE_BINARY_DIR}/kouanConfig.cmake DESTINATION lib/cmake/kouan COMPONENT handler-dev)
