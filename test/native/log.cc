// Whose messages are whose: other users of libavcodec in the process keep what
// they like in a context's `opaque`.
#include "../../native/av/log.h"

#include "../../native/av/ffmpeg.h"
#include "check.h"

namespace fp::test {

void check_log() {
  AVCodecContext* context = avcodec_alloc_context3(nullptr);
  CHECK(context != nullptr);
  if (context == nullptr) return;
  int strangers = 7;
  context->opaque = &strangers;
  av_log(context, AV_LOG_ERROR, "a stranger's message\n");
  context->opaque = reinterpret_cast<void*>(1);
  av_log(context, AV_LOG_ERROR, "another one\n");
  {
    av::LogSink sink;
    sink.begin(false);
    av::PacketLog log(sink, 1);
    context->opaque = log.tag(3);
    av_log(context, AV_LOG_ERROR, "ours\n");
    CHECK_EQUAL(sink.tail().size(), size_t{1});
    CHECK_EQUAL(log.complaint(0, 9, false), int64_t{3});
    CHECK_EQUAL(log.complaint(0, 2, false), int64_t{-1});
    CHECK_EQUAL(log.complaint(4, 9, false), int64_t{-1});
    context->opaque = &sink;
    av_log(context, AV_LOG_ERROR, "not a tag of ours\n");
    CHECK_EQUAL(sink.tail().size(), size_t{1});
    context->opaque = log.tag(5);
  }
  // What is gone is nobody's.
  av_log(context, AV_LOG_ERROR, "too late\n");
  avcodec_free_context(&context);
  CHECK_EQUAL(strangers, 7);
}

}  // namespace fp::test
