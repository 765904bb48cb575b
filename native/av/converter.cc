#include "converter.h"

#include <algorithm>
#include <cstring>
#include <string>

namespace fp::av {

namespace {

/// 16 bits a sample: for floats of what has more than 8.
bool is_deep(const Picture& from, const OutputSpec& spec) {
  return spec.samples.type != SampleType::kUint8 && av_pix_fmt_desc_get(from.format)->comp[0].depth > 8;
}

/// swscale's vector code writes whole groups of pixels: rows of other widths need padding behind them.
bool writes_whole_rows(int width) { return width % 32 == 0; }

/// The smallest part of the picture that holds the crop and begins where chroma and vector code allow; the crop becomes
/// one of the part.
Picture part_for(const Picture& from, Step& crop) {
  constexpr int kAlignment = 64;  // luma samples: 32 of chroma
  const int left = crop.x / kAlignment * kAlignment;
  const int top = crop.y / 2 * 2;
  const AVPixFmtDescriptor* descriptor = av_pix_fmt_desc_get(from.format);
  Picture part = from;
  for (size_t i = 0; i < 3; i++) {
    const int shift_x = i == 0 ? 0 : descriptor->log2_chroma_w;
    const int shift_y = i == 0 ? 0 : descriptor->log2_chroma_h;
    part.data[i] += static_cast<ptrdiff_t>(from.strides[i]) * (top >> shift_y) + (left >> shift_x);
  }
  crop.x -= left;
  crop.y -= top;
  part.width = std::min(from.width - left, (crop.x + crop.width + kAlignment - 1) / kAlignment * kAlignment);
  part.height = (crop.y + crop.height + 1) / 2 * 2;
  return part;
}

/// As av_image_copy_to_buffer() for what has no palette.
void copy_and_drop(const Picture& from, uint8_t* target) {
  constexpr int kBand = 64;  // rows; a multiple of every chroma subsampling
  const int chroma_shift = av_pix_fmt_desc_get(from.format)->log2_chroma_h;
  const std::vector<PlaneLayout> planes = native_planes(from.format, from.width, from.height);
  for (int first = 0; first < from.height; first += kBand) {
    for (size_t i = 0; i < planes.size(); i++) {
      const PlaneLayout& plane = planes[i];
      const int shift = i == 1 || i == 2 ? chroma_shift : 0;
      const int end = std::min((first + kBand) >> shift, plane.height);
      for (int y = first >> shift; y < end; y++) {
        std::memcpy(target + plane.offset + int64_t{plane.stride} * y,
                    from.data[i] + static_cast<ptrdiff_t>(from.strides[i]) * y, static_cast<size_t>(plane.stride));
      }
    }
    drop_rows(from, first, std::min(kBand, from.height - first));
  }
}

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

void Converter::convert(const AVFrame& frame, const OutputSpec& spec, uint8_t* target) {
  convert_to(frame, spec, target);
  picture_.free_huge();
  mapped_.free_huge();
  turned_.free_huge();
}

void Converter::convert_to(const AVFrame& frame, const OutputSpec& spec, uint8_t* target) {
  const auto format = static_cast<AVPixelFormat>(frame.format);
  Picture from = picture_of(frame);
  from.given_up = spec.given_up && is_ours_alone(frame);
  if (spec.format == PixelFormat::kNative) {
    const size_t bytes = native_bytes(format, frame.width, frame.height);
    // Formats of one size are told apart too: yuv444p and gbrp, yuv420p and yuvj420p.
    if (frame.width != spec.width || frame.height != spec.height || format != spec.native ||
        bytes != spec.frame_bytes) {
      throw FrameSizeError(frame);
    }
    const bool palette = (av_pix_fmt_desc_get(format)->flags & AV_PIX_FMT_FLAG_PAL) != 0;
    if (from.given_up && !palette) return copy_and_drop(from, target);
    check(av_image_copy_to_buffer(target, static_cast<int>(bytes), frame.data, frame.linesize, format, frame.width,
                                  frame.height, 1),
          "E_DECODE", "copy the picture");
    return;
  }
  if (av_pix_fmt_desc_get(format) == nullptr || !sws_isSupportedInput(format)) {
    throw Error("E_UNSUPPORTED_CODEC", "its pixel format cannot be converted");
  }
  const bool transposed = spec.orientation.transpose;
  // A fast resize takes the place of the conversion's own size.
  const bool fast = !spec.steps.empty() && spec.steps[0].kind == StepKind::kResize && spec.steps[0].flag;
  const int width = fast ? spec.steps[0].width : spec.width;
  const int height = fast ? spec.steps[0].height : spec.height;
  const Rescaler::Target to{transposed ? height : width, transposed ? width : height,
                            packed_format(channels_of(spec.format), is_deep(from, spec)),
                            fast ? SWS_BILINEAR : SWS_BICUBIC};
  const size_t done = fast ? 1 : 0;
  if (spec.maps(frame)) {
    convert_mapped(frame, from, to, spec, done, target);
  } else if (done == spec.steps.size()) {
    convert_whole(from, to, spec, target);
  } else {
    convert_in_steps(from, to, spec, done, target);
  }
}

void Converter::convert_whole(const Picture& from, const Rescaler::Target& to, const OutputSpec& spec,
                              uint8_t* target) {
  const SampleSpec& samples = spec.samples;
  const Orientation& orientation = spec.orientation;
  const int channels = channels_of(spec.format);
  const bool interleaved = samples.layout == Layout::kNhwc || channels == 1;
  if (samples.type == SampleType::kUint8 && interleaved && orientation.identity() && writes_whole_rows(to.width)) {
    rescaler_.scale(from, to, target, to.width * channels);
    return;
  }
  const bool transposed = orientation.transpose;
  const bool deep = is_deep(from, spec);
  writer_.begin(samples, transposed ? to.height : to.width, transposed ? to.width : to.height, channels, deep, target);
  if (transposed || orientation.flip_x || from.width != to.width || from.height != to.height) {
    writer_.picture(rescale(from, to, spec), orientation);
    return;
  }
  const int stride = padded_stride(to.width * channels * (deep ? 2 : 1));
  rescaler_.scale_in_bands(from, to, stride, [&](const uint8_t* rows, int first, int count) {
    for (int i = 0; i < count; i++) {
      const int y = first + i;
      writer_.row(rows + static_cast<ptrdiff_t>(stride) * i, orientation.flip_y ? to.height - 1 - y : y);
    }
  });
}

PixelView Converter::rescale(const Picture& from, const Rescaler::Target& to, const OutputSpec& spec) {
  PixelView view{nullptr, to.width, to.height, 0, channels_of(spec.format), is_deep(from, spec)};
  view.stride = padded_stride(static_cast<int>(view.row_bytes()));
  uint8_t* memory = picture_.take(static_cast<size_t>(view.stride) * static_cast<size_t>(to.height) + 64);
  rescaler_.scale(from, to, memory, static_cast<int>(view.stride));
  view.data = memory;
  // Of what is made pixel by pixel the one behind the row is made too, of what the decoder has there; as by torchcodec.
  if (!is_made_pixel_by_pixel(from, to.width, to.height, to.format)) complete_pairs(view, memory);
  return view;
}

PixelView Converter::turn(const PixelView& picture, const Orientation& orientation) {
  PixelView turned = picture;
  if (orientation.transpose) std::swap(turned.width, turned.height);
  turned.stride = padded_stride(static_cast<int>(turned.row_bytes()));
  uint8_t* memory = turned_.take(static_cast<size_t>(turned.stride) * static_cast<size_t>(turned.height) + 64);
  turned.data = memory;
  constexpr int kRows = 16;
  for (int y = 0; y < turned.height; y += kRows) {
    turn_rows(picture, orientation, y, std::min(kRows, turned.height - y), memory + turned.stride * y, turned.stride);
  }
  complete_pairs(turned, memory);
  return turned;
}

/// Made standard range before anything else is done: what is resized afterwards is what a player shows.
void Converter::convert_mapped(const AVFrame& frame, Picture from, Rescaler::Target to, const OutputSpec& spec,
                               size_t done, uint8_t* target) {
  // What says nothing of its luma and chroma has those that its range came with.
  if (from.color_space == AVCOL_SPC_UNSPECIFIED) from.color_space = AVCOL_SPC_BT2020_NCL;
  const int channels = channels_of(spec.format);
  to.format = packed_format(std::max(channels, 3), true);
  PixelView deep{nullptr, to.width, to.height, 0, std::max(channels, 3), true};
  deep.stride = padded_stride(static_cast<int>(deep.row_bytes()));
  uint8_t* memory = picture_.take(static_cast<size_t>(deep.stride) * static_cast<size_t>(to.height) + 64);
  deep.data = memory;
  rescaler_.scale(from, to, memory, static_cast<int>(deep.stride));

  PixelView picture{nullptr, to.width, to.height, 0, channels, spec.samples.type != SampleType::kUint8};
  picture.stride = padded_stride(static_cast<int>(picture.row_bytes()));
  memory = mapped_.take(static_cast<size_t>(picture.stride) * static_cast<size_t>(to.height) + 64);
  picture.data = memory;
  mapper_.map(deep, {frame.color_trc, frame.color_primaries, spec.tone_map_peak}, picture, memory);
  complete_pairs(picture, memory);
  if (!spec.orientation.identity()) picture = turn(picture, spec.orientation);
  picture = transformer_.apply(picture, spec.steps, done, AVCOL_SPC_UNSPECIFIED);
  writer_.begin(spec.samples, picture.width, picture.height, picture.channels, picture.deep, target);
  writer_.picture(picture, Orientation());
}

void Converter::convert_in_steps(const Picture& from, const Rescaler::Target& to, const OutputSpec& spec, size_t done,
                                 uint8_t* target) {
  const Orientation& orientation = spec.orientation;
  const std::vector<Step>& steps = spec.steps;
  PixelView picture{};
  if (steps[done].kind == StepKind::kCrop && orientation.identity() &&
      is_made_pixel_by_pixel(from, to.width, to.height, to.format)) {
    Step crop = steps[done];
    const Picture part = part_for(from, crop);
    picture = transformer_.crop(rescale(part, {part.width, part.height, to.format, to.flags}, spec), crop);
    done++;
  } else {
    picture = rescale(from, to, spec);
  }
  if (!orientation.identity()) picture = turn(picture, orientation);
  // In whose luma and chroma swscale interpolates: torchcodec names RGB (for which swscale takes BT.709, a newer one
  // BT.601) where it uses swscale alone, and FFmpeg's scale filter, which it uses otherwise, names none (BT.601).
  const bool alone = steps.size() == 1 && steps[0].kind == StepKind::kResize && orientation.identity() &&
                     from.width % 32 == 0 && steps[0].width % 32 == 0;
  picture = transformer_.apply(picture, steps, done, alone ? AVCOL_SPC_RGB : AVCOL_SPC_UNSPECIFIED);
  writer_.begin(spec.samples, picture.width, picture.height, picture.channels, picture.deep, target);
  writer_.picture(picture, Orientation());
}

}  // namespace fp::av
