// Frames by time, for streams opened without an index.
#pragma once

#include <optional>

#include "cancel.h"
#include "decode_request.h"
#include "demuxer.h"
#include "headers_in_force.h"
#include "stream_decoder.h"
#include "timed_packets.h"

namespace fp::av {

/// Seeks by time and decodes on. Borrows all it is made with; after an exception it has to forget().
class ApproximateDecoding {
 public:
  ApproximateDecoding(Demuxer& demuxer, HeadersInForce& headers, StreamDecoder& stream, int coded_height,
                      const Cancel& cancel, DecodeStats& stats);
  /// Ends what is known of where the demuxer and the decoder stand: somebody else moves them.
  void forget() { current_pts_ = AV_NOPTS_VALUE; }
  /// `at_start`: the demuxer stands at the first packet. Throws as Reader::decode_times().
  void decode(const DecodeTimesRequest& request, bool at_start);

 private:
  void look_at_times(bool at_start);
  bool reach(int64_t target);
  bool reach_or_end(int64_t target);
  bool next_timed();
  bool reach_last();
  bool lost_something() const;
  FrameStatus judge_timed(int64_t target, bool reached, const DecodeTimesRequest& request) const;
  Decoder& decoder() const { return stream_.decoder(); }
  const RandomAccessReader& access() const { return stream_.access(); }
  AVFrame& current() const { return stream_.current(); }

  Demuxer& demuxer_;
  HeadersInForce& headers_;
  StreamDecoder& stream_;
  int coded_height_;
  const Cancel& cancel_;
  DecodeStats& stats_;
  Packet packet_;
  TimedPackets timed_packets_;     // sent since the last seek
  std::optional<bool> in_fields_;  // MJPEG: a packet holds a field, a picture takes two; no value: not looked yet
  bool times_mislead_ = false;     // they do not tell the order of the pictures
  bool keys_mislead_ = false;      // what is marked as a packet to begin with is none
  bool times_guessed_ = false;     // which is whose depends on how long the decoder holds pictures back
  bool settled_ = false;           // pictures can be decoded from where the last seek led
  bool from_start_ = false;        // nothing was left out, so that the first picture of all is at 0 at least
  int64_t current_pts_ = AV_NOPTS_VALUE;  // of the current picture, no value without one
  int64_t last_pts_ = AV_NOPTS_VALUE;     // of what came out last, in a run that may be over
  int since_loss_ = INT32_MAX;            // pictures that came out since the decoder refused something
};

}  // namespace fp::av
