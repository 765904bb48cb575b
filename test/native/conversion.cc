// Conversion in bands and of parts, against the whole; the steps of a
// transform.
#include <algorithm>
#include <atomic>
#include <cstring>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "../../native/av/converter.h"
#include "../../native/av/heap.h"
#include "../../native/av/planar_rgb.h"
#include "../../native/av/rescaler.h"
#include "../../native/av/shared_shrinker.h"
#include "check.h"
#include "random.h"

namespace fp::test {

namespace {

av::Frame random_frame(Random& random, AVPixelFormat format, int width, int height) {
  av::Frame frame(av_frame_alloc());
  frame->format = format;
  frame->width = width;
  frame->height = height;
  av::check(av_frame_get_buffer(frame.get(), 0), "E_LIMIT", "make a picture");
  const AVPixFmtDescriptor* descriptor = av_pix_fmt_desc_get(format);
  const auto planes = av::native_planes(format, width, height);
  for (size_t i = 0; i < planes.size(); i++) {
    const auto bytes = random.bytes(static_cast<size_t>(planes[i].stride));
    for (int y = 0; y < planes[i].height; y++) {
      uint8_t* row = frame->data[i] + static_cast<ptrdiff_t>(frame->linesize[i]) * y;
      const bool palette = i == 1 && (descriptor->flags & AV_PIX_FMT_FLAG_PAL) != 0;
      const auto length = palette ? size_t{1024} : static_cast<size_t>(planes[i].stride);
      for (size_t x = 0; x < length; x++) row[x] = bytes[(x * 7 + static_cast<size_t>(y) * 13) % bytes.size()];
    }
  }
  return frame;
}

std::string named(AVPixelFormat format, int width, int height) {
  return std::string(av_get_pix_fmt_name(format)) + " " + std::to_string(width) + "x" + std::to_string(height);
}

void check_bands(Random& random, AVPixelFormat format, AVPixelFormat packed, int bytes, int width, int height) {
  const av::Frame frame = random_frame(random, format, width, height);
  const av::Picture picture = av::picture_of(*frame);
  const av::Rescaler::Target target{width, height, packed, SWS_BICUBIC};
  const int stride = av::padded_stride(width * bytes);
  const auto row = static_cast<size_t>(width * bytes);
  std::vector<uint8_t> whole(static_cast<size_t>(stride * height) + 64);
  av::Rescaler rescaler;
  rescaler.scale(picture, target, whole.data(), stride);
  int next = 0;
  bool same = true;
  av::Rescaler banded;
  banded.scale_in_bands(picture, target, stride, [&](const uint8_t* rows, int first, int count) {
    same = same && first == next && count >= 0;
    for (int y = 0; y < count; y++) {
      const uint8_t* expected = whole.data() + static_cast<ptrdiff_t>(stride) * (first + y);
      same = same && std::memcmp(rows + static_cast<ptrdiff_t>(stride) * y, expected, row) == 0;
    }
    next = first + count;
  });
  verify(same && next == height, __FILE__, __LINE__,
         "bands of " + named(format, width, height) + " to " + av_get_pix_fmt_name(packed));
}

/// Every format that can be converted, at sizes that take swscale's different
/// paths.
void bands() {
  Random random(21);
  const struct {
    AVPixelFormat format;
    int bytes;
  } targets[] = {{AV_PIX_FMT_RGB24, 3}, {AV_PIX_FMT_RGBA, 4},   {AV_PIX_FMT_GRAY8, 1},
                 {AV_PIX_FMT_RGB48, 6}, {AV_PIX_FMT_RGBA64, 8}, {AV_PIX_FMT_GRAY16, 2}};
  for (const AVPixFmtDescriptor* one = av_pix_fmt_desc_next(nullptr); one != nullptr; one = av_pix_fmt_desc_next(one)) {
    const AVPixelFormat format = av_pix_fmt_desc_get_id(one);
    if ((one->flags & AV_PIX_FMT_FLAG_HWACCEL) != 0 || !sws_isSupportedInput(format)) continue;
    for (const auto& target : targets) {
      check_bands(random, format, target.format, target.bytes, 64, 50);
      check_bands(random, format, target.format, target.bytes, 98, 67);
      check_bands(random, format, target.format, target.bytes, 32, 16);
    }
  }
}

/// The rows that are made here on ARM are swscale's on x86.
void planar_rgb() {
  Random random(24);
  for (const AVPixelFormat format :
       {AV_PIX_FMT_YUV420P, AV_PIX_FMT_YUVJ420P, AV_PIX_FMT_YUV422P, AV_PIX_FMT_YUVJ422P}) {
    for (const int space : {AVCOL_SPC_UNSPECIFIED, AVCOL_SPC_BT709, AVCOL_SPC_SMPTE240M, AVCOL_SPC_BT2020_NCL}) {
      for (const int width : {2, 33, 64, 98, 251}) {
        const av::Frame frame = random_frame(random, format, width, 50);
        frame->colorspace = static_cast<AVColorSpace>(space);
        const av::Picture picture = av::picture_of(*frame);
        const av::PlanarRgbFactors factors = av::planar_rgb_factors(sws_getCoefficients(space), picture.full_range);
        const int shift = av_pix_fmt_desc_get(format)->log2_chroma_h;
        for (const int channels : {3, 4}) {
          const int stride = av::padded_stride(width * channels);
          std::vector<uint8_t> expected(static_cast<size_t>(stride * 50) + 64);
          av::Rescaler().scale(picture, {width, 50, av::packed_format(channels, false), SWS_BICUBIC}, expected.data(),
                               stride);
          std::vector<uint8_t> made(static_cast<size_t>(width * channels));
          bool same = true;
          for (int y = 0; y < 50; y++) {
            const av::PlanarRow row{picture.data[0] + picture.strides[0] * y,
                                    picture.data[1] + picture.strides[1] * (y >> shift),
                                    picture.data[2] + picture.strides[2] * (y >> shift)};
            av::planar_rgb_row(row, static_cast<size_t>(width), factors, channels, made.data());
            same = same && std::memcmp(made.data(), expected.data() + stride * y, made.size()) == 0;
          }
          verify(same, __FILE__, __LINE__, "RGB of " + named(format, width, 50) + ", matrix " + std::to_string(space));
        }
      }
    }
  }
}

struct Converted {
  std::vector<uint8_t> bytes;
  size_t row;
};

Converted converted(const AVFrame& frame, av::PixelFormat format, std::vector<av::Step> steps) {
  av::OutputSpec spec;
  spec.format = format;
  spec.width = frame.width;
  spec.height = frame.height;
  const int width = steps.empty() ? frame.width : steps.back().width;
  const int height = steps.empty() ? frame.height : steps.back().height;
  spec.steps = std::move(steps);
  const size_t row = static_cast<size_t>(width) * static_cast<size_t>(av::channels_of(format));
  spec.frame_bytes = row * static_cast<size_t>(height);
  Converted result{std::vector<uint8_t>(spec.frame_bytes), row};
  av::Converter converter;
  // Twice: the second time with what the first has left behind.
  converter.convert(frame, spec, result.bytes.data());
  std::fill(result.bytes.begin(), result.bytes.end(), uint8_t{0});
  converter.convert(frame, spec, result.bytes.data());
  return result;
}

av::Step crop(int x, int y, int width, int height) {
  av::Step step;
  step.kind = av::StepKind::kCrop;
  step.x = x;
  step.y = y;
  step.width = width;
  step.height = height;
  return step;
}

/// A crop is converted alone where that gives the same pixels.
void crops() {
  Random random(22);
  for (const AVPixelFormat format : {AV_PIX_FMT_YUV420P, AV_PIX_FMT_YUVJ420P, AV_PIX_FMT_YUV422P, AV_PIX_FMT_YUVJ422P,
                                     AV_PIX_FMT_YUV444P, AV_PIX_FMT_NV12, AV_PIX_FMT_YUV420P10LE}) {
    for (const int height : {90, 91}) {
      for (const int width : {320, 333}) {
        const av::Frame frame = random_frame(random, format, width, height);
        for (const av::PixelFormat out : {av::PixelFormat::kRgb24, av::PixelFormat::kRgba, av::PixelFormat::kGray8}) {
          const Converted whole = converted(*frame, out, {});
          for (int round = 0; round < 12; round++) {
            const int w = 1 + static_cast<int>(random.below(static_cast<size_t>(width)));
            const int h = 1 + static_cast<int>(random.below(static_cast<size_t>(height)));
            const int x = static_cast<int>(random.below(static_cast<size_t>(width - w + 1)));
            const int y = static_cast<int>(random.below(static_cast<size_t>(height - h + 1)));
            const Converted part = converted(*frame, out, {crop(x, y, w, h)});
            const size_t left = static_cast<size_t>(x) * whole.row / static_cast<size_t>(width);
            bool same = true;
            for (int i = 0; i < h; i++) {
              const auto at = static_cast<size_t>(i);
              same = same &&
                     std::memcmp(part.bytes.data() + part.row * at,
                                 whole.bytes.data() + whole.row * (at + static_cast<size_t>(y)) + left, part.row) == 0;
            }
            verify(same, __FILE__, __LINE__, "crop of " + named(format, width, height));
          }
        }
      }
    }
  }
}

/// What is made smaller by hand has swscale's pixels, at sizes of all kinds; on
/// FFmpeg 5.1 none is left to swscale.
void shrinking() {
  Random random(23);
  for (int round = 0; round < 60; round++) {
    const int width = 2 * (8 + static_cast<int>(random.below(120)));
    const int height = 8 + static_cast<int>(random.below(120));
    const int to_width = 8 + static_cast<int>(random.below(static_cast<size_t>(width - 8)));
    const int to_height = 2 + static_cast<int>(random.below(static_cast<size_t>(height - 3)));
    const int color_space = round % 2 == 0 ? AVCOL_SPC_RGB : AVCOL_SPC_UNSPECIFIED;
    av::RgbShrinker* shrinker = av::shared_shrinker(width, height, to_width, to_height, color_space);
    const std::string name = std::to_string(width) + "x" + std::to_string(height) + " to " + std::to_string(to_width) +
                             "x" + std::to_string(to_height);
    verify(shrinker != nullptr || !av::RgbShrinker::can(width, height, to_width, to_height), __FILE__, __LINE__, name);
    if (shrinker == nullptr) continue;
    const auto bytes = random.bytes(static_cast<size_t>(width * height * 3));
    const av::PixelView view{bytes.data(), width, height, width * 3, 3, false};
    const int stride = av::padded_stride(to_width * 3);
    std::vector<uint8_t> expected(static_cast<size_t>(stride * to_height) + 64);
    std::vector<uint8_t> shrunk(static_cast<size_t>(to_width * to_height * 3));
    av::Rescaler().scale(av::picture_of(view, color_space), {to_width, to_height, AV_PIX_FMT_RGB24, SWS_BILINEAR},
                         expected.data(), stride);
    shrinker->shrink(view, shrunk.data(), to_width * 3);
    bool same = true;
    for (int y = 0; y < to_height; y++) {
      same = same && std::memcmp(expected.data() + stride * y, shrunk.data() + to_width * 3 * y,
                                 static_cast<size_t>(to_width * 3)) == 0;
    }
    verify(same, __FILE__, __LINE__, name);
  }
}

/// Threads that ask for one size at once compare it once, and so do those that
/// come later.
void comparing_once() {
  const int64_t before = av::shrinker_comparisons();
  std::atomic<int> made{0};
  const auto ask = [&] { made += av::shared_shrinker(398, 222, 97, 61, AVCOL_SPC_RGB) != nullptr ? 1 : 0; };
  for (int round = 0; round < 2; round++) {
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; i++) threads.emplace_back(ask);
    for (std::thread& thread : threads) thread.join();
  }
  CHECK_EQUAL(made.load(), 8);
  CHECK_EQUAL(av::shrinker_comparisons() - before, 1);
}

/// Closing readers only counts; whoever has the time makes the allocator return
/// what they left, once.
void trimming() {
  while (av::trim_heap(1)) continue;
  av::note_freed(1000);
  CHECK(!av::trim_heap(1001));
  CHECK(av::trim_heap(1000));
  CHECK(!av::trim_heap(1));
}

void misfits() {
  const auto refused = [](const av::Step& step) { CHECK_ERROR("E_INTERNAL", av::check_steps({step}, 10, 8)); };
  av::check_steps({crop(4, 2, 6, 6)}, 10, 8);
  refused(crop(5, 2, 6, 6));
  refused(crop(0, 0, 11, 1));
  refused(crop(-1, 0, 2, 2));
  refused(crop(0, 0, 0, 1));
  refused(crop(INT32_MAX, 0, 2, 2));
  av::Step pad = crop(1, 1, 12, 9);
  pad.kind = av::StepKind::kPad;
  av::check_steps({pad}, 10, 8);
  pad.x = 3;
  refused(pad);
  av::Step flip = crop(0, 0, 9, 8);
  flip.kind = av::StepKind::kFlip;
  refused(flip);
}

}  // namespace

void check_conversion() {
  bands();
  planar_rgb();
  crops();
  shrinking();
  comparing_once();
  trimming();
  misfits();
}

}  // namespace fp::test
