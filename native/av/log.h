// FFmpeg's log, kept per reader: it never reaches stderr.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <initializer_list>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "unwritten.h"

namespace fp::av {

/// Where the messages of one reader go. Written by the reader's own thread and by FFmpeg's codec threads.
class LogSink {
 public:
  LogSink() = default;
  LogSink(const LogSink&) = delete;
  LogSink& operator=(const LogSink&) = delete;
  /// Starts a job: forgets what was kept; `keep_all` keeps every message (bounded), not only the last ones.
  void begin(bool keep_all);
  void add(int level, std::string line);
  /// The last lines, newest last.
  std::vector<std::string> tail() const;
  /// Everything since begin(), as "level: text" lines, when it was asked to keep all.
  std::vector<std::string> all() const;

 private:
  mutable std::mutex mutex_;
  std::deque<std::string> tail_;
  std::vector<std::string> all_;
  bool keep_all_ = false;
};

/// What one decoder says, in whichever of its threads, and of which packets it complains. Codec threads know nothing
/// but the codec context's `opaque`, which FFmpeg copies to each with the packet: it is a tag of this log.
class PacketLog {
 public:
  /// `sink` outlives it. The decoder, with `threads` of its own, is gone before it is.
  PacketLog(LogSink& sink, int threads);
  PacketLog(const PacketLog&) = delete;
  PacketLog& operator=(const PacketLog&) = delete;
  ~PacketLog();

  /// The `opaque` for the packet that is sent next.
  void* tag(int64_t packet);
  /// The first of the packets [first, last] with which something was wrong, -1 without one.
  int64_t complaint(int64_t first, int64_t last) const;
  /// As complaint(), one of the packets: of a picture in these, but for what concerns only those behind it.
  int64_t complaint_of_picture(int64_t first, int64_t last) const;
  /// The same of one packet, apart from pictures missing that it refers to.
  bool is_wrong_in_itself(int64_t packet) const;
  /// A picture was made up that it refers to and that was not there: later ones refer to that without a word.
  bool made_up(int64_t packet) const;
  /// The first of the packets [first, last] of which something stays in the decoder that gets into other pictures,
  /// whether they refer to its picture or not; -1 without one.
  int64_t leftover(int64_t first, int64_t last) const;
  void complain(int64_t packet);
  /// Something is wrong with it unless its decoder says that it has finished its picture.
  void expect(int64_t packet);
  /// From FFmpeg, in any thread: the packet's picture is finished.
  static void finish(const void* opaque);
  /// From FFmpeg, in any thread: marked memory for the packet's picture.
  static void hand_out(const void* opaque, const AVFrame& picture, AVCodecID codec);
  /// The pictures of the packets until this one are finished: of each of which something was not written, that is
  /// wrong. True: of the last one's.
  bool finish_until(int64_t packet);
  void forget();
  /// From FFmpeg, in any thread; false when `opaque` is of no log that lives.
  static bool add(const void* opaque, int level, const char* format, const std::string& line);

 private:
  using Tag = std::atomic<int64_t>;
  void note(std::set<int64_t>& packets, int64_t packet);
  int64_t first_of(std::initializer_list<const std::set<int64_t>*> kinds, int64_t first, int64_t last) const;
  static PacketLog* owner_of(const void* opaque);
  LogSink& sink_;
  const bool threaded_;
  const size_t count_;
  std::unique_ptr<Tag[]> tags_;
  size_t next_ = 0;
  mutable std::mutex mutex_;
  std::set<int64_t> complaints_;
  std::set<int64_t> unfinished_;
  std::set<int64_t> missing_;
  std::set<int64_t> keeping_;
  std::set<int64_t> making_up_;
  std::set<int64_t> torn_;
  MarkedPictures pictures_;
};

/// Makes `sink` the destination of what FFmpeg logs on this thread while the scope lives.
class LogScope {
 public:
  explicit LogScope(LogSink& sink);
  LogScope(const LogScope&) = delete;
  LogScope& operator=(const LogScope&) = delete;
  ~LogScope();

 private:
  LogSink* previous_;
};

/// Installs the process-wide callback, once, and has this library stay in the process for it.
void install_log_callback();

}  // namespace fp::av
