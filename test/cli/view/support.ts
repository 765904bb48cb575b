import { once } from "node:events";
import { type IncomingHttpHeaders, request } from "node:http";
import { createInterface } from "node:readline";
import { after } from "node:test";
import type { FileError, FrameFacts } from "../../../src/cli/view/answers.js";
import { type Finished, finish, launch } from "../support.js";

export interface Viewed {
  /** Of the page, with its token, ending in a slash. */
  readonly address: string;
  /** Sends the signal, and waits for the end. */
  readonly end: (signal?: NodeJS.Signals) => Promise<Finished>;
}

/** Runs `framepool view` until its address is known; it is ended with the test file at the latest. */
export async function view(args: readonly string[], env: NodeJS.ProcessEnv = process.env): Promise<Viewed> {
  return await served(["view", ...args], env);
}

/** The same of any command that serves a page. */
export async function served(args: readonly string[], env: NodeJS.ProcessEnv = process.env): Promise<Viewed> {
  const child = launch(args, { env });
  after(() => child.kill("SIGKILL"));
  const finished = finish(child);
  if (child.stdout === null) throw new Error("no output");
  const [address] = (await Promise.race([
    once(createInterface({ input: child.stdout }), "line"),
    finished.then(({ stderr }) => {
      throw new Error(`it ended: ${stderr}`);
    }),
  ])) as [string];
  return {
    address,
    end: (signal = "SIGINT") => {
      child.kill(signal);
      return finished;
    },
  };
}

export interface Got {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** Without a client's own ideas of headers and redirects. */
export async function get(
  address: string,
  { host, method = "GET" }: { readonly host?: string; readonly method?: string } = {},
): Promise<Got> {
  const asked = request(address, { method, agent: false, ...(host === undefined ? {} : { headers: { host } }) });
  asked.end();
  const [response] = (await once(asked, "response")) as [NodeJS.ReadableStream & { statusCode: number } & Got];
  const pieces: Buffer[] = [];
  for await (const piece of response) pieces.push(Buffer.from(piece));
  return { status: response.statusCode, headers: response.headers, body: Buffer.concat(pieces) };
}

export async function getJson<Facts>(address: string): Promise<Facts> {
  const { status, body } = await get(address);
  if (status !== 200) throw new Error(`${String(status)}: ${body.toString()}`);
  return JSON.parse(body.toString()) as Facts;
}

export async function errorOf(address: string): Promise<FileError> {
  return (await getJson<{ readonly error: FileError }>(address)).error;
}

export async function getFrame(
  address: string,
): Promise<FrameFacts & { readonly file: Buffer; readonly type: string }> {
  const { status, headers, body } = await get(address);
  const facts = headers["framepool-frame"];
  if (status !== 200 || typeof facts !== "string") throw new Error(`${String(status)}: ${body.toString()}`);
  return { ...(JSON.parse(facts) as FrameFacts), file: body, type: headers["content-type"] ?? "" };
}

/** Whether nobody answers there. */
export async function isRefused(host: string, port: number): Promise<boolean> {
  const asked = request({ host, port, path: "/", agent: false });
  asked.end();
  try {
    const [response] = (await once(asked, "response")) as [NodeJS.ReadableStream];
    response.resume();
    return false;
  } catch {
    return true;
  }
}
