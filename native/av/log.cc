#include "log.h"

#include <cstdarg>
#include <cstdio>

#include "ffmpeg.h"

namespace fp::av {

namespace {

constexpr size_t kTailLines = 8;
constexpr size_t kAllLines = 2000;

thread_local LogSink* current_sink = nullptr;

// Codec threads have no scope of their own: a codec context carries its reader's sink in `opaque`.
LogSink* sink_of(void* object) {
  if (current_sink != nullptr) return current_sink;
  if (object == nullptr) return nullptr;
  const AVClass* type = *static_cast<const AVClass* const*>(object);
  if (type != avcodec_get_class()) return nullptr;
  return static_cast<LogSink*>(static_cast<AVCodecContext*>(object)->opaque);
}

void on_log(void* object, int level, const char* format, va_list arguments) {
  if (level > AV_LOG_VERBOSE) return;
  LogSink* sink = sink_of(object);
  if (sink == nullptr) return;
  char text[1024];
  int prefix = 1;
  av_log_format_line2(object, level, format, arguments, text, sizeof text, &prefix);
  std::string line(text);
  while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) line.pop_back();
  if (!line.empty()) sink->add(level, std::move(line));
}

}  // namespace

void LogSink::begin(bool keep_all) {
  const std::lock_guard<std::mutex> lock(mutex_);
  tail_.clear();
  all_.clear();
  keep_all_ = keep_all;
}

void LogSink::add(int level, std::string line) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (keep_all_ && all_.size() < kAllLines) {
    const char* name = level <= AV_LOG_ERROR ? "error" : level <= AV_LOG_WARNING ? "warning" : "info";
    all_.push_back(std::string(name) + ": " + line);
  }
  if (level > AV_LOG_WARNING) return;
  tail_.push_back(std::move(line));
  if (tail_.size() > kTailLines) tail_.pop_front();
}

std::vector<std::string> LogSink::tail() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return {tail_.begin(), tail_.end()};
}

std::vector<std::string> LogSink::all() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return all_;
}

LogScope::LogScope(LogSink& sink) : previous_(current_sink) { current_sink = &sink; }

LogScope::~LogScope() { current_sink = previous_; }

void install_log_callback() {
  static std::once_flag once;
  std::call_once(once, [] { av_log_set_callback(on_log); });
}

}  // namespace fp::av
