#include "codec_list.h"

#include "error.h"

namespace fp::av {

namespace {

bool has(const std::string& codecs, AVCodecID codec) {
  return codecs.empty() || av_match_list(avcodec_get_name(codec), codecs.c_str(), ',') > 0;
}

std::string find_decoder_names(const std::string& codecs) {
  std::string names;
  void* place = nullptr;
  while (const AVCodec* codec = av_codec_iterate(&place)) {
    if (av_codec_is_decoder(codec) == 0 || !has(codecs, codec->id)) continue;
    names += names.empty() ? "" : ",";
    names += codec->name;
  }
  // An empty list would allow all.
  return names.empty() ? "none" : names;
}

}  // namespace

const AVCodec& decoder_for(AVCodecID codec, const Limits& limits) {
  const std::string name = avcodec_get_name(codec);
  const AVCodec* decoder = avcodec_find_decoder(codec);
  if (decoder == nullptr) throw Error("E_UNSUPPORTED_CODEC", "this FFmpeg has no decoder for " + name);
  if (has(limits.codecs, codec)) return *decoder;
  throw Error("E_UNSUPPORTED_CODEC",
              "its codec " + name + " is not decoded unless asked for, since hardly anybody means to: open it with " +
                  "codecs: [\"" + name + "\"] where you trust the file");
}

const std::string& decoder_names(const Limits& limits) {
  static const std::string all;
  if (limits.codecs.empty()) return all;
  // There is a list for all files of a program, or one for those with a codec more: made again when it changes.
  thread_local std::string codecs;
  thread_local std::string names;
  if (codecs != limits.codecs) {
    names = find_decoder_names(limits.codecs);
    codecs = limits.codecs;
  }
  return names;
}

}  // namespace fp::av
