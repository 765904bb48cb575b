// The checks' own assertions: they count, say what failed and where, and go on.
#pragma once

#include <cstdint>
#include <string>

#include "../../native/av/error.h"

namespace fp::test {

struct Tally {
  int64_t checks = 0;
  int64_t failures = 0;
  int64_t frames = 0;   ///< decoded and looked at
  int64_t copies = 0;   ///< damaged files opened
  int64_t refused = 0;  ///< what ended in an av::Error, as it may
};

inline Tally& tally() {
  static Tally instance;
  return instance;
}

/// What is being looked at; a failure, a crash or the watchdog names it.
void look_at(const std::string& subject);
const char* looking_at();

void verify(bool good, const char* file, int line, const std::string& text);

template <typename A, typename B>
void verify_equal(const A& actual, const B& expected, const char* file, int line, const char* text) {
  const bool good = actual == expected;
  std::string values;
  if (!good) values = ": " + std::to_string(actual) + ", not " + std::to_string(expected);
  verify(good, file, line, text + values);
}

/// `work` must throw an av::Error of this code.
template <typename Work>
void verify_error(const std::string& code, Work work, const char* file, int line) {
  try {
    work();
    verify(false, file, line, "no error, not " + code);
  } catch (const av::Error& error) {
    verify(error.code == code, file, line, std::string(error.code) + " (" + error.what() + "), not " + code);
  }
}

/// `work` may throw an av::Error: counted. Anything else is for main() to report.
template <typename Work>
bool tolerate(Work work) {
  try {
    work();
    return true;
  } catch (const av::Error&) {
    tally().refused++;
    return false;
  }
}

#define CHECK(good) ::fp::test::verify(static_cast<bool>(good), __FILE__, __LINE__, #good)
#define CHECK_EQUAL(actual, expected) ::fp::test::verify_equal(actual, expected, __FILE__, __LINE__, #actual)
#define CHECK_ERROR(code, expression) \
  ::fp::test::verify_error(           \
      code, [&] { expression; }, __FILE__, __LINE__)

// Units, each in a file of its name.
void check_bits();
void check_headers();
void check_io();
void check_log();
void check_index();
void check_order();
void check_kernels();
void check_pixels();
void check_conversion();

}  // namespace fp::test
