// Bytes that lie in shared memory, or that JavaScript fetches.
#pragma once

#include <vector>

#include "../av/byte_source.h"
#include "napi_setup.h"

namespace fp::binding {

/// Looks into the pieces that came with the job, and otherwise calls JavaScript, which blocks this thread until the
/// bytes lie in `data`. Used on the reader's thread only, and only while JavaScript is calling into the reader.
class ChannelSource final : public av::ByteSource {
 public:
  /// { size, read(position, length): number }: bytes now in `data`, or kFailed or kCancelled. `read` never throws.
  explicit ChannelSource(const Napi::Object& source);
  /// { data: Uint8Array, positions: Float64Array, pieces: Uint8Array[] }, the pieces ascending by position: what a job
  /// brings. Replaces what the last one brought.
  void supply(const Napi::Object& input);

  int64_t size() const override { return size_; }
  int read(int64_t position, uint8_t* target, int length) noexcept override;
  bool is_near() const override { return false; }

 private:
  static constexpr int kFailed = -1;
  static constexpr int kCancelled = -2;

  struct Piece {
    int64_t position;
    const uint8_t* data;
    int64_t length;
  };

  int fetch(int64_t position, int length) noexcept;

  int64_t size_;
  Napi::FunctionReference read_;
  std::vector<Piece> pieces_;
  const uint8_t* data_ = nullptr;
  size_t data_length_ = 0;
  // What the pointers above point into.
  Napi::Reference<Napi::Uint8Array> data_owner_;
  Napi::ObjectReference pieces_owner_;
};

}  // namespace fp::binding
