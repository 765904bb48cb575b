// One exception type for the whole layer; it never leaves a C callback.
#pragma once

#include <stdexcept>
#include <string>
#include <vector>

namespace fp::av {

/// `code` is one of the library's public codes (src/errors.ts) or `kCancelled`.
class Error : public std::runtime_error {
 public:
  Error(const char* code, const std::string& message, int averror = 0)
      : std::runtime_error(message), code(code), averror(averror) {}
  const char* code;
  int averror;
  std::vector<std::string> log;  ///< FFmpeg's last messages, where the reader that kept them did not survive
};

inline constexpr const char* kCancelled = "CANCELLED";

/// FFmpeg's text for an error number.
std::string describe(int averror);

/// Throws `Error(code, "<operation>: <FFmpeg's text>")` when `result` is negative; AVERROR_EXIT always means
/// cancelled. Returns `result`.
int check(int result, const char* code, const std::string& operation);

}  // namespace fp::av
