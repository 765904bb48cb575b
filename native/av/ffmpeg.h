// The only file that includes FFmpeg's headers and the only one that knows its versions (4.4 to 9 intended).
#pragma once

// Beside the system's own headers, our strict warnings would be theirs too.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wsign-conversion"
extern "C" {
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/avstring.h>
#include <libavutil/display.h>
#include <libavutil/dovi_meta.h>
#include <libavutil/imgutils.h>
#include <libavutil/intreadwrite.h>
#include <libavutil/mastering_display_metadata.h>
#include <libavutil/opt.h>
#include <libavutil/pixdesc.h>
#include <libswresample/swresample.h>
#include <libswscale/swscale.h>
}
#pragma GCC diagnostic pop

#include <cstdint>
#include <string>

#if LIBAVCODEC_VERSION_MAJOR < 58 || LIBAVFORMAT_VERSION_MAJOR < 58
#error "framepool needs FFmpeg 4.4 or newer"
#endif

namespace fp::av {

/// Of another one, packets may be cut otherwise, or have other times.
inline constexpr int kFormatVersion = LIBAVFORMAT_VERSION_MAJOR;

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

inline bool is_interlaced(const AVFrame& frame) {
#if LIBAVUTIL_VERSION_INT >= AV_VERSION_INT(58, 7, 100)
  return (frame.flags & AV_FRAME_FLAG_INTERLACED) != 0;
#else
  return frame.interlaced_frame != 0;
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

/// FFmpeg's threads call get_buffer2 themselves; before FFmpeg 6 they wait for the one that decodes, unless told so.
inline void allow_calls_from_threads(AVCodecContext& context) {
#if LIBAVCODEC_VERSION_MAJOR < 60
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
  context.thread_safe_callbacks = 1;
#pragma GCC diagnostic pop
#else
  static_cast<void>(context);
#endif
}

/// HEVC's decoder says (for debugging) of which pictures all slices were decoded to their end, and only of them; newer
/// ones say it of all.
#if LIBAVCODEC_VERSION_MAJOR < 61
inline constexpr const char* kHevcFinished = "Decoded frame with POC";
#else
inline constexpr const char* kHevcFinished = nullptr;
#endif

/// Which channels sound has, and in what order: AVChannelLayout, which FFmpeg 5.1 brought, or what was before it.
class ChannelLayout {
 public:
#if LIBAVUTIL_VERSION_INT >= AV_VERSION_INT(57, 28, 100)
  ChannelLayout() = default;
  explicit ChannelLayout(const AVFrame& frame) { av_channel_layout_copy(&layout_, &frame.ch_layout); }
  explicit ChannelLayout(const AVCodecParameters& par) { av_channel_layout_copy(&layout_, &par.ch_layout); }
  explicit ChannelLayout(int channels) { av_channel_layout_default(&layout_, channels); }
  ChannelLayout(const ChannelLayout& other) { av_channel_layout_copy(&layout_, &other.layout_); }
  ChannelLayout& operator=(const ChannelLayout& other) {
    if (this != &other) av_channel_layout_copy(&layout_, &other.layout_);
    return *this;
  }
  ~ChannelLayout() { av_channel_layout_uninit(&layout_); }
  int channels() const { return layout_.nb_channels; }
  /// False: only the number of channels is known.
  bool is_known() const { return layout_.order != AV_CHANNEL_ORDER_UNSPEC; }
  bool operator==(const ChannelLayout& other) const { return av_channel_layout_compare(&layout_, &other.layout_) == 0; }
  /// FFmpeg's: "stereo", "5.1(side)".
  std::string name() const {
    char text[128] = {};
    av_channel_layout_describe(&layout_, text, sizeof text);
    return text;
  }
  // Copies: not every version takes constant ones.
  friend SwrContext* make_resampler(ChannelLayout to, int to_rate, ChannelLayout from, AVSampleFormat format,
                                    int from_rate) {
    SwrContext* context = nullptr;
    swr_alloc_set_opts2(&context, &to.layout_, AV_SAMPLE_FMT_FLTP, to_rate, &from.layout_, format, from_rate, 0,
                        nullptr);
    return context;
  }

 private:
  AVChannelLayout layout_{};
#else
  ChannelLayout() = default;
  explicit ChannelLayout(const AVFrame& frame) : channels_(frame.channels), mask_(frame.channel_layout) {}
  explicit ChannelLayout(const AVCodecParameters& par) : channels_(par.channels), mask_(par.channel_layout) {}
  explicit ChannelLayout(int channels)
      : channels_(channels), mask_(static_cast<uint64_t>(av_get_default_channel_layout(channels))) {}
  int channels() const { return channels_; }
  bool is_known() const { return mask_ != 0; }
  bool operator==(const ChannelLayout& other) const { return channels_ == other.channels_ && mask_ == other.mask_; }
  std::string name() const {
    char text[128] = {};
    av_get_channel_layout_string(text, sizeof text, channels_, mask_);
    return text;
  }
  // Copies: not every version takes constant ones.
  friend SwrContext* make_resampler(ChannelLayout to, int to_rate, ChannelLayout from, AVSampleFormat format,
                                    int from_rate) {
    SwrContext* context = swr_alloc_set_opts(nullptr, static_cast<int64_t>(to.mask_), AV_SAMPLE_FMT_FLTP, to_rate,
                                             static_cast<int64_t>(from.mask_), format, from_rate, 0, nullptr);
    if (context == nullptr) return nullptr;
    // A layout that is not known is told by its number of channels.
    av_opt_set_int(context, "ich", from.channels_, 0);
    av_opt_set_int(context, "och", to.channels_, 0);
    return context;
  }

 private:
  int channels_ = 0;
  uint64_t mask_ = 0;
#endif
};

inline int channel_count(const AVCodecParameters& par) {
#if LIBAVUTIL_VERSION_INT >= AV_VERSION_INT(57, 28, 100)
  return par.ch_layout.nb_channels;
#else
  return par.channels;
#endif
}

/// Side data that came with a packet, or nullptr.
inline const uint8_t* side_data_of(const AVPacket& packet, AVPacketSideDataType type, size_t& size) {
#if LIBAVCODEC_VERSION_MAJOR >= 59
  return av_packet_get_side_data(&packet, type, &size);
#else
  int length = 0;
  const uint8_t* data = av_packet_get_side_data(&packet, type, &length);
  size = static_cast<size_t>(length);
  return data;
#endif
}

/// Room for side data of a packet, or nullptr. At most INT32_MAX bytes.
inline uint8_t* add_side_data(AVPacket& packet, AVPacketSideDataType type, size_t size) {
#if LIBAVCODEC_VERSION_MAJOR >= 59
  return av_packet_new_side_data(&packet, type, size);
#else
  return av_packet_new_side_data(&packet, type, static_cast<int>(size));
#endif
}

/// The palette (AVPALETTE_SIZE bytes) that came with a packet, or nullptr.
inline const uint8_t* palette_of(const AVPacket& packet) {
  size_t size = 0;
  const uint8_t* data = side_data_of(packet, AV_PKT_DATA_PALETTE, size);
  return size == AVPALETTE_SIZE ? data : nullptr;
}

/// Side data of the stream as a whole, or nullptr where there is none, or less than a T.
template <typename T>
const T* stream_side_data(const AVStream& stream, AVPacketSideDataType type, size_t count = 1) {
#if LIBAVFORMAT_VERSION_INT >= AV_VERSION_INT(60, 15, 100)
  const AVCodecParameters& par = *stream.codecpar;
  const AVPacketSideData* side = av_packet_side_data_get(par.coded_side_data, par.nb_coded_side_data, type);
  const uint8_t* data = side == nullptr ? nullptr : side->data;
  const size_t size = side == nullptr ? 0 : side->size;
#else
#if LIBAVFORMAT_VERSION_MAJOR >= 59
  size_t size = 0;
#else
  int size = 0;
#endif
  const uint8_t* data = av_stream_get_side_data(&stream, type, &size);
#endif
  if (data == nullptr || static_cast<size_t>(size) < count * sizeof(T)) return nullptr;
  return reinterpret_cast<const T*>(data);
}

/// The stream's display matrix (9 int32 of side data), or nullptr.
inline const int32_t* display_matrix(const AVStream& stream) {
  return stream_side_data<int32_t>(stream, AV_PKT_DATA_DISPLAYMATRIX, 9);
}

/// Pictures that belong to the file, such as an album's cover or those of chapters, and no film.
inline bool is_attached(const AVStream& stream) { return (stream.disposition & AV_DISPOSITION_ATTACHED_PIC) != 0; }

/// One such picture, without a time of its own.
inline bool is_cover(const AVStream& stream) {
  return is_attached(stream) && (stream.disposition & AV_DISPOSITION_TIMED_THUMBNAILS) == 0;
}

}  // namespace fp::av
