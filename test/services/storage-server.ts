import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { type IncomingMessage, type ServerResponse, createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import {
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { freePort } from "./free-port.js";

const bucket = "frames";

/** What the line does before it lets a request through; it may answer by itself. */
export type OnRequest = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>;

/** A server of the test's own that speaks S3's protocol, with one bucket, `frames`, behind a line that the test listens in to. */
export class StorageServer {
  readonly #process: ChildProcess;
  readonly #port: number;
  readonly #line = createServer((question, answer) => void this.#pass(question, answer));
  readonly #client: S3Client;
  onRequest: OnRequest = () => undefined;

  private constructor(port: number) {
    const python = process.env["FRAMEPOOL_TEST_PYTHON"] ?? "python3";
    const args = ["-H", "127.0.0.1", "-p", String(port)];
    this.#process = spawn(join(dirname(python), "moto_server"), args, { stdio: "ignore" });
    this.#port = port;
    const endpoint = `http://127.0.0.1:${port}`;
    const credentials = { accessKeyId: "id", secretAccessKey: "secret" };
    this.#client = new S3Client({ endpoint, credentials, region: "us-east-1", forcePathStyle: true });
  }

  static async start(): Promise<StorageServer> {
    const server = new StorageServer(await freePort());
    while (!(await server.#answers())) await sleep(50);
    await server.#client.send(new CreateBucketCommand({ Bucket: bucket }));
    server.#line.listen(0, "127.0.0.1");
    await once(server.#line, "listening");
    return server;
  }

  /** Of the line. */
  get endpoint(): string {
    return `http://127.0.0.1:${(this.#line.address() as AddressInfo).port}`;
  }

  async put(key: string, data: Uint8Array): Promise<string> {
    await this.#client.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: data }));
    return `s3://${bucket}/${key}`;
  }

  async remove(key: string): Promise<void> {
    await this.#client.send(new DeleteObjectCommand({ Bucket: bucket, Key: key }));
  }

  /** Digests of the objects below a folder, by their names there. */
  async contents(folder: string): Promise<Record<string, string>> {
    const prefix = `${folder}/`;
    const { Contents = [] } = await this.#client.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix }));
    const found: Record<string, string> = {};
    for (const { Key = "" } of Contents) {
      const { Body } = await this.#client.send(new GetObjectCommand({ Bucket: bucket, Key }));
      const bytes = (await Body?.transformToByteArray()) ?? new Uint8Array();
      found[Key.slice(prefix.length)] = createHash("sha256").update(bytes).digest("hex");
    }
    return found;
  }

  /** Names of objects that are under way. */
  async uploads(): Promise<string[]> {
    const { Uploads = [] } = await this.#client.send(new ListMultipartUploadsCommand({ Bucket: bucket }));
    return Uploads.map(({ Key = "" }) => Key);
  }

  /** Begins one that nobody goes on with; resolves with its number. */
  async beginUpload(key: string): Promise<string> {
    const { UploadId = "" } = await this.#client.send(new CreateMultipartUploadCommand({ Bucket: bucket, Key: key }));
    return UploadId;
  }

  async end(): Promise<void> {
    this.#client.destroy();
    this.#line.close();
    this.#line.closeAllConnections();
    const exited = once(this.#process, "exit");
    this.#process.kill();
    await exited;
  }

  async #answers(): Promise<boolean> {
    return await fetch(`http://127.0.0.1:${this.#port}/moto-api/`).then(
      (answer) => answer.ok,
      () => false,
    );
  }

  async #pass(question: IncomingMessage, answer: ServerResponse): Promise<void> {
    await this.onRequest(question, answer);
    if (answer.writableEnded) return;
    const { method, url, headers } = question;
    const onward = request({ host: "127.0.0.1", port: this.#port, method, path: url, headers }, (reply) => {
      answer.writeHead(reply.statusCode ?? 500, reply.headers);
      reply.pipe(answer);
    });
    onward.on("error", () => answer.destroy());
    question.pipe(onward);
  }
}
