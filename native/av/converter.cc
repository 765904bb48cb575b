#include "converter.h"

#include <algorithm>
#include <cstring>
#include <string>

#include "pixel_kernels.h"

namespace fp::av {

namespace {

int channels_of(PixelFormat format) {
  switch (format) {
    case PixelFormat::kRgba:
      return 4;
    case PixelFormat::kGray8:
      return 1;
    default:
      return 3;
  }
}

AVPixelFormat packed_format(PixelFormat format, bool deep) {
  switch (format) {
    case PixelFormat::kRgba:
      return deep ? AV_PIX_FMT_RGBA64 : AV_PIX_FMT_RGBA;
    case PixelFormat::kGray8:
      return deep ? AV_PIX_FMT_GRAY16 : AV_PIX_FMT_GRAY8;
    default:
      return deep ? AV_PIX_FMT_RGB48 : AV_PIX_FMT_RGB24;
  }
}

bool full_range(const AVFrame& frame) {
  switch (frame.format) {
    case AV_PIX_FMT_YUVJ420P:
    case AV_PIX_FMT_YUVJ422P:
    case AV_PIX_FMT_YUVJ444P:
    case AV_PIX_FMT_YUVJ440P:
    case AV_PIX_FMT_YUVJ411P:
      return true;
    default:
      return frame.color_range == AVCOL_RANGE_JPEG;
  }
}

/// swscale's vector code writes whole groups of pixels: rows of other widths need padding behind them.
bool writes_whole_rows(int width) { return width % 32 == 0; }

}  // namespace

std::vector<PlaneLayout> native_planes(AVPixelFormat format, int width, int height) {
  const AVPixFmtDescriptor* descriptor = av_pix_fmt_desc_get(format);
  if (descriptor == nullptr || (descriptor->flags & AV_PIX_FMT_FLAG_HWACCEL) != 0) {
    throw Error("E_UNSUPPORTED_CODEC", "its pixel format does not live in memory");
  }
  std::vector<PlaneLayout> planes;
  int64_t offset = 0;
  const int count = av_pix_fmt_count_planes(format);
  for (int i = 0; i < count; i++) {
    const int stride = av_image_get_linesize(format, width, i);
    check(stride, "E_LIMIT", "lay out the planes");
    const bool chroma = (i == 1 || i == 2) && (descriptor->flags & AV_PIX_FMT_FLAG_RGB) == 0;
    const int shift_w = chroma ? descriptor->log2_chroma_w : 0;
    const int shift_h = chroma ? descriptor->log2_chroma_h : 0;
    const int rows = -((-height) >> shift_h);
    planes.push_back({offset, stride, -((-width) >> shift_w), rows});
    offset += static_cast<int64_t>(stride) * rows;
  }
  if ((descriptor->flags & AV_PIX_FMT_FLAG_PAL) != 0) planes.push_back({offset, 1024, 256, 1});
  return planes;
}

FrameSizeError::FrameSizeError(const AVFrame& frame)
    : Error("E_FRAME_SIZE", "the frame is " + std::to_string(frame.width) + "x" + std::to_string(frame.height) + " " +
                                av_get_pix_fmt_name(static_cast<AVPixelFormat>(frame.format))),
      width(frame.width),
      height(frame.height),
      format(static_cast<AVPixelFormat>(frame.format)) {}

size_t native_bytes(AVPixelFormat format, int width, int height) {
  return static_cast<size_t>(check(av_image_get_buffer_size(format, width, height, 1), "E_LIMIT", "size a picture"));
}

bool Converter::Key::operator==(const Key& other) const {
  return width == other.width && height == other.height && format == other.format && color_space == other.color_space &&
         range == other.range && out_width == other.out_width && out_height == other.out_height &&
         out_format == other.out_format;
}

void Converter::prepare(const Key& key) {
  if (scaler_ && key == key_) return;
  scaler_.reset(sws_alloc_context());
  if (!scaler_) throw Error("E_LIMIT", "out of memory");
  SwsContext* context = scaler_.get();
  av_opt_set_int(context, "srcw", key.width, 0);
  av_opt_set_int(context, "srch", key.height, 0);
  av_opt_set_int(context, "src_format", key.format, 0);
  av_opt_set_int(context, "dstw", key.out_width, 0);
  av_opt_set_int(context, "dsth", key.out_height, 0);
  av_opt_set_int(context, "dst_format", key.out_format, 0);
  av_opt_set_int(context, "sws_flags", SWS_BICUBIC, 0);
  av_opt_set_int(context, "src_range", key.range, 0);
  // Where 4:2:0 chroma sits, as FFmpeg's scale filter says it.
  const AVPixFmtDescriptor* descriptor = av_pix_fmt_desc_get(static_cast<AVPixelFormat>(key.format));
  if (descriptor->log2_chroma_h == 1) av_opt_set_int(context, "src_v_chr_pos", 128, 0);
  const int result = sws_init_context(context, nullptr, nullptr);
  if (result < 0) scaler_.reset();
  check(result, "E_UNSUPPORTED_CODEC", std::string("convert from ") + descriptor->name);
  const int* coefficients = sws_getCoefficients(key.color_space);
  sws_setColorspaceDetails(context, coefficients, key.range, coefficients, 1, 0, 1 << 16, 1 << 16);
  key_ = key;
}

void Converter::scale(const AVFrame& frame, AVPixelFormat format, int width, int height, uint8_t* target, int stride) {
  prepare(
      {frame.width, frame.height, frame.format, frame.colorspace, full_range(frame) ? 1 : 0, width, height, format});
  uint8_t* planes[4] = {target, nullptr, nullptr, nullptr};
  const int strides[4] = {stride, 0, 0, 0};
  check(sws_scale(scaler_.get(), frame.data, frame.linesize, 0, frame.height, planes, strides), "E_DECODE",
        "convert the picture");
}

void Converter::convert(const AVFrame& frame, const OutputSpec& spec, uint8_t* target) {
  const auto format = static_cast<AVPixelFormat>(frame.format);
  if (spec.format == PixelFormat::kNative) {
    const size_t bytes = native_bytes(format, frame.width, frame.height);
    if (frame.width != spec.width || frame.height != spec.height || bytes != spec.frame_bytes) {
      throw FrameSizeError(frame);
    }
    check(av_image_copy_to_buffer(target, static_cast<int>(bytes), frame.data, frame.linesize, format, frame.width,
                                  frame.height, 1),
          "E_DECODE", "copy the picture");
    return;
  }
  const AVPixFmtDescriptor* descriptor = av_pix_fmt_desc_get(format);
  if (descriptor == nullptr || !sws_isSupportedInput(format)) {
    throw Error("E_UNSUPPORTED_CODEC", "its pixel format cannot be converted");
  }
  const bool to_float = spec.type == SampleType::kFloat32;
  const bool deep = to_float && descriptor->comp[0].depth > 8;
  const int channels = channels_of(spec.format);
  const int width = spec.orientation.transpose ? spec.height : spec.width;
  const int height = spec.orientation.transpose ? spec.width : spec.height;
  const bool planar = spec.layout == Layout::kNchw && channels > 1;
  const AVPixelFormat packed = packed_format(spec.format, deep);
  if (!to_float && !planar && spec.orientation.identity() && writes_whole_rows(width)) {
    scale(frame, packed, width, height, target, width * channels);
    return;
  }
  const int row = width * channels * (deep ? 2 : 1);
  const int stride = (row + 127) / 64 * 64;
  scratch_.resize(static_cast<size_t>(stride) * static_cast<size_t>(height) + 64);
  scale(frame, packed, width, height, scratch_.data(), stride);
  if (!to_float && !planar && spec.orientation.identity()) {
    for (int y = 0; y < height; y++) {
      std::memcpy(target + static_cast<size_t>(row) * static_cast<size_t>(y),
                  scratch_.data() + static_cast<size_t>(stride) * static_cast<size_t>(y), static_cast<size_t>(row));
    }
    return;
  }
  write_pixels({scratch_.data(), width, height, stride, channels, deep}, spec.orientation, to_float, planar, target);
}

}  // namespace fp::av
