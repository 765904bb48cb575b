#include "error.h"

#include "ffmpeg.h"

namespace fp::av {

std::string describe(int averror) {
  char text[AV_ERROR_MAX_STRING_SIZE] = {};
  av_strerror(averror, text, sizeof text);
  return text;
}

int check(int result, const char* code, const std::string& operation) {
  if (result >= 0) return result;
  if (result == AVERROR_EXIT) throw Error(kCancelled, "cancelled", result);
  throw Error(code, operation + ": " + describe(result), result);
}

}  // namespace fp::av
