#ifndef _WIN32

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "byte_source.h"
#include "error.h"
#include "ffmpeg.h"

namespace fp::av {

namespace {

[[noreturn]] void throw_errno(int error) {
  const std::string text = std::strerror(error);
  switch (error) {
    case ENOENT:
    case ENOTDIR:
      throw Error("E_NOT_FOUND", "no such file", AVERROR(error));
    case EACCES:
    case EPERM:
      throw Error("E_ACCESS", "not allowed to read it", AVERROR(error));
    default:
      throw Error("E_IO", "cannot open it: " + text, AVERROR(error));
  }
}

int64_t modified_ns(const struct stat& status) {
#ifdef __APPLE__
  const struct timespec& time = status.st_mtimespec;
#else
  const struct timespec& time = status.st_mtim;
#endif
  return static_cast<int64_t>(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
}

}  // namespace

FileSource::FileSource(const std::string& path) {
  // Without O_NONBLOCK, opening a FIFO that nobody writes to would hang the worker for ever.
  file_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (file_ < 0) throw_errno(errno);
  identify();
}

FileSource::FileSource(int borrowed) {
  file_ = ::fcntl(borrowed, F_DUPFD_CLOEXEC, 0);
  if (file_ < 0) throw_errno(errno);
  identify();
}

void FileSource::identify() {
  struct stat status {};
  const int result = ::fstat(file_, &status);
  const int error = errno;
  if (result != 0 || !S_ISREG(status.st_mode)) {
    ::close(file_);
    if (result != 0) throw_errno(error);
    throw Error("E_NOT_A_FILE", S_ISDIR(status.st_mode) ? "it is a directory" : "it is not a regular file");
  }
  identity_ = {static_cast<uint64_t>(status.st_dev), static_cast<uint64_t>(status.st_ino),
               static_cast<int64_t>(status.st_size), modified_ns(status)};
}

FileSource::~FileSource() { ::close(file_); }

int FileSource::read(int64_t position, uint8_t* target, int length) noexcept {
  for (;;) {
    const ssize_t count = ::pread(file_, target, static_cast<size_t>(length), position);
    if (count >= 0) return static_cast<int>(count);
    if (errno != EINTR) return AVERROR(errno);
  }
}

}  // namespace fp::av

#endif
