#include "io_context.h"

#include <algorithm>

#include "error.h"

namespace fp::av {

namespace {
constexpr int kBufferSize = 64 * 1024;
}

IoContext::IoContext(ByteSource& source) : source_(source) {
  auto* buffer = static_cast<unsigned char*>(av_malloc(kBufferSize));
  if (buffer == nullptr) throw Error("E_LIMIT", "out of memory");
  context_ = avio_alloc_context(buffer, kBufferSize, 0, this, read_packet, nullptr, seek);
  if (context_ == nullptr) {
    av_free(buffer);
    throw Error("E_LIMIT", "out of memory");
  }
}

IoContext::~IoContext() {
  // libavformat may have replaced the buffer: the context's own pointer is the one to free.
  av_freep(&context_->buffer);
  avio_context_free(&context_);
}

void IoContext::set_hollow(std::vector<ByteRange> ranges) {
  const int64_t position = avio_tell(context_);
  hollow_ = std::move(ranges);
  // Nothing is copied through the buffer either.
  context_->direct = hollow_.empty() ? 0 : 1;
  context_->buf_ptr = context_->buf_end = context_->buffer;
  context_->eof_reached = 0;
  position_ = position;
  context_->pos = position;
}

int IoContext::read_packet(void* opaque, uint8_t* target, int length) noexcept {
  return static_cast<IoContext*>(opaque)->read(target, length);
}

int IoContext::fail(int error) noexcept {
  if (failure_ == 0) failure_ = error;
  return error;
}

int IoContext::read(uint8_t* target, int length) noexcept {
  if (cancel_.requested()) return fail(AVERROR_EXIT);
  if (length <= 0) return AVERROR(EINVAL);
  if (format_ != nullptr && format_->nb_programs > kMostPrograms) return fail(kTooManyPrograms);
  const int64_t left = source_.size() - position_;
  if (left <= 0) return AVERROR_EOF;
  int count = static_cast<int>(std::min<int64_t>(length, left));
  const auto range = std::upper_bound(hollow_.begin(), hollow_.end(), position_,
                                      [](int64_t at, const ByteRange& r) { return at < r.end; });
  if (range != hollow_.end()) {
    if (position_ >= range->begin) {
      count = static_cast<int>(std::min<int64_t>(count, range->end - position_));
      position_ += count;
      return count;
    }
    count = static_cast<int>(std::min<int64_t>(count, range->begin - position_));
  }
  const int got = source_.read(position_, target, count);
  if (got == 0) return position_ < source_.size() ? fail(AVERROR_EOF) : AVERROR_EOF;
  if (got < 0) return fail(got);
  if (got > count) return fail(AVERROR_BUG);
  if (losses_ != nullptr) {
    try {
      losses_->see(position_, target, static_cast<size_t>(got));
    } catch (...) {
      return fail(AVERROR(ENOMEM));
    }
  }
  position_ += got;
  bytes_read_ += got;
  return got;
}

int64_t IoContext::seek(void* opaque, int64_t offset, int whence) noexcept {
  auto& self = *static_cast<IoContext*>(opaque);
  const int64_t size = self.source_.size();
  int64_t base = 0;
  switch (whence & ~AVSEEK_FORCE) {
    case AVSEEK_SIZE:
      return size;
    case SEEK_SET:
      break;
    case SEEK_CUR:
      base = self.position_;
      break;
    case SEEK_END:
      base = size;
      break;
    default:
      return AVERROR(EINVAL);
  }
  int64_t target = 0;
  if (__builtin_add_overflow(base, offset, &target) || target < 0) return AVERROR(EINVAL);
  self.position_ = target;
  return target;
}

}  // namespace fp::av
