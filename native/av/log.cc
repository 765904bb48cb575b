#include "log.h"

#ifdef _WIN32
#include <windows.h>
#else
#include <dlfcn.h>
#endif

#include <cstdarg>
#include <cstdio>
#include <unordered_set>

#include "ffmpeg.h"

namespace fp::av {

namespace {

constexpr size_t kTailLines = 8;
constexpr size_t kAllLines = 2000;

thread_local LogSink* current_sink = nullptr;

/// The sinks that live. Others in the process may use libavcodec too, and keep what they like in `opaque`.
struct Registry {
  std::mutex mutex;
  std::unordered_set<const void*> sinks;
};

/// Never destroyed: FFmpeg's threads may log as long as the process lives.
Registry& registry() {
  static auto* instance = new Registry;
  return *instance;
}

// Codec threads have no scope of their own: a codec context carries its reader's sink in `opaque`, and so do the copies
// of it that FFmpeg makes for its threads.
LogSink* sink_of(void* object) {
  if (current_sink != nullptr) return current_sink;
  if (object == nullptr) return nullptr;
  const AVClass* type = *static_cast<const AVClass* const*>(object);
  if (type != avcodec_get_class()) return nullptr;
  void* opaque = static_cast<AVCodecContext*>(object)->opaque;
  Registry& known = registry();
  const std::lock_guard<std::mutex> lock(known.mutex);
  return known.sinks.count(opaque) == 0 ? nullptr : static_cast<LogSink*>(opaque);
}

/// Node unloads an addon with the last thread that uses it, and FFmpeg would go on calling back into it.
void keep_loaded() {
#ifdef _WIN32
  HMODULE self = nullptr;
  GetModuleHandleExW(GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS | GET_MODULE_HANDLE_EX_FLAG_PIN,
                     reinterpret_cast<LPCWSTR>(&keep_loaded), &self);
#else
  Dl_info self{};
  // What it returns is never closed: this library stays.
  if (dladdr(reinterpret_cast<const void*>(&keep_loaded), &self) != 0 && self.dli_fname != nullptr) {
    static_cast<void>(dlopen(self.dli_fname, RTLD_LAZY | RTLD_NOLOAD | RTLD_NODELETE));
  }
#endif
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

LogSink::LogSink() {
  Registry& known = registry();
  const std::lock_guard<std::mutex> lock(known.mutex);
  known.sinks.insert(this);
}

LogSink::~LogSink() {
  Registry& known = registry();
  const std::lock_guard<std::mutex> lock(known.mutex);
  known.sinks.erase(this);
}

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
  std::call_once(once, [] {
    keep_loaded();
    av_log_set_callback(on_log);
  });
}

}  // namespace fp::av
