// Pictures as pixels, each in a row of memory that somebody else holds.
#pragma once

#include <cstdint>

#include "converter.h"
#include "frame_sink.h"

namespace fp::av {

/// What is skipped becomes zeros; what is not written is undefined. Throws E_INTERNAL for a row outside the output.
class RowSink : public FrameSink {
 public:
  struct Rows {
    const int32_t* rows;  ///< by target
    size_t count;
    uint8_t* output;
    size_t output_bytes;
  };

  RowSink(Converter& converter, OutputSpec spec, const Rows& rows);
  void put(const AVFrame& frame, const Orientation& orientation, size_t at, bool given_up) override;
  void repeat(size_t at) override;
  void skip(size_t at) override;

 private:
  uint8_t* row(size_t at) const;

  Converter& converter_;
  OutputSpec spec_;
  Rows rows_;
};

}  // namespace fp::av
