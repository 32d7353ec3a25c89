# rockwatch_embed(target function FILES a.json b.json ...)
#
# Puts files into `target`, as they are, and gives it
#
#     namespace rockwatch { std::span<const EmbeddedFile> function(); }
#
# with one core/embedded.hpp row a file, in the given order. Declare it where it is used. The bytes come in through
# the assembler's .incbin: the compiler never reads them, so megabytes cost nothing, and a changed file is built anew.
function(rockwatch_embed target function)
  cmake_parse_arguments(embed "" "" "FILES" ${ARGN})
  set(generated ${CMAKE_CURRENT_BINARY_DIR}/${target}_${function}.cpp)
  set(symbols "")
  set(rows "")
  set(paths "")
  set(index 0)
  foreach(file ${embed_FILES})
    cmake_path(ABSOLUTE_PATH file BASE_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR} NORMALIZE OUTPUT_VARIABLE path)
    cmake_path(GET path FILENAME name)
    set(symbol rockwatch_${function}_${index})
    string(APPEND symbols "asm(R\"(.pushsection .rodata
.balign 16
.global ${symbol}
.global ${symbol}_end
${symbol}:
.incbin \"${path}\"
${symbol}_end:
.byte 0
.popsection)\");
extern \"C\" const char ${symbol}[];
extern \"C\" const char ${symbol}_end[];
")
    string(APPEND rows "        {\"${name}\", {${symbol}, std::size_t(${symbol}_end - ${symbol})}},\n")
    list(APPEND paths ${path})
    math(EXPR index "${index} + 1")
  endforeach()
  file(CONFIGURE OUTPUT ${generated} @ONLY CONTENT "// Made by emulator/embed.cmake.
#include <span>

#include \"core/embedded.hpp\"

${symbols}
namespace rockwatch {

std::span<const EmbeddedFile> ${function}();

std::span<const EmbeddedFile> ${function}() {
    static const EmbeddedFile files[] = {
${rows}    };
    return files;
}

}  // namespace rockwatch
")
  set_source_files_properties(${generated} PROPERTIES OBJECT_DEPENDS "${paths}")
  target_sources(${target} PRIVATE ${generated})
endfunction()
