// What was sent to a decoder that is asked for pictures by time, without an index.
#pragma once

#include <deque>

#include "best_effort.h"
#include "decoder.h"
#include "random_access.h"

namespace fp::av {

/// The packets of one run, numbered from 0. Numbers take the place of timestamps on the way through the decoder, so
/// that the picture that comes out tells its packet.
class TimedPackets {
 public:
  /// Nothing was sent yet. What was found out of the stream's times before says nothing of what comes now.
  void restart();
  /// Renumbers the packet, which is sent next.
  /// `follows`: no picture that it may refer to is missing in front of it.
  int64_t add(AVPacket& packet, const RandomAccessReader& access, int highest_layer, bool follows);
  /// So many were sent.
  int64_t count() const { return first_ + static_cast<int64_t>(sent_.size()); }
  /// As far as its packet tells, the picture needs no other.
  bool stands(const AVFrame& frame) const;
  /// The picture is of the first packet, which the container marked as one to begin with.
  bool is_promised_start(const AVFrame& frame) const;
  /// The picture is not for show, whatever its decoder thinks of that.
  bool is_discarded(const AVFrame& frame) const;
  /// libavcodec's best effort at the picture's time, AV_NOPTS_VALUE without any. Once for each, as they come out.
  /// `by_packet`: its packet's where that has one. After a seek some come out in another order than usual, which the
  /// guess takes for times that are wrong.
  int64_t time_of(const AVFrame& frame, bool by_packet);
  /// Of a stream that reorders pictures, when time_of() was asked: its packets' presentation times cannot be those of
  /// the pictures. Two are the same, or one that comes out later has an earlier one.
  bool contradicts(const AVFrame& frame) const;
  /// Something was wrong with the picture, or with one that it may rest on.
  bool is_spoilt(const AVFrame& frame, const Decoder& decoder) const;

 private:
  struct Sent {
    int64_t pts;
    int64_t dts;
    int64_t start;  // the last packet until here with which decoding may begin
    bool key;       // as the container has it
    bool stands;    // by itself
    bool unreferenced;
    bool discard;  // by an edit list, say
    bool follows;
    bool out = false;  // its picture came
  };
  const Sent* find(int64_t number) const;

  std::deque<Sent> sent_;
  int64_t first_ = 0;  // number of the first that is kept
  BestEffort best_effort_;
};

}  // namespace fp::av
