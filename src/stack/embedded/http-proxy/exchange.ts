import { once } from 'node:events';
import type { ClientRequest, IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import type { HttpAction, HttpHit, HttpLink } from '../../http.ts';
import { type Rewrite, rewrite } from './rewrite.ts';
import { type CountedRule, textOf } from './rules.ts';
import type { Upstream } from './upstream.ts';

/** How much of a body is looked through for the text of a rule, bytes. */
const LOOKED_THROUGH = 64 * 1024;
/** How much of a path a hit keeps, characters. */
const PATH_KEPT = 200;

/** What an exchange works with. */
export interface ExchangeParts {
  readonly link: HttpLink;
  readonly upstream: Upstream;
  readonly rule: CountedRule | undefined;
  readonly note: (hit: HttpHit) => void;
}

/** One request and its answer. Whatever goes wrong at one end closes the other, as Toxiproxy would. */
export class Exchange {
  readonly #parts: ExchangeParts;
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;

  constructor(parts: ExchangeParts, request: IncomingMessage, response: ServerResponse) {
    this.#parts = parts;
    this.#request = request;
    this.#response = response;
    response.sendDate = false;
  }

  async run(): Promise<void> {
    const { upstream } = this.#parts;
    upstream.begin();
    try {
      const beginning = await this.#beginning();
      const action = this.#action(beginning);
      if (action?.kind === 'answer') await this.#answer(action);
      else await this.#forward(action, beginning);
    } catch {
      // One end broke off, or the server is away: so does the other end.
      this.#request.socket.destroy();
    } finally {
      upstream.end();
    }
  }

  /** The beginning of the body, if the rule has to look into it. */
  async #beginning(): Promise<Buffer> {
    const { link, rule } = this.#parts;
    const chunks: Buffer[] = [];
    if (!rule?.needsText || link.endsWith('→s3')) return Buffer.alloc(0);
    let size = 0;
    while (size < LOOKED_THROUGH) {
      const chunk: Buffer | null = this.#request.read();
      if (chunk) {
        chunks.push(chunk);
        size += chunk.length;
      } else if (this.#request.readableEnded) {
        break;
      } else if (!(await this.#moreToRead())) {
        break;
      }
    }
    return Buffer.concat(chunks);
  }

  async #moreToRead(): Promise<boolean> {
    const done = new AbortController();
    const { signal } = done;
    try {
      return await Promise.race([
        once(this.#request, 'readable', { signal }).then(() => true),
        once(this.#request, 'end', { signal }).then(() => false),
        once(this.#request, 'close', { signal }).then(() => false),
      ]);
    } finally {
      done.abort();
    }
  }

  #action(beginning: Buffer): HttpAction | undefined {
    const { link, rule } = this.#parts;
    const { method = '', url: path = '' } = this.#request;
    return rule?.take({ method, path, text: rule.needsText ? textOf(link, path, beginning) : '' });
  }

  async #answer({ status, headers, body }: Extract<HttpAction, { kind: 'answer' }>): Promise<void> {
    // To its end: a client that is still sending would not read the answer.
    for await (const _ of this.#request);
    this.#hit(`answered ${status} in the server's place`);
    const bytes = Buffer.from(body);
    this.#response.writeHead(status, { 'content-length': bytes.length, ...headers });
    this.#response.end(bytes);
    await once(this.#response, 'close');
  }

  async #forward(
    action: Exclude<HttpAction, { kind: 'answer' }> | undefined,
    beginning: Buffer,
  ): Promise<void> {
    const changes = action !== undefined && action.kind !== 'lose-answer';
    const outgoing = this.#parts.upstream.request(this.#request, this.#headers(changes));
    const answered = once(outgoing, 'response') as Promise<[IncomingMessage]>;
    // What breaks off here is an error of `outgoing` too, unless the server has answered before it had read all.
    this.#send(outgoing, beginning).catch(() => {});
    const [answer] = await answered;
    if (action?.kind === 'lose-answer') return this.#lose(answer);
    if (changes && answer.statusCode === 200) return this.#rewrite(answer, action);
    const { statusCode = 502, statusMessage = '' } = answer;
    this.#response.writeHead(statusCode, statusMessage, answer.rawHeaders);
    await pipeline(answer, this.#response);
  }

  async #send(outgoing: ClientRequest, beginning: Buffer): Promise<void> {
    if (beginning.length > 0) outgoing.write(beginning);
    await pipeline(this.#request, outgoing);
  }

  /** As they came; only ClickHouse is not let compress an answer that is to be changed. S3's are signed, and it never does. */
  #headers(changes: boolean): string[] {
    const raw = this.#request.rawHeaders;
    if (!changes || this.#parts.link.endsWith('→s3')) return raw;
    return raw.flatMap((name, index) =>
      index % 2 === 0 && name.toLowerCase() !== 'accept-encoding' ? [name, raw[index + 1] ?? ''] : [],
    );
  }

  async #lose(answer: IncomingMessage): Promise<void> {
    for await (const _ of answer);
    this.#hit(`closed the connection in place of the server's answer ${answer.statusCode}`);
    this.#request.socket.destroy();
  }

  async #rewrite(answer: IncomingMessage, action: Rewrite): Promise<void> {
    const body = Buffer.concat(await answer.toArray());
    const changed = rewrite(action, body);
    if (changed) this.#hit(changed.did);
    const bytes = changed?.body ?? body;
    const streamed = action.kind === 'break-off' && changed !== undefined;
    const headers = answer.rawHeaders.flatMap((name, index) =>
      index % 2 === 0 && !/^(content-length|transfer-encoding)$/i.test(name)
        ? [name, answer.rawHeaders[index + 1] ?? '']
        : [],
    );
    const length = streamed ? ['transfer-encoding', 'chunked'] : ['content-length', String(bytes.length)];
    this.#response.writeHead(200, answer.statusMessage ?? '', [...headers, ...length]);
    if (streamed && !action.complete) {
      await new Promise<void>((resolve) => this.#response.write(bytes, () => resolve()));
      this.#request.socket.destroySoon();
      return;
    }
    this.#response.end(bytes);
    await once(this.#response, 'close');
  }

  #hit(did: string): void {
    const { link, note } = this.#parts;
    const { method = '', url = '' } = this.#request;
    note({ at: Date.now(), link, method, path: url.slice(0, PATH_KEPT), did });
  }
}
