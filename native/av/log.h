// FFmpeg's log, kept per reader: it never reaches stderr.
#pragma once

#include <deque>
#include <mutex>
#include <string>
#include <vector>

namespace fp::av {

/// Where the messages of one reader go. Written by the reader's own thread and by FFmpeg's codec threads.
class LogSink {
 public:
  LogSink();
  LogSink(const LogSink&) = delete;
  LogSink& operator=(const LogSink&) = delete;
  ~LogSink();
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
