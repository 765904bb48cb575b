// What an H.264 sequence parameter set says of the pictures (ITU-T H.264, 7.3.2.1.1 and annex E).
#pragma once

#include <vector>

#include "ffmpeg.h"
#include "span.h"

namespace fp::av {

struct H264Sps {
  uint32_t frame_num_bits;
  uint32_t order_kind;   ///< pic_order_cnt_type
  uint32_t order_bits;   ///< of pic_order_cnt_lsb, where the kind is 0
  bool order_is_fixed;   ///< delta_pic_order_always_zero_flag, where the kind is 1
  uint32_t chroma_kind;  ///< chroma_format_idc
  bool separate_planes;  ///< separate_colour_plane_flag
  bool allows_gaps;      ///< gaps_in_frame_num_value_allowed_flag: pictures may be missing on purpose
  bool frames_only;      ///< frame_mbs_only_flag: no fields
  AVPixelFormat format;  ///< as FFmpeg's decoder chooses it, AV_PIX_FMT_NONE where that is not obvious
  int width;             ///< cropped
  int height;
  AVRational aspect;  ///< 0/1 when unspecified
  AVColorRange range;
  AVColorPrimaries primaries;
  AVColorTransferCharacteristic transfer;
  AVColorSpace space;
};

/// `unit` with its one-byte header. False when it ends early.
bool parse_h264_sps(Span unit, H264Sps& sps);

/// What a picture parameter set says of the slices that name it (7.3.2.2).
struct H264Pps {
  uint32_t id;
  bool orders_fields;      ///< bottom_field_pic_order_in_frame_present_flag
  uint32_t references[2];  ///< num_ref_idx_default_active of each list
  bool weighs;             ///< weighted_pred_flag
  bool weighs_between;     ///< weighted_bipred_idc: weights are sent for B slices
  bool has_redundant;      ///< redundant_pic_cnt_present_flag
};

/// The same. False also of one with slice groups, which libavcodec does not decode.
bool parse_h264_pps(Span unit, H264Pps& pps);

/// The units of the sequences in an H.264 stream's out-of-band header, whose bytes they stand in.
std::vector<Span> h264_sequences_of(const AVCodecParameters& parameters);

}  // namespace fp::av
