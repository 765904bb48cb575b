// What the begin of an H.264 slice says of its picture (ITU-T H.264, 7.3.3).
#pragma once

#include "h264_sps.h"

namespace fp::av {

struct H264Slice {
  bool begins_picture;  ///< first_mb_in_slice is 0
  bool idr;
  bool reference;         ///< others may refer to the picture
  bool field;             ///< field_pic_flag
  bool bottom;            ///< bottom_field_flag
  uint32_t frame_number;  ///< frame_num
  uint32_t order;         ///< pic_order_cnt_lsb, where the sequence's kind is 0
};

/// Of a unit of type 1, 2 or 5, with its one-byte header. False when it ends early.
bool read_h264_slice(Span unit, const H264Sps& sequence, H264Slice& slice);

}  // namespace fp::av
