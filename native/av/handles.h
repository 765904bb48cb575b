// Owning handles for FFmpeg's objects. Nothing else in this layer allocates or frees one.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <vector>

#include "error.h"
#include "ffmpeg.h"
#include "span.h"

namespace fp::av {

template <typename T, void (*Free)(T**)>
struct FreeByAddress {
  void operator()(T* object) const { Free(&object); }
};

template <typename T, void (*Free)(T*)>
struct FreeByValue {
  void operator()(T* object) const { Free(object); }
};

using CodecContext = std::unique_ptr<AVCodecContext, FreeByAddress<AVCodecContext, avcodec_free_context>>;
using Frame = std::unique_ptr<AVFrame, FreeByAddress<AVFrame, av_frame_free>>;
using Packet = std::unique_ptr<AVPacket, FreeByAddress<AVPacket, av_packet_free>>;
using FormatContext = std::unique_ptr<AVFormatContext, FreeByAddress<AVFormatContext, avformat_close_input>>;
using ParserContext = std::unique_ptr<AVCodecParserContext, FreeByValue<AVCodecParserContext, av_parser_close>>;
using Resampler = std::unique_ptr<SwrContext, FreeByAddress<SwrContext, swr_free>>;
using Scaler = std::unique_ptr<SwsContext, FreeByValue<SwsContext, sws_freeContext>>;

/// What it holds, as long as it does.
inline Span span_of(const AVPacket& packet) { return {packet.data, static_cast<size_t>(packet.size)}; }

/// Throws E_LIMIT.
inline void put_before(AVPacket& packet, const std::vector<uint8_t>& bytes) {
  const int64_t size = static_cast<int64_t>(bytes.size()) + packet.size;
  const Packet longer(av_packet_alloc());
  if (!longer || size > INT32_MAX || av_new_packet(longer.get(), static_cast<int>(size)) < 0 ||
      av_packet_copy_props(longer.get(), &packet) < 0) {
    throw Error("E_LIMIT", "out of memory");
  }
  std::copy(bytes.begin(), bytes.end(), longer->data);
  std::copy_n(packet.data, packet.size, longer->data + bytes.size());
  av_packet_unref(&packet);
  av_packet_move_ref(&packet, longer.get());
}

/// A dictionary of options; whatever the callee leaves in it is freed here.
class Dictionary {
 public:
  Dictionary() = default;
  Dictionary(const Dictionary&) = delete;
  Dictionary& operator=(const Dictionary&) = delete;
  ~Dictionary() { av_dict_free(&dict_); }
  void set(const char* key, const char* value) { av_dict_set(&dict_, key, value, 0); }
  void set(const char* key, int64_t value) { av_dict_set_int(&dict_, key, value, 0); }
  AVDictionary** address() { return &dict_; }

 private:
  AVDictionary* dict_ = nullptr;
};

}  // namespace fp::av
