#include "header_check.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <set>
#include <string>
#include <vector>

#include "byte_window.h"
#include "comment_check.h"
#include "error.h"
#include "tag_count.h"

namespace fp::av {

namespace {

/// What is promised up to here costs nothing that counts, whether it is there or not.
constexpr int64_t kAlwaysAllowed = int64_t{1} << 20;

constexpr uint32_t tag(const char (&name)[5]) {
  uint32_t value = 0;
  for (int i = 0; i < 4; i++) value = value << 8 | static_cast<uint8_t>(name[i]);
  return value;
}

[[noreturn]] void refuse(const std::string& what) { throw Error("E_LIMIT", what + ", more than the file can hold"); }

/// ID3v2's tags, which may stand in front of any file (id3.org, 2.2 to 2.4). Returns where they end.
int64_t check_id3(ByteWindow& window, const Cancel& cancel) {
  constexpr int kHeader = 10;
  const bool old = window.number(3, 1) == 2;
  const bool plain = window.number(3, 1) == 3;
  const auto synchsafe = [&](int64_t at) {
    int64_t size = 0;
    for (int i = 0; i < 4; i++) size = size << 7 | static_cast<int64_t>(window.number(at + i, 1) & 0x7F);
    return size;
  };
  const int64_t end = std::min(window.size(), kHeader + synchsafe(6));
  TagCount tags;
  for (int64_t at = kHeader; at + kHeader <= end && window.number(at, 1) != 0;) {
    cancel.throw_if_requested();
    tags.add();
    if (old) {
      at += 6 + static_cast<int64_t>(window.number(at + 3, 3));
    } else {
      at += kHeader + (plain ? int64_t{window.u32(at + 4)} : synchsafe(at + 4));
    }
  }
  return end;
}

/// Texts in a RIFF file's INFO lists: FFmpeg makes room for each as long as it says. Of a recording that was not
/// finished what follows is media, however long, as it is behind the pictures of an AVI, where FFmpeg looks for no
/// texts.
void check_riff(ByteWindow& window, const Cancel& cancel) {
  constexpr int64_t kUnknown = 0xFFFFFFFF;
  for (int64_t at = 12; at + 12 <= window.size();) {
    cancel.throw_if_requested();
    const uint32_t name = window.u32(at);
    const uint32_t kind = name == tag("LIST") ? window.u32(at + 8) : 0;
    const int64_t size = window.little_u32(at + 4);
    const bool unfinished = name == tag("data") && (size == 0 || size == kUnknown);
    if (name == 0 || unfinished || kind == tag("movi")) return;
    const int64_t end = at + 8 + size;
    if (kind == tag("INFO")) {
      for (int64_t text = at + 12; text + 8 <= std::min(end, window.size());) {
        const int64_t length = window.little_u32(text + 4);
        if (length > kAlwaysAllowed && text + 8 + length > window.size())
          refuse("a text is said to have " + std::to_string(length) + " bytes");
        text += 8 + length + (length & 1);
      }
    }
    at = end + (size & 1);
  }
}

/// The lists of key frames in a Flash video's metadata (AMF 0): FFmpeg makes room for as many numbers as they say.
void check_flash(ByteWindow& window, const Cancel& cancel) {
  constexpr int kTagHeader = 11;
  constexpr int kScript = 18;
  constexpr int kNumber = 9;  // its type, and a double
  int64_t at = int64_t{window.u32(5)} + 4;
  while (at + kTagHeader <= window.size() && (window.number(at, 1) & 0x1F) == kScript) {
    const int64_t end = std::min(window.size(), at + kTagHeader + static_cast<int64_t>(window.number(at + 1, 3)));
    for (int64_t i = at + kTagHeader; i + 5 <= end; i++) {
      if ((i & 0xFFF) == 0) cancel.throw_if_requested();
      const bool is_list = window.number(i, 1) == 10 && (window.number(i - 5, 5) == 0x74696D6573 /* times */ ||
                                                         window.number(i - 5, 5) == 0x74696F6E73 /* filepositions */);
      const int64_t count = is_list ? int64_t{window.u32(i + 1)} : 0;
      if (count * kNumber > end - i - 5 && count > kAlwaysAllowed / kNumber) {
        refuse("there are said to be " + std::to_string(count) + " key frames");
      }
    }
    at = end + 4;
  }
}

/// Matroska's numbers of any length (RFC 8794, 4): the bytes it takes, and its value, -1 where it says that it is
/// unknown.
struct ElementNumber {
  int bytes;
  int64_t value;
};

ElementNumber element_number(ByteWindow& window, int64_t at, bool keep_marker) {
  const auto first = static_cast<uint32_t>(window.number(at, 1));
  int bytes = 1;
  while (bytes <= 8 && (first & (0x80U >> (bytes - 1))) == 0) bytes++;
  if (bytes > 8) return {0, 0};
  const uint64_t number = window.number(at, bytes);
  const uint64_t mask = (uint64_t{1} << (7 * bytes)) - 1;
  if (keep_marker) return {bytes, static_cast<int64_t>(number)};
  return {bytes, (number & mask) == mask ? -1 : static_cast<int64_t>(number & mask)};
}

/// What FFmpeg reads of a Matroska file when it opens it: what lies in front of the media, and what the lists of
/// elements name behind it. It keeps a kilobyte and more for each track, whatever is in it, and compares tags with each
/// other.
class MatroskaCheck {
 public:
  MatroskaCheck(ByteWindow& window, const Limits& limits, const Cancel& cancel)
      : window_(window), cancel_(cancel), most_tracks_(limits.max_streams) {}

  void check() {
    walk(0, window_.size(), 0);
    // A list may name others.
    for (size_t i = 0; i < named_.size(); i++) {
      if (seen_.count(named_[i]) == 0) see(named_[i], 0);
    }
  }

 private:
  /// As many levels, and elements by their name, as FFmpeg follows.
  static constexpr int kDeepest = 16;
  static constexpr size_t kMostNamed = 64;

  void walk(int64_t at, int64_t end, int depth) {
    while (at >= 0 && at + 2 <= end) at = see(at, depth);
  }

  /// Returns where the next element stands, -1 where none is to be looked at. FFmpeg reads elements to their own end,
  /// beyond that of what they are in.
  int64_t see(int64_t at, int depth) {
    cancel_.throw_if_requested();
    const ElementNumber id = element_number(window_, at, true);
    const ElementNumber size = element_number(window_, at + id.bytes, false);
    if (id.bytes == 0 || size.bytes == 0) return -1;
    const int64_t begin = at + id.bytes + size.bytes;
    const int64_t stop = size.value < 0 ? window_.size() : std::min(window_.size(), begin + size.value);
    const bool enter = depth < kDeepest;
    switch (id.value) {
      case 0x1F43B675:  // Cluster
        return -1;
      case 0x18538067:  // Segment
        segment_ = begin;
        if (enter) walk(begin, window_.size(), depth + 1);
        return -1;
      case 0x114D9B74:  // SeekHead
      case 0x1654AE6B:  // Tracks
      case 0x1254C367:  // Tags
        if (seen_.size() < kMostNamed) seen_.insert(at);
        if (enter) walk(begin, stop, depth + 1);
        break;
      case 0x4DBB:  // Seek
        named_kind_ = 0;
        named_position_ = -1;
        if (enter) walk(begin, stop, depth + 1);
        add_named();
        break;
      case 0x53AB:  // SeekID
        named_kind_ = value(begin, size);
        break;
      case 0x53AC:  // SeekPosition
        named_position_ = value(begin, size);
        break;
      case 0x67C8:  // SimpleTag
        tags_.add();
        if (enter) walk(begin, stop, depth + 1);
        break;
      case 0x7373:  // Tag
        if (enter) walk(begin, stop, depth + 1);
        break;
      case 0xAE:  // TrackEntry
        if (++tracks_ > most_tracks_) {
          throw Error("E_LIMIT", "more than " + std::to_string(most_tracks_) + " streams");
        }
        break;
      default:
        break;
    }
    return stop;
  }

  int64_t value(int64_t at, const ElementNumber& size) {
    if (size.value < 0 || size.value > 8) return -1;
    return static_cast<int64_t>(window_.number(at, static_cast<int>(size.value)));
  }

  void add_named() {
    constexpr int64_t kCues = 0x1C53BB6B;  // FFmpeg leaves them until it needs them
    if (named_kind_ == kCues || named_position_ < 0 || named_position_ >= window_.size() - segment_) return;
    if (named_.size() < kMostNamed) named_.push_back(segment_ + named_position_);
  }

  ByteWindow& window_;
  const Cancel& cancel_;
  int64_t most_tracks_;
  int64_t tracks_ = 0;
  TagCount tags_;
  int64_t segment_ = 0;
  int64_t named_kind_ = 0;
  int64_t named_position_ = -1;
  std::vector<int64_t> named_;  // by lists of elements
  std::set<int64_t> seen_;
};

}  // namespace

void check_header(ByteSource& source, AVFormatContext& format, const InputFormat& kind, const Limits& limits,
                  const Cancel& cancel) {
  ByteWindow window(source);
  const auto is = [&](const char* name) { return av_match_list(kind.name, name, ',') > 0; };
  // What was read to find out the format is still there.
  std::array<uint8_t, 3> head{};
  const bool has_id3 = avio_read(format.pb, head.data(), 3) == 3 && std::memcmp(head.data(), "ID3", 3) == 0;
  avio_seek(format.pb, 0, SEEK_SET);
  const int64_t begin = has_id3 ? check_id3(window, cancel) : 0;
  if (is("wav") || is("avi")) check_riff(window, cancel);
  if (is("flv")) check_flash(window, cancel);
  if (is("flac")) check_flac_comments(window, begin, cancel);
  if (is("ogg")) check_ogg_comments(window, cancel);
  if (is("matroska")) MatroskaCheck(window, limits, cancel).check();
}

}  // namespace fp::av
