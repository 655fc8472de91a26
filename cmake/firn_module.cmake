# firn_module(NAME SOURCES ... LINKS ... [TESTS ...] [TEST_LINKS ...])
#
# One static library a folder of src/. LINKS names the modules above it and the third-party targets it may see, so that
# CMake states the module order too. Tests are one executable a module, run by ctest one test at a time.
# -Wdangling-else: EXPECT_ and ASSERT_ macros below an if. -Wrestrict: g++ 12 warns of std::string's own operator+ (GCC bug 105651). Missing initializers: ours have defaults in the struct.
add_library(firn_flags INTERFACE)
target_compile_options(firn_flags INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion -Wno-missing-field-initializers -Wno-restrict -Wno-maybe-uninitialized -Wno-dangling-else
                                            -Wnon-virtual-dtor -Woverloaded-virtual -Werror)
if(FIRN_SANITIZE)
  add_compile_options(-fsanitize=${FIRN_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${FIRN_SANITIZE})
  add_compile_definitions(FIRN_SANITIZED=1)
  # g++ 12 sees uninitialised members where the sanitizers keep it from inlining std::variant and std::expected.
  target_compile_options(firn_flags INTERFACE -Wno-maybe-uninitialized -Wno-dangling-else)
endif()

function(firn_module name)
  cmake_parse_arguments(arg "" "" "SOURCES;LINKS;TESTS;TEST_LINKS" ${ARGN})
  add_library(firn_${name} STATIC ${arg_SOURCES})
  target_include_directories(firn_${name} PUBLIC ${CMAKE_SOURCE_DIR}/src)
  target_link_libraries(firn_${name} PUBLIC ${arg_LINKS} PRIVATE firn_flags)
  if(FIRN_TESTS AND arg_TESTS)
    add_executable(${name}_test ${arg_TESTS})
    if(NOT FIRN_SANITIZE)
      target_compile_options(${name}_test PRIVATE -O0)  # compiled in two thirds of the time; what is tested is optimised
    endif()
    target_link_libraries(${name}_test PRIVATE firn_${name} ${arg_TEST_LINKS} firn_flags GTest::gmock GTest::gtest_main
                                               ${RAPIDCHECK_LIBRARY})
    add_test(NAME ${name} COMMAND ${name}_test --gtest_brief=1)
  endif()
endfunction()
