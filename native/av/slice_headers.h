// What the begin of a slice says of its picture (ITU-T H.264, 7.3.3 and H.265, 7.3.6.1). Units come with their headers.
#pragma once

#include "bit_reader.h"
#include "h264_sps.h"
#include "span.h"

namespace fp::av {

struct H264Slice {
  bool begins_picture;  ///< first_mb_in_slice is 0
  uint32_t kind;        ///< slice_type, 0 to 4
  uint32_t pictures;    ///< pic_parameter_set_id
  bool idr;
  bool reference;         ///< others may refer to the picture
  bool field;             ///< field_pic_flag
  bool bottom;            ///< bottom_field_flag
  uint32_t frame_number;  ///< frame_num
  uint32_t order;         ///< pic_order_cnt_lsb, where the sequence's kind is 0
};

/// Of a unit of type 1, 2 or 5. False when it ends early.
bool read_h264_slice(Span unit, const H264Sps& sequence, H264Slice& slice);
/// The same; `bits` stands behind what was read.
bool read_h264_slice(Span unit, const H264Sps& sequence, H264Slice& slice, BitReader& bits);
/// It needs no other picture: what can be told of such a unit without its sequence.
bool is_h264_intra(Span unit);
/// nal_ref_idc: others may refer to the picture.
inline bool is_h264_reference(Span unit) { return (unit.data[0] & 0x60) != 0; }

/// What HEVC's headers say of how a slice tells its picture's place in the order of output.
struct HevcOrder {
  uint32_t order_bits;  ///< of slice_pic_order_cnt_lsb
  bool separate_planes;
  uint32_t extra_bits;  ///< num_extra_slice_header_bits
  bool states_output;   ///< output_flag_present_flag
};

struct HevcSlice {
  bool drops_former;  ///< no_output_of_prior_pics_flag
  bool shown;         ///< pic_output_flag
  uint32_t order;     ///< slice_pic_order_cnt_lsb
};

/// Of a picture's first unit. False when it ends early.
bool read_hevc_slice(Span unit, int type, const HevcOrder& headers, HevcSlice& slice);

}  // namespace fp::av
