#include "display_orientation.h"

#include <cstring>
#include <vector>

#include "decoder.h"
#include "error.h"
#include "supplemental_messages.h"

namespace fp::av {

namespace {

/// H.264 D.1.1, H.265 D.2.1.
constexpr uint32_t kDisplayOrientation = 47;

bool may_state(const CodedUnits& units) { return units.is_h264() || units.is_hevc(); }

/// Messages come before the slices.
bool states_orientation(const CodedUnits& units, const AVPacket& packet) {
  const int messages = units.is_h264() ? h264_unit::kMessages : hevc_unit::kMessages;
  bool found = false;
  units.each_ahead(span_of(packet), [&](int type, Span unit) {
    if (type != messages) return true;
    for_each_message(units.payload_of(unit), [&](uint32_t kind, size_t size, const BitReader&) {
      found = kind == kDisplayOrientation && size > 0;
      return !found;
    });
    return !found;
  });
  return found;
}

}  // namespace

std::optional<DisplayMatrix> matrix_of(const AVFrame& frame) {
  const AVFrameSideData* data = av_frame_get_side_data(&frame, AV_FRAME_DATA_DISPLAYMATRIX);
  DisplayMatrix matrix{};
  if (data == nullptr || static_cast<size_t>(data->size) < sizeof matrix) return std::nullopt;
  std::memcpy(matrix.data(), data->data, sizeof matrix);
  return matrix;
}

std::optional<DisplayMatrix> first_matrix(Demuxer& demuxer, const Limits& limits, LogSink& sink) {
  constexpr size_t kMostPackets = 32;
  const AVCodecParameters& par = *demuxer.stream().codecpar;
  const CodedUnits units(par);
  if (!may_state(units)) return std::nullopt;
  std::vector<Packet> seen;
  std::unique_ptr<Decoder> decoder;
  const Frame frame(av_frame_alloc());
  if (!frame) throw Error("E_LIMIT", "out of memory");
  bool shown = false;
  while (!shown && seen.size() < kMostPackets) {
    Packet packet(av_packet_alloc());
    if (!packet) throw Error("E_LIMIT", "out of memory");
    if (!demuxer.read(*packet)) break;
    seen.push_back(std::move(packet));
    if (!decoder) {
      if (!states_orientation(units, *seen.front())) break;
      decoder = std::make_unique<Decoder>(demuxer.stream(), 1, 0, limits, sink);
    }
    decoder->send(*seen.back());
    shown = decoder->receive(*frame) >= 0;
  }
  if (decoder && !shown) {
    decoder->drain();
    shown = decoder->receive(*frame) >= 0;
  }
  for (auto packet = seen.rbegin(); packet != seen.rend(); ++packet) demuxer.unread(**packet);
  return shown ? matrix_of(*frame) : std::nullopt;
}

void OrientationInForce::restart(const AVCodecParameters& parameters) {
  units_ = CodedUnits(parameters);
  stating_.clear();
  stated_.reset();
}

void OrientationInForce::feed(const AVPacket& packet) {
  if (may_state(units_) && states_orientation(units_, packet)) stating_.insert(packet.pts);
}

void OrientationInForce::see(const AVFrame& frame, const Orientation& container) {
  if (!may_state(units_)) return;
  if (const auto matrix = matrix_of(frame)) {
    stated_ = orientation_of(matrix->data());
  } else if (stating_.erase(frame.pts) > 0) {
    stated_ = container;
  } else if (is_key_frame(frame)) {
    stated_.reset();
  }
}

}  // namespace fp::av
