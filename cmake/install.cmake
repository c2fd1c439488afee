# SPDX-License-Identifier: Apache-2.0
# cmake --install BUILD [--prefix P] [--component kouan]: the two programs, and what they and their readers look
# for.  Nothing an operator changes is ever overwritten: configuration comes as samples, code lists as data.
include(GNUInstallDirs)
set(etc ${CMAKE_INSTALL_SYSCONFDIR}/kouan)
set(data ${CMAKE_INSTALL_DATADIR}/kouan)

# The sample beside whose copy the data folders lie elsewhere than in this tree.
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/config/kouan.ini)
file(READ ${CMAKE_SOURCE_DIR}/config/kouan.ini sample)
file(RELATIVE_PATH there ${CMAKE_INSTALL_FULL_SYSCONFDIR}/kouan ${CMAKE_INSTALL_FULL_DATADIR}/kouan)
foreach(line IN ITEMS "codes = codes|codes" "schemas = ../schemas/xsd|schemas/xsd" "sql = ../schemas/sql|schemas/sql")
    string(REPLACE "|" ";" pair "${line}")
    list(GET pair 0 old)
    list(GET pair 1 folder)
    string(REGEX MATCH "^[a-z]+" key "${old}")
    string(FIND "${sample}" "\n${old}\n" at)
    if(at EQUAL -1)
        message(FATAL_ERROR "config/kouan.ini has no line “${old}”; cmake/install.cmake wants to change it")
    endif()
    string(REPLACE "\n${old}\n" "\n${key} = ${there}/${folder}\n" sample "${sample}")
endforeach()
file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/printed/kouan.ini.sample CONTENT "${sample}" @ONLY)

set(here COMPONENT kouan)
install(TARGETS kouan RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} ${here})
install(TARGETS kouand RUNTIME DESTINATION ${CMAKE_INSTALL_SBINDIR} ${here})
foreach(page IN ITEMS kouan.1 kouan.ini.5 kouan-partner.5 kouan-errors.7 kouand.8)
    string(REGEX MATCH "[0-9]$" section ${page})
    install(FILES ${CMAKE_BINARY_DIR}/printed/${page} DESTINATION ${CMAKE_INSTALL_MANDIR}/man${section} ${here})
endforeach()
install(FILES ${CMAKE_BINARY_DIR}/printed/kouan.bash RENAME kouan
    DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions ${here})
install(DIRECTORY schemas/xsd schemas/sql DESTINATION ${data}/schemas ${here}
    FILES_MATCHING PATTERN "*.xsd" PATTERN "*.sql")
install(DIRECTORY config/codes DESTINATION ${data} ${here} FILES_MATCHING PATTERN "*.csv")
install(FILES ${CMAKE_BINARY_DIR}/printed/kouan.ini.sample DESTINATION ${etc} ${here})
install(DIRECTORY config/partners DESTINATION ${etc} ${here} FILES_MATCHING PATTERN "*.ini.sample")
install(FILES README.md LICENSE SECURITY.md config/OPTIONS.md config/ERRORS.md config/METRICS.md
    config/grafana/kouan.json DESTINATION ${CMAKE_INSTALL_DOCDIR} ${here})
install(FILES docs/DESIGN.md docs/EXACTLY_ONCE.md docs/XML_SECURITY.md DESTINATION ${CMAKE_INSTALL_DOCDIR}/docs ${here})
