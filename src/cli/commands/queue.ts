import { DecoderPool } from "../../index.js";
import {
  type QueueOptions,
  type QueueStatus,
  QueueWatch,
  addDataset,
  queueStatus,
  retryFailed,
  work,
} from "../../queue/index.js";
import {
  datasetHelp,
  datasetOptions,
  parseDatasetOptions,
  parseStorage,
  storageHelp,
  storageOptions,
} from "../dataset-options.js";
import { namesOf } from "../inputs.js";
import { interruptible } from "../interrupt.js";
import { clock } from "../clock.js";
import { plural, say } from "../messages.js";
import { parsePoolOptions, poolHelp, poolOptions } from "../pool-options.js";
import { serveQueue } from "../queue-page/server.js";
import { showUntil } from "../show-page.js";
import { parseCommandLine, parseInteger, UsageError, type Command, type ValuesOf } from "../usage.js";

const help = `Usage: framepool queue add FILE... SELECTION --to DIR [options]
       framepool queue work --root DIR [options]
       framepool queue status [--json]
       framepool queue serve [--root DIR] [--open]
       framepool queue retry

Makes a data set (see "framepool dataset --help") on as many machines as there are: "add" puts its shards into a queue on a
Redis server, each once, however often it is added; "work" makes shards until it is interrupted; "status" says how far they
are, "serve" shows it on a page, live; "retry" puts those back that were given up. A shard that two machines make is the same on both, so nothing is there
twice; what a machine that dies was making goes to another. Needs: npm install bullmq ioredis

add:
  FILE             a video, or - for a list of them on standard input: the workers find it below their --root, or at its address
${datasetHelp}
work:
  --root DIR       nothing outside of it is read or written; paths of the shards are relative to it. Or s3://bucket/prefix, which
                   may come beside a folder, and several times
  --concurrency N  shards at a time (default 2)
${poolHelp(16)}
  --allow-private  also videos on servers that are not on the public internet
  --until-empty    end when nothing is left to do
serve, to this machine alone, at an address that nobody can guess:
  --root DIR       as for work: with pictures of the latest samples
  --open           open the page in the browser (default: print its address)
  --port N         where to serve it (default: a free port)
All:
  --redis URL      redis://host:6379, or rediss: for TLS; default the variable FRAMEPOOL_REDIS, which keeps a password out of
                   lists of processes, else redis://127.0.0.1:6379
  --queue NAME     (default framepool)
${storageHelp}

Examples:
  find . -name '*.mp4' | framepool queue add - --count 8 --to shards
  framepool queue work --root /data --until-empty
  framepool queue status

Exit code: 0, 1 when something could not be done, 2 for a wrong command line.
`;

const common = { redis: { type: "string" }, queue: { type: "string" } } as const;

function queueOf(values: ValuesOf<typeof common>): QueueOptions {
  const redis = values.redis ?? process.env["FRAMEPOOL_REDIS"] ?? "redis://127.0.0.1:6379";
  if (!/^rediss?:\/\//.test(redis) || !URL.canParse(redis))
    throw new UsageError("--redis takes a redis: or rediss: URL");
  return { redis, name: values.queue };
}

async function add(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseCommandLine(args, { ...datasetOptions, ...common });
  if (positionals.length === 0) throw new UsageError("say which files to read");
  const dataset = parseDatasetOptions(values);
  const queue = queueOf(values);
  const { shards, added } = await addDataset(await namesOf(positionals, parseStorage(values)), dataset, queue);
  const known = added < shards ? `, ${String(shards - added)} in the queue before` : "";
  say(`${plural(added, "shard")} added${known}`);
  return 0;
}

const workOptions = {
  ...common,
  ...storageOptions,
  root: { type: "string", multiple: true },
  concurrency: { type: "string" },
  ...poolOptions,
  "allow-private": { type: "boolean" },
  "until-empty": { type: "boolean" },
} as const;

async function runWork(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseCommandLine(args, workOptions);
  if (positionals.length > 0) throw new UsageError("work takes no files: they are in the queue");
  const { root = [] } = values;
  if (root.length === 0 || root.includes("")) throw new UsageError("say what may be read and written: --root DIR");
  if (root.filter((one) => !/^s3:\/\//i.test(one)).length > 1) throw new UsageError("--root takes one folder");
  const queue = queueOf(values);
  const concurrency = parseInteger("--concurrency", values.concurrency ?? "2", 1, 1000);
  const pool = new DecoderPool(parsePoolOptions(values));
  try {
    return await interruptible(async (signal) => {
      const { made, kept, failed, samples } = await work(queue, {
        ...{ root, concurrency, pool, signal },
        allowPrivateAddresses: values["allow-private"] === true,
        untilEmpty: values["until-empty"] === true,
        ...parseStorage(values),
        onEvent(event) {
          if (event.type === "done") {
            const bad = Object.values(event.failures).reduce((sum, count) => sum + count, 0);
            say(
              `shard ${event.shard}: ${plural(event.samples, "sample")}${event.kept ? ", there already" : ""}${bad > 0 ? `, ${plural(bad, "failure")}` : ""}`,
            );
          } else
            say(
              `shard ${event.shard}: ${event.message} (${event.code})${event.isLast ? "; given up" : "; to be tried again"}`,
            );
        },
      });
      say(
        `${plural(made, "shard")} made${kept > 0 ? `, ${String(kept)} there already` : ""}, ${plural(samples, "sample")}${failed > 0 ? `, ${String(failed)} given up` : ""}`,
      );
      return failed > 0 ? 1 : 0;
    });
  } finally {
    await pool.close();
  }
}

async function status(args: readonly string[]): Promise<number> {
  const { values } = parseCommandLine(args, { ...common, json: { type: "boolean" } });
  const now = await queueStatus(queueOf(values));
  process.stdout.write(values.json === true ? `${JSON.stringify(now)}\n` : readable(now));
  return now.failed > 0 ? 1 : 0;
}

const barWidth = 40;

function readable({ waiting, active, done, failed, samples, failures, rate, secondsLeft }: QueueStatus): string {
  const all = waiting + active + done + failed;
  const filled = all === 0 ? 0 : Math.floor((done / all) * barWidth);
  const left = secondsLeft === undefined ? "" : secondsLeft === 0 ? "" : `, ${clock(secondsLeft, 0)} left`;
  const lines = [
    `${"█".repeat(filled)}${"░".repeat(barWidth - filled)} ${String(done)} of ${plural(all, "shard")}${left}`,
    `waiting ${String(waiting)}, under way ${String(active)}, given up ${String(failed)}; ${plural(samples, "sample")}, ${rate.toFixed(2)} shards/s`,
    ...Object.entries(failures).map(([code, count]) => `${code}: ${String(count)}`),
  ];
  return `${lines.join("\n")}\n`;
}

const serveOptions = {
  ...common,
  ...storageOptions,
  root: { type: "string", multiple: true },
  open: { type: "boolean" },
  port: { type: "string", default: "0" },
} as const;

async function runServe(args: readonly string[]): Promise<number> {
  const { values } = parseCommandLine(args, serveOptions);
  const port = parseInteger("--port", values.port, 0, 65_535);
  const queue = queueOf(values);
  const { root } = values;
  const roots = root === undefined ? undefined : { root, ...parseStorage(values) };
  return await interruptible(async (signal) => {
    const watch = await QueueWatch.open(queue);
    try {
      // Without a server to ask there is nothing to show.
      await watch.status();
      const page = await serveQueue(queue, watch, roots, port);
      await showUntil(signal, page, `queue ${queue.name ?? "framepool"}`, values.open === true);
    } finally {
      await watch.close();
    }
    return 0;
  });
}

async function retry(args: readonly string[]): Promise<number> {
  const { values } = parseCommandLine(args, common);
  say(`${plural(await retryFailed(queueOf(values)), "shard")} put back`);
  return 0;
}

const actions = new Map([
  ["add", add],
  ["work", runWork],
  ["status", status],
  ["serve", runServe],
  ["retry", retry],
]);

export const queueCommand: Command = {
  help,
  async run([name, ...args]) {
    const action = actions.get(name ?? "");
    if (action === undefined) throw new UsageError("say what to do: add, work, status, serve or retry");
    return await action(args);
  },
};
