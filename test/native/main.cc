// checks units | checks media <file>...: the last line counts what was done; exits with 1 when something failed.
#include <unistd.h>

#include <csignal>
#include <cstring>
#include <exception>
#include <iostream>
#include <string_view>

#include "../../native/av/log.h"
#include "check.h"
#include "media.h"

namespace fp::test {

namespace {

/// Longer than anything takes on a busy machine.
constexpr unsigned kMostSeconds = 300;

char subject[512] = "start";

/// The watchdog, or the sanitizers and assertions, which end the process with abort().
void die(int signal) {
  const std::string_view why = signal == SIGALRM ? ": hangs\n" : ": stopped\n";
  constexpr std::string_view kBefore = "FAILED ";
  const bool written = ::write(STDOUT_FILENO, kBefore.data(), kBefore.size()) > 0 &&
                       ::write(STDOUT_FILENO, subject, std::strlen(subject)) > 0 &&
                       ::write(STDOUT_FILENO, why.data(), why.size()) > 0;
  ::_exit(written ? 2 : 3);
}

template <typename Check>
void run(const std::string& name, Check check) {
  look_at(name);
  try {
    check();
  } catch (const av::Error& error) {
    verify(false, __FILE__, __LINE__, std::string(error.code) + ": " + error.what());
  } catch (const std::exception& error) {
    verify(false, __FILE__, __LINE__, std::string("not an av::Error: ") + error.what());
  }
}

void run_units() {
  run("bits", check_bits);
  run("headers", check_headers);
  run("io", check_io);
  run("log", check_log);
  run("index", check_index);
  run("order", check_order);
  run("kernels", check_kernels);
  run("pixels", check_pixels);
  run("conversion", check_conversion);
}

void run_media(const std::string& path) {
  const size_t slash = path.rfind('/');
  const std::string name = slash == std::string::npos ? path : path.substr(slash + 1);
  run(name, [&] { check_intact(path); });
  run(name, [&] { check_damaged(path); });
  run(name, [&] { check_bad_sources(path); });
  run(name, [&] { check_sound(path); });
}

}  // namespace

void look_at(const std::string& what) {
  const size_t length = what.copy(subject, sizeof subject - 1);
  subject[length] = 0;
  ::alarm(kMostSeconds);
}

const char* looking_at() { return subject; }

void verify(bool good, const char* file, int line, const std::string& text) {
  tally().checks++;
  if (good) return;
  tally().failures++;
  std::cout << "FAILED " << subject << ": " << file << ":" << line << ": " << text << std::endl;
}

}  // namespace fp::test

int main(int count, char** arguments) {
  using namespace fp::test;
  std::signal(SIGALRM, die);
  std::signal(SIGABRT, die);
  fp::av::install_log_callback();
  const std::string_view mode = count > 1 ? arguments[1] : "";
  if (mode == "units") {
    run_units();
  } else if (mode == "media") {
    for (int i = 2; i < count; i++) run_media(arguments[i]);
  } else {
    std::cerr << "usage: checks units | checks media <file>..." << std::endl;
    return 64;
  }
  ::alarm(0);
  const Tally& done = tally();
  std::cout << "counted {\"checks\":" << done.checks << ",\"failures\":" << done.failures
            << ",\"frames\":" << done.frames << ",\"copies\":" << done.copies << ",\"refused\":" << done.refused << "}"
            << std::endl;
  return done.failures == 0 ? 0 : 1;
}
