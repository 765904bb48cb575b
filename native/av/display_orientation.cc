#include "display_orientation.h"

#include <cstring>
#include <vector>

#include "bit_reader.h"
#include "decoder.h"
#include "error.h"
#include "nal_units.h"

namespace fp::av {

namespace {

/// H.264 D.1.1, H.265 D.2.1.
constexpr uint32_t kDisplayOrientation = 47;

/// H.264 7.3.2.3.1, H.265 7.3.5: payloads one after the other, each with its type and size.
bool has_payload(Span message, uint32_t wanted) {
  BitReader bits(message.data, message.size, true);
  const auto number = [&] {
    uint32_t value = 0;
    for (uint32_t byte = 255; byte == 255 && !bits.overrun();) {
      byte = bits.bits(8);
      value += byte;
    }
    return value;
  };
  while (!bits.overrun()) {
    const uint32_t type = number();
    uint32_t size = number();
    if (bits.overrun()) return false;
    if (type == wanted && size > 0) return true;
    for (; size > 0 && !bits.overrun(); size--) bits.bits(8);
  }
  return false;
}

bool may_state(AVCodecID codec) { return codec == AV_CODEC_ID_H264 || codec == AV_CODEC_ID_HEVC; }

int length_size_of(const AVCodecParameters& par) {
  const Span header{par.extradata, static_cast<size_t>(par.extradata_size)};
  return par.codec_id == AV_CODEC_ID_H264 ? h264_header(header).length_size : hevc_length_size(header);
}

bool states_orientation(AVCodecID codec, int length_size, const AVPacket& packet) {
  const bool h264 = codec == AV_CODEC_ID_H264;
  bool found = false;
  const auto look = [&](Span unit) {
    const size_t head = h264 ? 1 : 2;
    const int type = h264 ? unit.data[0] & 0x1f : unit.data[0] >> 1 & 0x3f;
    const bool message = h264 ? type == 6 : type == 39;
    if (message && unit.size > head) {
      found = has_payload(Span{unit.data + head, unit.size - head}, kDisplayOrientation);
    }
    // Messages come before the slices.
    const bool slice = h264 ? type >= 1 && type <= 5 : type < 32;
    return !found && !slice;
  };
  const Span bytes{packet.data, static_cast<size_t>(packet.size)};
  if (length_size > 0) {
    for_each_prefixed_nal(bytes, length_size, look);
  } else {
    for_each_annexb_nal(bytes, look);
  }
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
  if (!may_state(par.codec_id)) return std::nullopt;
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
      if (!states_orientation(par.codec_id, length_size_of(par), *seen.front())) break;
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
  codec_ = parameters.codec_id;
  length_size_ = may_state(codec_) ? length_size_of(parameters) : 0;
  stating_.clear();
  stated_.reset();
}

void OrientationInForce::feed(const AVPacket& packet) {
  if (may_state(codec_) && states_orientation(codec_, length_size_, packet)) stating_.insert(packet.pts);
}

void OrientationInForce::see(const AVFrame& frame, const Orientation& container) {
  if (!may_state(codec_)) return;
  if (const auto matrix = matrix_of(frame)) {
    stated_ = orientation_of(matrix->data());
  } else if (stating_.erase(frame.pts) > 0) {
    stated_ = container;
  } else if (is_key_frame(frame)) {
    stated_.reset();
  }
}

}  // namespace fp::av
