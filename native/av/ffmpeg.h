// The only file that includes FFmpeg's headers and the only one that knows its versions (4.4 to 9 intended).
#pragma once

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/avstring.h>
#include <libavutil/display.h>
#include <libavutil/imgutils.h>
#include <libavutil/opt.h>
#include <libavutil/pixdesc.h>
#include <libswscale/swscale.h>
}

#include <cstdint>

#if LIBAVCODEC_VERSION_MAJOR < 58 || LIBAVFORMAT_VERSION_MAJOR < 58
#error "framepool needs FFmpeg 4.4 or newer"
#endif

namespace fp::av {

#if LIBAVFORMAT_VERSION_MAJOR >= 59
using InputFormat = const AVInputFormat;
#else
using InputFormat = AVInputFormat;
#endif

inline bool is_key_frame(const AVFrame& frame) {
#if LIBAVUTIL_VERSION_INT >= AV_VERSION_INT(58, 7, 100)
  return (frame.flags & AV_FRAME_FLAG_KEY) != 0;
#else
  return frame.key_frame != 0;
#endif
}

/// In the stream's time base, 0 when unknown.
inline int64_t frame_duration(const AVFrame& frame) {
#if LIBAVUTIL_VERSION_INT >= AV_VERSION_INT(57, 30, 100)
  return frame.duration;
#else
  return frame.pkt_duration;
#endif
}

/// The palette (AVPALETTE_SIZE bytes) that came with a packet, or nullptr.
inline const uint8_t* palette_of(const AVPacket& packet) {
#if LIBAVCODEC_VERSION_MAJOR >= 59
  size_t size = 0;
#else
  int size = 0;
#endif
  const uint8_t* data = av_packet_get_side_data(&packet, AV_PKT_DATA_PALETTE, &size);
  return static_cast<size_t>(size) == AVPALETTE_SIZE ? data : nullptr;
}

/// The stream's display matrix (9 int32 of side data), or nullptr.
inline const int32_t* display_matrix(const AVStream& stream) {
#if LIBAVFORMAT_VERSION_INT >= AV_VERSION_INT(60, 15, 100)
  const AVCodecParameters& par = *stream.codecpar;
  const AVPacketSideData* side =
      av_packet_side_data_get(par.coded_side_data, par.nb_coded_side_data, AV_PKT_DATA_DISPLAYMATRIX);
  if (side == nullptr || side->size < 9 * sizeof(int32_t)) return nullptr;
  return reinterpret_cast<const int32_t*>(side->data);
#else
#if LIBAVFORMAT_VERSION_MAJOR >= 59
  size_t size = 0;
#else
  int size = 0;
#endif
  const uint8_t* data = av_stream_get_side_data(&stream, AV_PKT_DATA_DISPLAYMATRIX, &size);
  if (data == nullptr || static_cast<size_t>(size) < 9 * sizeof(int32_t)) return nullptr;
  return reinterpret_cast<const int32_t*>(data);
#endif
}

}  // namespace fp::av
