#include "rescaler.h"

#include <cstdlib>
#include <iterator>
#include <string>

#include "heap.h"

namespace fp::av {

namespace {

/// Luma without chroma, of integers: as swscale counts them, without its monochrome formats of a bit.
bool is_grey(int format) {
  const AVPixFmtDescriptor* descriptor = av_pix_fmt_desc_get(static_cast<AVPixelFormat>(format));
  constexpr uint64_t kOther = AV_PIX_FMT_FLAG_PAL | AV_PIX_FMT_FLAG_BITSTREAM | AV_PIX_FMT_FLAG_FLOAT |
                              AV_PIX_FMT_FLAG_BAYER | AV_PIX_FMT_FLAG_HWACCEL;
  return descriptor != nullptr && descriptor->nb_components <= 2 && (descriptor->flags & kOther) == 0;
}

/// What says nothing of its range has all of it where it is grey, as in FFmpeg: pictures of JPEG 2000 or JPEG-LS.
bool full_range(const AVFrame& frame) {
  switch (frame.format) {
    case AV_PIX_FMT_YUVJ420P:
    case AV_PIX_FMT_YUVJ422P:
    case AV_PIX_FMT_YUVJ444P:
    case AV_PIX_FMT_YUVJ440P:
    case AV_PIX_FMT_YUVJ411P:
      return true;
    default:
      if (frame.color_range == AVCOL_RANGE_UNSPECIFIED) return is_grey(frame.format);
      return frame.color_range == AVCOL_RANGE_JPEG;
  }
}

}  // namespace

Picture picture_of(const AVFrame& frame) {
  Picture picture;
  for (size_t i = 0; i < picture.data.size(); i++) {
    picture.data[i] = frame.data[i];
    picture.strides[i] = frame.linesize[i];
  }
  picture.width = frame.width;
  picture.height = frame.height;
  picture.format = static_cast<AVPixelFormat>(frame.format);
  picture.color_space = frame.colorspace;
  picture.full_range = full_range(frame);
  return picture;
}

bool is_ours_alone(const AVFrame& frame) {
  const auto shared = [](const AVBufferRef* buffer) { return buffer != nullptr && av_buffer_is_writable(buffer) == 0; };
  return frame.buf[0] != nullptr && std::none_of(std::begin(frame.buf), std::end(frame.buf), shared);
}

bool is_made_pixel_by_pixel(const Picture& from, int width, int height, AVPixelFormat format) {
  const bool planar = from.format == AV_PIX_FMT_YUV420P || from.format == AV_PIX_FMT_YUVJ420P ||
                      from.format == AV_PIX_FMT_YUV422P || from.format == AV_PIX_FMT_YUVJ422P;
  const bool packed = format == AV_PIX_FMT_RGB24 || format == AV_PIX_FMT_RGBA;
  return planar && packed && from.height % 2 == 0 && from.width == width && from.height == height;
}

void drop_rows(const Picture& picture, int first, int count) {
  const AVPixFmtDescriptor* descriptor = av_pix_fmt_desc_get(picture.format);
  for (size_t i = 0; i < picture.data.size(); i++) {
    const bool palette = i == 1 && (descriptor->flags & AV_PIX_FMT_FLAG_PAL) != 0;
    if (picture.data[i] == nullptr || palette) continue;
    const int shift = i == 1 || i == 2 ? descriptor->log2_chroma_h : 0;
    const ptrdiff_t stride = picture.strides[i];
    const int begin = first >> shift;
    const int rows = -((-count) >> shift);
    const int lowest = stride < 0 ? begin + rows - 1 : begin;
    // Of the last row no more than what is seen: what is cropped may end with the memory.
    const auto last = static_cast<ptrdiff_t>(av_image_get_linesize(picture.format, picture.width, static_cast<int>(i)));
    // Nobody else's: what is const is so for those who read it.
    drop_pages(const_cast<uint8_t*>(picture.data[i]) + stride * lowest,
               static_cast<size_t>(std::abs(stride) * (rows - 1) + std::max<ptrdiff_t>(last, 0)));
  }
}

AVPixelFormat packed_format(int channels, bool deep) {
  switch (channels) {
    case 4:
      return deep ? AV_PIX_FMT_RGBA64 : AV_PIX_FMT_RGBA;
    case 1:
      return deep ? AV_PIX_FMT_GRAY16 : AV_PIX_FMT_GRAY8;
    default:
      return deep ? AV_PIX_FMT_RGB48 : AV_PIX_FMT_RGB24;
  }
}

Picture picture_of(const PixelView& view, int color_space) {
  Picture picture;
  picture.data[0] = view.data;
  picture.strides[0] = static_cast<int>(view.stride);
  picture.width = view.width;
  picture.height = view.height;
  picture.format = packed_format(view.channels, view.deep);
  picture.color_space = color_space;
  picture.full_range = view.channels == 1;  // grey stays as it is; RGB knows no range
  return picture;
}

bool Rescaler::Key::operator==(const Key& other) const {
  return width == other.width && height == other.height && format == other.format && color_space == other.color_space &&
         range == other.range && out_width == other.out_width && out_height == other.out_height &&
         out_format == other.out_format && flags == other.flags && out_range == other.out_range;
}

void Rescaler::prepare(const Picture& from, const Target& target) {
  const Key key{from.width,   from.height,   from.format,   from.color_space, from.full_range ? 1 : 0,
                target.width, target.height, target.format, target.flags,     target.full_range ? 1 : 0};
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
  av_opt_set_int(context, "sws_flags", key.flags, 0);
  av_opt_set_int(context, "src_range", key.range, 0);
  // Where 4:2:0 chroma sits, as FFmpeg's scale filter says it.
  const AVPixFmtDescriptor* descriptor = av_pix_fmt_desc_get(from.format);
  if (descriptor->log2_chroma_h == 1) av_opt_set_int(context, "src_v_chr_pos", 128, 0);
  if (av_pix_fmt_desc_get(target.format)->log2_chroma_h == 1) av_opt_set_int(context, "dst_v_chr_pos", 128, 0);
  const int result = sws_init_context(context, nullptr, nullptr);
  if (result < 0) scaler_.reset();
  check(result, "E_UNSUPPORTED_CODEC", std::string("convert from ") + descriptor->name);
  // What says that it is RGB says nothing of luma: grey is made of it as of RGB that says nothing.
  const bool to_grey = key.color_space == AVCOL_SPC_RGB && is_grey(key.out_format);
  const int* coefficients = sws_getCoefficients(to_grey ? SWS_CS_DEFAULT : key.color_space);
  sws_setColorspaceDetails(context, coefficients, key.range, coefficients, key.out_range, 0, 1 << 16, 1 << 16);
  key_ = key;
  ours_ = is_ours(from, target);
  if (ours_) factors_ = planar_rgb_factors(coefficients, from.full_range);
}

bool Rescaler::is_ours([[maybe_unused]] const Picture& from, [[maybe_unused]] const Target& target) {
#if defined(__aarch64__)
  return is_made_pixel_by_pixel(from, target.width, target.height, target.format);
#else
  return false;
#endif
}

int Rescaler::our_rows(const Picture& from, int first, int count, uint8_t* to, int stride) const {
  const int shift = av_pix_fmt_desc_get(from.format)->log2_chroma_h;
  const int channels = key_.out_format == AV_PIX_FMT_RGBA ? 4 : 3;
  const int even = from.width + from.width % 2;
  // swscale makes the pixel behind an odd row too, of what the decoder has there, and its scaling may ask for it.
  const bool whole = even * channels <= stride && even <= std::abs(from.strides[0]);
  const auto width = static_cast<size_t>(whole ? even : from.width);
  for (int y = first; y < first + count; y++) {
    PlanarRow row{};
    row.luma = from.data[0] + static_cast<ptrdiff_t>(from.strides[0]) * y;
    row.blue = from.data[1] + static_cast<ptrdiff_t>(from.strides[1]) * (y >> shift);
    row.red = from.data[2] + static_cast<ptrdiff_t>(from.strides[2]) * (y >> shift);
    planar_rgb_row(row, width, factors_, channels, to + static_cast<ptrdiff_t>(stride) * (y - first));
  }
  return count;
}

/// Of a sensor's mosaic swscale reads the rows around the band too.
bool Rescaler::comes_in_bands(AVPixelFormat format) {
  return (av_pix_fmt_desc_get(format)->flags & AV_PIX_FMT_FLAG_BAYER) == 0;
}

void Rescaler::scale(const Picture& from, const Target& target, uint8_t* to, int stride) {
  prepare(from, target);
  const bool gives_up = from.given_up && from.height == target.height && comes_in_bands(from.format);
  const int most = gives_up ? kBand : from.height;
  int written = 0;
  for (int first = 0; first < from.height; first += most) {
    const int given = std::min(most, from.height - first);
    written += scale_rows(from, first, given, to + static_cast<ptrdiff_t>(stride) * written, written, stride);
    if (gives_up) drop_rows(from, first, given);
  }
}

void Rescaler::scale(const Picture& from, const Target& target, const Planes& to) {
  prepare(from, target);
  check(sws_scale(scaler_.get(), from.data.data(), from.strides.data(), 0, from.height, to.data.data(),
                  to.strides.data()),
        "E_DECODE", "scale the picture");
}

int Rescaler::scale_rows(const Picture& from, int first, int count, uint8_t* to, int written, int stride) {
  if (ours_) return our_rows(from, first, count, to, stride);
  const AVPixFmtDescriptor* descriptor = av_pix_fmt_desc_get(from.format);
  const uint8_t* rows[4] = {};
  for (size_t i = 0; i < from.data.size(); i++) {
    if (from.data[i] == nullptr) continue;
    const bool palette = i == 1 && (descriptor->flags & AV_PIX_FMT_FLAG_PAL) != 0;
    const int shift = i == 1 || i == 2 ? descriptor->log2_chroma_h : 0;
    rows[i] = palette ? from.data[i] : from.data[i] + static_cast<ptrdiff_t>(from.strides[i]) * (first >> shift);
  }
  // swscale counts rows from the picture's first, of which only those of this band are there: an address, not a
  // pointer.
  const auto address =
      reinterpret_cast<uintptr_t>(to) - static_cast<uintptr_t>(written) * static_cast<uintptr_t>(stride);
  uint8_t* planes[4] = {reinterpret_cast<uint8_t*>(address), nullptr, nullptr, nullptr};
  const int strides[4] = {stride, 0, 0, 0};
  return check(sws_scale(scaler_.get(), rows, from.strides.data(), first, count, planes, strides), "E_DECODE",
               "convert the picture");
}

}  // namespace fp::av
