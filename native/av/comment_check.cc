#include "comment_check.h"

#include <algorithm>
#include <array>
#include <map>
#include <memory>

#include "tag_count.h"

namespace fp::av {

namespace {

/// A comment header (Vorbis I, 5.2.1), which may come in pieces: who wrote it, a count, and as many comments, each
/// with its length in front. What the texts are is passed over.
class CommentHeader {
 public:
  CommentHeader(ByteWindow& window, TagCount& tags, const Cancel& cancel)
      : window_(window), tags_(tags), cancel_(cancel) {}

  void read(int64_t at, int64_t end) {
    while (at < end && expected_ != Part::kNothing) {
      if (skip_ > 0) {
        const int64_t skipped = std::min(skip_, end - at);
        at += skipped;
        skip_ -= skipped;
        continue;
      }
      number_ |= static_cast<uint32_t>(window_.number(at++, 1)) << (8 * bytes_);
      if (++bytes_ < 4) continue;
      take(number_);
      number_ = 0;
      bytes_ = 0;
    }
  }

 private:
  enum class Part { kWriter, kCount, kComment, kNothing };

  void take(uint32_t number) {
    cancel_.throw_if_requested();
    if (expected_ == Part::kCount) {
      left_ = number;
    } else {
      skip_ = number;
    }
    if (expected_ == Part::kWriter) {
      expected_ = Part::kCount;
      return;
    }
    if (expected_ == Part::kComment) {
      tags_.add();
      left_--;
    }
    expected_ = left_ > 0 ? Part::kComment : Part::kNothing;
  }

  ByteWindow& window_;
  TagCount& tags_;
  const Cancel& cancel_;
  Part expected_ = Part::kWriter;
  int64_t left_ = 0;
  int64_t skip_ = 0;
  uint32_t number_ = 0;
  int bytes_ = 0;
};

/// Follows the packets of an Ogg file's streams through its pages, up to where the media begins.
class OggHeaders {
 public:
  OggHeaders(ByteWindow& window, const Cancel& cancel) : window_(window), cancel_(cancel) {}

  void check() {
    // Headers of one stream may follow media of another.
    constexpr int64_t kBehindMedia = int64_t{1} << 20;
    int64_t media = -1;
    for (int64_t at = 0; find_page(at);) {
      cancel_.throw_if_requested();
      const bool begins = (window_.number(at + 5, 1) & 2) != 0;
      if (!begins && waiting_ == 0) return;
      if (media < 0 && media_seen_) media = at;
      if (media >= 0 && at > media + kBehindMedia) return;
      at = read_page(at);
    }
  }

 private:
  enum class Codec { kUnknown, kVorbis, kTheora, kOpus, kFlac, kVp8, kPlain };

  struct Stream {
    Codec codec = Codec::kUnknown;
    int64_t packets = 0;
    bool within = false;                      // a packet goes on
    bool done = false;                        // no header follows
    std::unique_ptr<CommentHeader> comments;  // of the packet at hand, if it has some
  };

  /// Where FFmpeg would find the next page.
  bool find_page(int64_t& at) {
    constexpr int64_t kLargestPage = 65'307;
    constexpr uint32_t kCapture = 0x4F676753;  // OggS
    for (const int64_t last = at + kLargestPage; at <= last && at + kPageHeader <= window_.size(); at++) {
      if (window_.u32(at) == kCapture) return true;
    }
    return false;
  }

  int64_t read_page(int64_t at) {
    const auto [entry, is_new] = streams_.try_emplace(window_.u32(at + 14));
    if (is_new) waiting_++;
    Stream& stream = entry->second;
    const auto segments = static_cast<int>(window_.number(at + 26, 1));
    std::array<uint8_t, 255> sizes{};
    for (int i = 0; i < segments; i++) sizes.at(i) = static_cast<uint8_t>(window_.number(at + kPageHeader + i, 1));
    at += kPageHeader + segments;
    int64_t piece = 0;
    for (int i = 0; i < segments; i++) {
      piece += sizes.at(i);
      const bool ends = sizes.at(i) < 255;
      if (!ends && i + 1 < segments) continue;
      see_piece(stream, at, at + piece);
      stream.within = !ends;
      at += piece;
      piece = 0;
    }
    return at;
  }

  void see_piece(Stream& stream, int64_t at, int64_t end) {
    if (!stream.within) {
      const int64_t prefix = begin_packet(stream, at);
      stream.packets++;
      stream.comments.reset();
      if (prefix >= 0 && !stream.done) {
        stream.comments = std::make_unique<CommentHeader>(window_, tags_, cancel_);
        at += prefix;
      }
    }
    if (stream.comments) stream.comments->read(at, end);
  }

  /// How many bytes stand in front of the comments, -1 for a packet without any.
  int64_t begin_packet(Stream& stream, int64_t at) {
    if (stream.packets == 0) {
      stream.codec = codec_of(at);
      if (stream.codec == Codec::kUnknown) end_headers(stream);
      return -1;
    }
    if (stream.done) return -1;
    const auto first = static_cast<int>(window_.number(at, 1));
    bool header = stream.packets == 1;
    bool has_comments = header;
    int64_t prefix = 0;
    switch (stream.codec) {
      case Codec::kVorbis:
        header = (first & 1) != 0;
        has_comments = first == 3;
        prefix = 7;
        break;
      case Codec::kTheora:
        header = (first & 0x80) != 0;
        has_comments = first == 0x81;
        prefix = 7;
        break;
      case Codec::kFlac:
        header = first != 0xFF;
        has_comments = (first & 0x7F) == 4;
        prefix = 4;
        break;
      case Codec::kVp8:
        header = window_.u32(at) == 0x4F565038;  // OVP8
        has_comments = header && window_.number(at + 5, 1) == 2;
        prefix = 7;
        break;
      case Codec::kOpus:
        prefix = 8;
        break;
      default:
        break;
    }
    if (!header) {
      end_headers(stream);
      media_seen_ = true;
    }
    return has_comments ? prefix : -1;
  }

  void end_headers(Stream& stream) {
    stream.done = true;
    waiting_--;
  }

  /// By the first packet of a stream.
  Codec codec_of(int64_t at) {
    switch (window_.number(at, 5)) {
      case 0x01766F7262:  // vorb, behind the packet's kind
      case 0x0176696465:  // OGM's, with comments as Vorbis has them: vide
      case 0x0161756469:  // audi
      case 0x0174657874:  // text
      case 0x0144697265:  // Dire
        return Codec::kVorbis;
      case 0x807468656F:  // theo
        return Codec::kTheora;
      case 0x7F464C4143:  // FLAC
        return Codec::kFlac;
      case 0x4F70757348:  // OpusH
        return Codec::kOpus;
      case 0x4F56503830:  // OVP80
        return Codec::kVp8;
      case 0x5370656578:  // Speex
      case 0x43454C5420:  // CELT
        return Codec::kPlain;
      default:
        return Codec::kUnknown;
    }
  }

  static constexpr int kPageHeader = 27;
  ByteWindow& window_;
  const Cancel& cancel_;
  TagCount tags_;
  std::map<uint32_t, Stream> streams_;
  int64_t waiting_ = 0;  // streams of which headers may follow
  bool media_seen_ = false;
};

}  // namespace

void check_flac_comments(ByteWindow& window, int64_t at, const Cancel& cancel) {
  constexpr uint32_t kMarker = 0x664C6143;  // fLaC
  constexpr int kComments = 4;
  if (window.u32(at) != kMarker) return;
  TagCount tags;
  at += 4;
  for (bool last = false; !last && at + 4 <= window.size();) {
    cancel.throw_if_requested();
    const auto kind = static_cast<int>(window.number(at, 1));
    const int64_t begin = at + 4;
    const int64_t end = begin + static_cast<int64_t>(window.number(at + 1, 3));
    last = (kind & 0x80) != 0;
    if ((kind & 0x7F) == kComments) CommentHeader(window, tags, cancel).read(begin, std::min(end, window.size()));
    at = end;
  }
}

void check_ogg_comments(ByteWindow& window, const Cancel& cancel) { OggHeaders(window, cancel).check(); }

}  // namespace fp::av
