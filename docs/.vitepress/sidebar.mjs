const page = (text, link) => ({ text, link });

/** Every page, in reading order; the build fails for one that is missing here. */
export const sidebar = [
  {
    text: "Start",
    items: [
      page("Your first frame", "/start"),
      page("Questions", "/questions"),
      page("Gallery", "/gallery"),
      page("Command line", "/guide/command-line"),
      page("Look at a video", "/guide/view"),
    ],
  },
  {
    text: "Guide",
    items: [
      page("Frames", "/guide/frames"),
      page("Times and clocks", "/guide/times"),
      page("Selections", "/guide/selections"),
      page("Bytes from anywhere", "/guide/sources"),
      page("HTTP and S3", "/guide/http"),
      page("Indices that are kept", "/guide/indices"),
      page("Sound", "/guide/sound"),
      page("Pictures and sound together", "/guide/media"),
      page("Transforms", "/guide/transforms"),
      page("Pictures as files", "/guide/images"),
      page("Encoded packets", "/guide/packets"),
      page("Clips for models", "/guide/clips"),
      page("Data loader", "/guide/loader"),
      page("Many files", "/guide/many-files"),
      page("Data sets and shards", "/guide/shards"),
      page("Many machines", "/guide/machines"),
      page("Threads", "/guide/threads"),
      page("Memory", "/guide/memory"),
      page("Untrusted input and limits", "/guide/limits"),
      page("Errors", "/guide/errors"),
      page("Damaged files", "/damage"),
    ],
  },
  {
    text: "Recipes",
    items: [
      page("Thumbnails over HTTP", "/recipes/thumbnails"),
      page("Uploads", "/recipes/uploads"),
      page("Object storage", "/recipes/object-storage"),
      page("Sprites and scene cuts", "/recipes/sprites"),
      page("Frames and sound for models", "/recipes/models"),
      page("Docker, Lambda, Next.js ...", "/recipes/deploy"),
    ],
  },
  {
    text: "Coming from",
    items: [
      page("fluent-ffmpeg", "/from/fluent-ffmpeg"),
      page("Spawning ffmpeg", "/from/ffmpeg-process"),
      page("node-av", "/from/node-av"),
      page("mediabunny", "/from/mediabunny"),
      page("torchcodec", "/from/torchcodec"),
      page("decord", "/from/decord"),
    ],
  },
  {
    text: "Background",
    items: [
      page("Support", "/support"),
      page("How it works", "/how-it-works"),
      page("Performance", "/performance"),
      page("Formats and codecs", "/codecs"),
      page("Prebuilt packages", "/prebuilt"),
    ],
  },
];
