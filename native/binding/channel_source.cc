#include "channel_source.h"

#include <algorithm>
#include <cstring>

#include "../av/error.h"
#include "../av/ffmpeg.h"

namespace fp::binding {

ChannelSource::ChannelSource(const Napi::Object& source)
    : size_(source.Get("size").As<Napi::Number>().Int64Value()),
      read_(Napi::Persistent(source.Get("read").As<Napi::Function>())) {
  supply(source);
}

void ChannelSource::supply(const Napi::Object& input) {
  const auto data = input.Get("data").As<Napi::Uint8Array>();
  const auto positions = input.Get("positions").As<Napi::Float64Array>();
  const auto pieces = input.Get("pieces").As<Napi::Array>();
  if (positions.ElementLength() != pieces.Length()) throw av::Error("E_INTERNAL", "a piece without a position");
  pieces_.clear();
  for (uint32_t i = 0; i < pieces.Length(); i++) {
    const auto piece = pieces.Get(i).As<Napi::Uint8Array>();
    pieces_.push_back({static_cast<int64_t>(positions[i]), piece.Data(), static_cast<int64_t>(piece.ElementLength())});
  }
  data_ = data.Data();
  data_length_ = data.ElementLength();
  data_owner_ = Napi::Persistent(data);
  pieces_owner_ = Napi::Persistent(pieces.As<Napi::Object>());
}

int ChannelSource::read(int64_t position, uint8_t* target, int length) noexcept {
  const auto next = std::upper_bound(pieces_.begin(), pieces_.end(), position,
                                     [](int64_t at, const Piece& piece) { return at < piece.position; });
  if (next != pieces_.begin()) {
    const Piece& piece = *(next - 1);
    const int64_t offset = position - piece.position;
    if (offset < piece.length) {
      const auto count = static_cast<size_t>(std::min<int64_t>(length, piece.length - offset));
      std::memcpy(target, piece.data + offset, count);
      return static_cast<int>(count);
    }
  }
  // What the next piece holds need not be fetched.
  if (next != pieces_.end()) length = static_cast<int>(std::min<int64_t>(length, next->position - position));
  const int count = fetch(position, length);
  if (count == kCancelled) return AVERROR_EXIT;
  if (count < 0 || count > length || static_cast<size_t>(count) > data_length_) return AVERROR(EIO);
  std::memcpy(target, data_, static_cast<size_t>(count));
  return count;
}

/// Node-API's own calls, since node-addon-api would throw through FFmpeg. They fail when the worker is being
/// terminated.
int ChannelSource::fetch(int64_t position, int length) noexcept {
  const napi_env env = read_.Env();
  napi_handle_scope scope = nullptr;
  if (napi_open_handle_scope(env, &scope) != napi_ok) return kCancelled;
  int32_t count = kCancelled;
  napi_value function = nullptr;
  napi_value receiver = nullptr;
  napi_value arguments[2] = {nullptr, nullptr};
  napi_value result = nullptr;
  const bool called = napi_get_reference_value(env, read_, &function) == napi_ok &&
                      napi_get_undefined(env, &receiver) == napi_ok &&
                      napi_create_double(env, static_cast<double>(position), &arguments[0]) == napi_ok &&
                      napi_create_int32(env, length, &arguments[1]) == napi_ok &&
                      napi_call_function(env, receiver, function, 2, arguments, &result) == napi_ok &&
                      napi_get_value_int32(env, result, &count) == napi_ok;
  if (!called) count = kCancelled;
  napi_close_handle_scope(env, scope);
  return count;
}

}  // namespace fp::binding
