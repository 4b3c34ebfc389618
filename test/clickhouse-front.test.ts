import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { type ClickHouseClient, ClickHouseError, ClickHouseLogLevel, createClient } from '@clickhouse/client';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { logExcerpt } from '../src/base/log-excerpt.ts';
import { waitUntil } from '../src/base/wait-until.ts';
import { clickhouseLaunch } from '../src/stack/embedded/clickhouse/launch.ts';

const USER = 'clickhouse';
const PASSWORD = 'se"cret:ü';
const DATABASE = 'chaos';

interface Front {
  readonly process: ChildProcess;
  readonly url: string;
  readonly exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  readonly errors: () => string;
}

const started = new Set<ChildProcess>();
const folders: string[] = [];

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'clickhouse-front-'));
  folders.push(folder);
  return folder;
}

function spawnFront(dataDir: string, port = 0) {
  const spec = clickhouseLaunch({
    dataDir,
    host: '127.0.0.1',
    port,
    user: USER,
    password: PASSWORD,
    database: DATABASE,
    compatibility: '24.3',
    displayName: 'front under test',
  });
  const child = spawn(spec.command, spec.args, {
    env: { ...process.env, ...spec.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  started.add(child);
  let output = '';
  let errors = '';
  child.stdout?.on('data', (chunk) => {
    output += chunk;
  });
  child.stderr?.on('data', (chunk) => {
    errors += chunk;
  });
  const exited = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
    child.once('exit', (code, signal) => {
      started.delete(child);
      resolve({ code, signal });
    });
  });
  return { child, exited, output: () => output, errors: () => errors };
}

async function startFront(dataDir: string): Promise<Front> {
  const { child, exited, output, errors } = spawnFront(dataDir);
  const port = await waitUntil('the front to listen', () => /^listening (\d+)$/m.exec(output())?.[1], {
    timeoutMs: 30_000,
    log: () => logExcerpt(errors(), []),
  });
  return { process: child, url: `http://127.0.0.1:${port}`, exited, errors };
}

function clientOf(front: Front, options: { max_open_connections?: number } = {}): ClickHouseClient {
  return createClient({
    url: front.url,
    username: USER,
    password: PASSWORD,
    database: DATABASE,
    ...options,
    compression: { request: true, response: true },
    log: { level: ClickHouseLogLevel.OFF },
    keep_alive: { enabled: true, idle_socket_ttl: 2_500 },
  });
}

async function rowsOf<T = Record<string, unknown>>(
  client: ClickHouseClient,
  query: string,
  query_params: Record<string, unknown> = {},
): Promise<T[]> {
  const result = await client.query({ query, query_params, format: 'JSONEachRow' });
  return result.json<T>();
}

const AUTHORIZATION = `Basic ${Buffer.from(`${USER}:${PASSWORD}`).toString('base64')}`;

/** A plain HTTP request, where the client hides what is looked at. */
function post(front: Front, path: string, body: string | Buffer, headers: Record<string, string> = {}) {
  return fetch(`${front.url}${path}`, {
    method: 'POST',
    body: typeof body === 'string' ? body : new Uint8Array(body),
    headers: { authorization: AUTHORIZATION, ...headers },
  });
}

let front: Front;
let client: ClickHouseClient;

beforeAll(async () => {
  front = await startFront(await newFolder());
  client = clientOf(front);
});

afterEach(() => {
  expect(front.process.exitCode).toBeNull();
});

afterAll(async () => {
  await client.close();
  for (const child of started) child.kill('SIGKILL');
  await front.exited;
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
});

test('ping needs no credentials and carries the display name', async () => {
  expect(await client.ping()).toEqual({ success: true });
  expect(await client.ping({ select: true })).toEqual({ success: true });
  const answer = await fetch(`${front.url}/ping`);
  expect(await answer.text()).toBe('Ok.\n');
  expect(answer.headers.get('x-clickhouse-server-display-name')).toBe('front under test');
});

test('the engine behaves as 24.3 in UTC, with limited memory, in the database of the caller or the default one', async () => {
  const query = `SELECT currentDatabase() AS db, timezone() AS tz, getSetting('compatibility') AS as_of`;
  expect(await rowsOf(client, query)).toEqual([{ db: DATABASE, tz: 'UTC', as_of: '24.3' }]);
  const limit = `SELECT toUInt64(value) BETWEEN 1 AND 2147483648 AS limited FROM system.server_settings WHERE name = 'max_server_memory_usage'`;
  expect(await rowsOf(client, limit)).toEqual([{ limited: 1 }]);
  const answer = await post(front, '/', 'SELECT currentDatabase()');
  expect(await answer.text()).toBe(`${DATABASE}\n`);
  expect(await (await post(front, '/?database=system', 'SELECT currentDatabase()')).text()).toBe('system\n');
});

test('parameters of every kind come back as they were sent', async () => {
  const nasty = [
    '',
    `'`,
    '"',
    '\\',
    `\\'`,
    '\n',
    '\r\n',
    '\t',
    '\0',
    '\\N',
    '{x:String}',
    '--',
    'ü漢字🙂',
    '; DROP',
    '%2B+ &=',
  ];
  for (const text of nasty) {
    expect(await rowsOf(client, 'SELECT {s:String} AS s', { s: text })).toEqual([{ s: text }]);
  }
  expect(await rowsOf(client, 'SELECT {a:Array(String)} AS a', { a: nasty })).toEqual([{ a: nasty }]);
  expect(
    await rowsOf(
      client,
      `SELECT {n:Nullable(String)} AS n, {m:Nullable(String)} AS m, {i:Int64} AS i, {f:Float64} AS f, {b:Bool} AS b,
        {d:DateTime64(3)} AS d, {ids:Array(UInt32)} AS ids, {map:Map(String, String)} AS map, {t:Identifier} AS t
        FROM (SELECT 1 AS col)`,
      {
        n: null,
        m: 'x',
        i: '-9223372036854775808',
        f: 1.5,
        b: true,
        d: new Date('2024-02-29T12:34:56.789Z'),
        ids: [1, 2, 3],
        map: { "k'1": 'v\\2' },
        t: 'col',
      },
    ),
  ).toEqual([
    {
      n: null,
      m: 'x',
      i: '-9223372036854775808',
      f: 1.5,
      b: true,
      d: '2024-02-29 12:34:56.789',
      ids: [1, 2, 3],
      map: { "k'1": 'v\\2' },
      t: 1,
    },
  ]);
});

test('320 queries with parameters, 32 at a time, give the right values', async () => {
  const wrong: unknown[] = [];
  const one = async (n: number) => {
    const text = `value '${n}'`;
    const [row] = await rowsOf<{ s: string; n: number }>(
      client,
      'SELECT {s:String} AS s, {n:UInt32} AS n, sleep(0.002)',
      {
        s: text,
        n,
      },
    );
    if (row?.s !== text || row.n !== n) wrong.push({ n, row });
  };
  let next = 0;
  const worker = async () => {
    while (next < 320) await one(next++);
  };
  await Promise.all(Array.from({ length: 32 }, worker));
  expect(next).toBe(320);
  expect(wrong).toEqual([]);
});

test('parameters larger than 16 KiB and than max_query_size fit into the URL', async () => {
  const ids = Array.from({ length: 10_000 }, (_, i) => `id-${i}-${'x'.repeat(24)}`);
  const [row] = await rowsOf(
    client,
    'SELECT length({ids:Array(String)}) AS n, {ids:Array(String)}[10000] AS last',
    { ids },
  );
  expect(row).toEqual({ n: '10000', last: ids.at(-1) });
  const result = await client.query({
    query: 'SELECT {s:String} AS s',
    query_params: { s: `a'\n\\b` },
    use_multipart_params: true,
    format: 'JSONEachRow',
  });
  expect(await result.json()).toEqual([{ s: `a'\n\\b` }]);
});

test('10,000 rows go in compressed, are counted in the summary, and come out compressed', async () => {
  await client.command({
    query: 'CREATE TABLE many (id UInt32, text String) ENGINE = MergeTree ORDER BY id',
  });
  const values = Array.from({ length: 10_000 }, (_, id) => ({ id, text: `row ${id} "quoted" \n ü` }));
  const inserted = await client.insert({ table: 'many', values, format: 'JSONEachRow' });
  expect(inserted.summary?.written_rows).toBe('10000');
  expect(await rowsOf(client, 'SELECT * FROM many ORDER BY id')).toEqual(values);
  const answer = await post(front, '/?enable_http_compression=1', 'SELECT * FROM many', {
    'accept-encoding': 'gzip',
  });
  expect(answer.headers.get('content-encoding')).toBe('gzip');
  expect((await answer.text()).split('\n')).toHaveLength(10_001);
});

test('other ways to insert: in the body, with columns, from a SELECT, CSV, RowBinary, VALUES', async () => {
  await client.command({
    query: 'CREATE TABLE ways (id UInt32, text String) ENGINE = MergeTree ORDER BY id',
  });
  const insert = async (path: string, body: string | Buffer) => {
    const answer = await post(front, path, body);
    const text = await answer.text();
    if (answer.status !== 200) throw new Error(text);
    return JSON.parse(answer.headers.get('x-clickhouse-summary') ?? '{}').written_rows;
  };
  const url = (query: string) => `/?query=${encodeURIComponent(query)}`;
  expect(await insert('/', 'INSERT INTO ways FORMAT JSONEachRow\n{"id":1,"text":"a;b"}\n{"id":2}\n')).toBe(
    '2',
  );
  expect(await insert('/', `INSERT INTO ways (id, text) VALUES (3, 'x; y'), (4, '')`)).toBe('2');
  expect(await insert(url('INSERT INTO ways (id, text) FORMAT CSV'), '5,"a\nb"\n6,c')).toBe('2');
  expect(
    await insert(url('INSERT INTO ways FORMAT RowBinary'), Buffer.from([7, 0, 0, 0, 2, 0x68, 0x0a])),
  ).toBe('1');
  expect(await insert(url('INSERT INTO ways VALUES'), `(8, 'v')`)).toBe('1');
  const long = 'z'.repeat(1_000_000);
  expect(await insert('/', `INSERT INTO ways VALUES (0, '${long}')`)).toBe('1');
  expect(await insert('/', `INSERT INTO ways FORMAT JSONEachRow {"id": 0, "text": "${long}"}`)).toBe('1');
  expect(await insert('/', 'INSERT INTO ways\nSELECT number + 9,\n toString(number) FROM numbers(3)')).toBe(
    '3',
  );
  const rows = await rowsOf<{ id: number; text: string }>(
    client,
    'SELECT * FROM ways WHERE id > 0 ORDER BY id',
  );
  expect(rows.map((row) => row.id)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
  expect(rows[4]?.text).toBe('a\nb');
  expect(rows[6]?.text).toBe('h\n');
});

test('FINAL on ReplacingMergeTree keeps the newest version and hides what is deleted', async () => {
  await client.command({
    query: `CREATE TABLE newest (id String, value String, event_ts DateTime64(3), is_deleted UInt8)
      ENGINE = ReplacingMergeTree(event_ts, is_deleted) ORDER BY id`,
  });
  const at = (second: number) => `2024-01-01 00:00:0${second}.000`;
  const row = (id: string, value: string, second: number, is_deleted = 0) => ({
    id,
    value,
    event_ts: at(second),
    is_deleted,
  });
  await client.insert({
    table: 'newest',
    values: [row('a', 'new', 2), row('b', 'old', 1)],
    format: 'JSONEachRow',
  });
  await client.insert({
    table: 'newest',
    values: [row('a', 'old', 1), row('b', '', 2, 1)],
    format: 'JSONEachRow',
  });
  expect(await rowsOf(client, 'SELECT id, value FROM newest FINAL')).toEqual([{ id: 'a', value: 'new' }]);
});

test('formats, ids and media types', async () => {
  const cases: [
    path: string,
    query: string,
    headers: Record<string, string>,
    format: string,
    body: string,
  ][] = [
    ['/', 'SELECT 1 AS a', {}, 'TabSeparated', '1\n'],
    ['/?default_format=CSV', `SELECT 'a' AS a`, {}, 'CSV', '"a"\n'],
    ['/', 'SELECT 1 AS a', { 'x-clickhouse-format': 'JSONEachRow' }, 'JSONEachRow', '{"a":1}\n'],
    ['/?default_format=CSV', 'SELECT 1 AS a FORMAT JSONCompactEachRow', {}, 'JSONCompactEachRow', '[1]\n'],
    ['/', 'SELECT 1 AS a FORMAT TSV SETTINGS max_threads = 1', {}, 'TSV', '1\n'],
    ['/', 'SELECT format FROM (SELECT 7 AS format)', {}, 'TabSeparated', '7\n'],
  ];
  for (const [path, query, headers, format, body] of cases) {
    const answer = await post(front, path, query, headers);
    expect(await answer.text()).toBe(body);
    expect(answer.headers.get('x-clickhouse-format')).toBe(format);
  }
  const answer = await post(front, '/?query_id=mine-1', 'SELECT 1 FORMAT JSON');
  expect(answer.headers.get('x-clickhouse-query-id')).toBe('mine-1');
  expect(answer.headers.get('content-type')).toMatch(/^application\/json/);
  await answer.text();
});

test('errors have the code, the type and the status of the server', async () => {
  const cases: [query: string, code: string, type: string, status: number][] = [
    ['SELECT * FROM nowhere', '60', 'UNKNOWN_TABLE', 404],
    ['SELECT * FROM nowhere.t', '81', 'UNKNOWN_DATABASE', 404],
    ['selec 1', '62', 'SYNTAX_ERROR', 400],
    ['SELECT 1; SELECT 2', '62', 'SYNTAX_ERROR', 400],
    [' -- nothing', '62', 'SYNTAX_ERROR', 400],
    ['SELECT no_such_function(1)', '46', 'UNKNOWN_FUNCTION', 404],
    ['SELECT {x:String}', '456', 'UNKNOWN_QUERY_PARAMETER', 500],
    ['SELECT throwIf(1)', '395', 'FUNCTION_THROW_IF_VALUE_IS_NON_ZERO', 500],
    [`SELECT toUInt8('x')`, '6', 'CANNOT_PARSE_TEXT', 400],
    [
      'SELECT groupArray(number) FROM numbers(1e7) SETTINGS max_memory_usage = 1e7',
      '241',
      'MEMORY_LIMIT_EXCEEDED',
      500,
    ],
  ];
  for (const [query, code, type, status] of cases) {
    const error = await client.command({ query }).catch((thrown: unknown) => thrown);
    expect(error, query).toBeInstanceOf(ClickHouseError);
    expect(error, query).toMatchObject({ code, type });
    const answer = await post(front, '/', query);
    const text = await answer.text();
    expect([answer.status, answer.headers.get('x-clickhouse-exception-code')], query).toEqual([status, code]);
    expect(text).toMatch(
      new RegExp(
        `^Code: ${code}\\. DB::Exception: [^]*\\(${type}\\) \\(version 26\\.7\\.[\\d.]+ \\(official build\\)\\)\n$`,
      ),
    );
  }
  const unknown = await post(front, '/?no_such_setting=1', 'SELECT 1');
  expect([unknown.status, await unknown.text()]).toEqual([404, expect.stringContaining('Code: 115.')]);
  const read = await fetch(`${front.url}/?query=${encodeURIComponent('CREATE DATABASE by_get')}`, {
    headers: { authorization: AUTHORIZATION },
  });
  expect([read.status, await read.text()]).toEqual([500, expect.stringContaining('Code: 164.')]);
});

test('who is not known is refused with 516, in each way of saying who one is', async () => {
  const status = async (path: string, headers: Record<string, string>) => {
    const answer = await fetch(`${front.url}${path}`, { method: 'POST', body: 'SELECT 1', headers });
    return [answer.status, /Code: (\d+)/.exec(await answer.text())?.[1] ?? 'none'];
  };
  const refused = [403, '516'];
  const inUrl = (user: string, password: string) =>
    `/?user=${encodeURIComponent(user)}&password=${encodeURIComponent(password)}`;
  const basic = (text: string) => ({ authorization: `Basic ${Buffer.from(text).toString('base64')}` });
  // A header carries no ü; the password goes in by Basic and URL.
  expect(await status('/', { authorization: AUTHORIZATION })).toEqual([200, 'none']);
  expect(await status(inUrl(USER, PASSWORD), {})).toEqual([200, 'none']);
  expect(await status('/', {})).toEqual(refused);
  expect(await status('/', basic(`${USER}:wrong`))).toEqual(refused);
  expect(await status('/', basic(`other:${PASSWORD}`))).toEqual(refused);
  expect(await status('/', { authorization: 'Bearer x' })).toEqual(refused);
  expect(await status('/', { 'x-clickhouse-user': USER, 'x-clickhouse-key': 'wrong' })).toEqual(refused);
  expect(await status(inUrl(USER, 'wrong'), {})).toEqual(refused);
  expect(await status(inUrl(USER, PASSWORD), { authorization: AUTHORIZATION })).toEqual(refused);
});

test('a refusal reaches a caller who is still sending a large body', async () => {
  const stranger = createClient({
    url: front.url,
    username: USER,
    password: 'wrong',
    log: { level: ClickHouseLogLevel.OFF },
  });
  const values = Array.from({ length: 200_000 }, (_, id) => ({ id, text: 'x'.repeat(40) }));
  const refused = stranger.insert({ table: 'nowhere', values, format: 'JSONEachRow' });
  await expect(refused).rejects.toMatchObject({ code: '516', type: 'AUTHENTICATION_FAILED' });
  await stranger.close();
});

test('an insert with one bad row lands nothing', async () => {
  await client.command({ query: 'CREATE TABLE strict (id UInt32) ENGINE = MergeTree ORDER BY id' });
  const values: { id: unknown }[] = Array.from({ length: 5_000 }, (_, id) => ({ id }));
  values.push({ id: 'no number' });
  await expect(client.insert({ table: 'strict', values, format: 'JSONEachRow' })).rejects.toMatchObject({
    code: '27',
  });
  expect(await rowsOf(client, 'SELECT count() AS n FROM strict')).toEqual([{ n: '0' }]);
});

test('a body that is cut lands nothing: by length, by chunks, inside the compression', async () => {
  await client.command({ query: 'CREATE TABLE cut (id UInt32) ENGINE = MergeTree ORDER BY id' });
  const path = `/?query=${encodeURIComponent('INSERT INTO cut FORMAT JSONEachRow')}`;
  const rows = Array.from({ length: 1_000 }, (_, id) => `{"id":${id}}\n`).join('');
  const sendAndCut = (headers: Record<string, string | number>) =>
    new Promise<void>((resolve) => {
      const sending = httpRequest(`${front.url}${path}`, {
        method: 'POST',
        headers: { authorization: AUTHORIZATION, ...headers },
      });
      sending.on('error', () => {});
      sending.on('close', resolve);
      sending.write(rows, () => sending.destroy());
    });
  await sendAndCut({ 'content-length': rows.length + 10 });
  await sendAndCut({ 'transfer-encoding': 'chunked' });
  const zipped = gzipSync(rows);
  const answer = await post(front, path, zipped.subarray(0, zipped.length - 20), {
    'content-encoding': 'gzip',
  });
  expect(answer.status).toBe(500);
  expect(await answer.text()).toContain('Code: 1001.');
  await client.command({ query: 'INSERT INTO cut VALUES (424242)' });
  expect(await rowsOf(client, 'SELECT count() AS n FROM cut')).toEqual([{ n: '1' }]);
});

test('a read whose caller went away is killed; others go on meanwhile', async () => {
  const gone = new AbortController();
  const slow = client
    .query({
      query: 'SELECT count() FROM numbers(1e18) WHERE NOT ignore(number)',
      clickhouse_settings: { log_comment: 'the slow one' },
      abort_signal: gone.signal,
    })
    .catch((error: unknown) => error);
  const running = async () => {
    const rows = await rowsOf(
      client,
      `SELECT query FROM system.processes WHERE endsWith(Settings['log_comment'], ' the slow one')`,
    );
    return rows.length;
  };
  await waitUntil('the slow query to run', async () => (await running()) === 1, { timeoutMs: 10_000 });
  gone.abort();
  await slow;
  await waitUntil('the slow query to end', async () => (await running()) === 0, { timeoutMs: 10_000 });
});

test('40 slow queries keep neither a ping nor another query waiting', async () => {
  const gone = new AbortController();
  const many = clientOf(front, { max_open_connections: 40 });
  const slow = Array.from({ length: 40 }, () =>
    many
      .query({
        query: 'SELECT sleepEachRow(1) FROM numbers(30) SETTINGS max_block_size = 1',
        abort_signal: gone.signal,
      })
      .catch(() => {}),
  );
  const other = clientOf(front);
  await waitUntil(
    'all of them to run',
    async () => {
      const [row] = await rowsOf<{ n: string }>(
        other,
        `SELECT count() AS n FROM system.processes WHERE query LIKE '%sleepEachRow%'`,
      );
      // The look itself is one of them.
      return row?.n === '41';
    },
    { timeoutMs: 10_000 },
  );
  expect(await other.ping()).toEqual({ success: true });
  gone.abort();
  await Promise.all(slow);
  await waitUntil(
    'all of them to end',
    async () => {
      const [row] = await rowsOf<{ n: string }>(other, 'SELECT count() AS n FROM system.processes');
      return row?.n === '1';
    },
    { timeoutMs: 10_000 },
  );
  await Promise.all([many.close(), other.close()]);
});

test('kill -9 under six writers: every acknowledged row is there once after the restart', async () => {
  const folder = await newFolder();
  let victim = await startFront(folder);
  const setUp = clientOf(victim);
  await setUp.command({
    query: 'CREATE TABLE rows (batch String, n UInt32) ENGINE = MergeTree ORDER BY (batch, n)',
  });
  await setUp.close();
  const sent = new Set<string>();
  const acknowledged = new Set<string>();
  for (const round of [1, 2, 3]) {
    const writers = Array.from({ length: 6 }, async (_, writer) => {
      const writing = clientOf(victim);
      for (let turn = 0; ; turn += 1) {
        const batch = `${round}-${writer}-${turn}`;
        sent.add(batch);
        const values = Array.from({ length: 200 }, (_, n) => ({ batch, n }));
        try {
          await writing.insert({ table: 'rows', values, format: 'JSONEachRow' });
        } catch {
          return writing.close();
        }
        acknowledged.add(batch);
      }
    });
    const enough = acknowledged.size + 60;
    await waitUntil('sixty batches', () => acknowledged.size >= enough, { timeoutMs: 30_000, intervalMs: 5 });
    victim.process.kill('SIGKILL');
    await Promise.all(writers);
    await victim.exited;
    victim = await startFront(folder);
  }
  const reading = clientOf(victim);
  const landed = await rowsOf<{ batch: string; rows: string; different: string }>(
    reading,
    'SELECT batch, count() AS rows, uniqExact(n) AS different FROM rows GROUP BY batch',
  );
  const complete = new Set(
    landed.filter((row) => row.rows === '200' && row.different === '200').map((row) => row.batch),
  );
  expect([...acknowledged].filter((batch) => !complete.has(batch))).toEqual([]);
  expect(landed.filter((row) => row.rows !== row.different || !sent.has(row.batch))).toEqual([]);
  await reading.close();
  victim.process.kill('SIGTERM');
  expect(await victim.exited).toMatchObject({ code: 0, signal: null });
});

test('SIGTERM ends it by itself, while a query runs and a body is half sent', async () => {
  const folder = await newFolder();
  const leaving = await startFront(folder);
  const busy = clientOf(leaving);
  const slow = busy
    .query({ query: 'SELECT count() FROM numbers(1e18) WHERE NOT ignore(number)' })
    .catch(() => 'failed');
  const half = httpRequest(leaving.url, {
    method: 'POST',
    headers: { authorization: AUTHORIZATION, 'content-length': 1_000 },
  });
  half.on('error', () => {});
  half.write('INSERT');
  await waitUntil(
    'the query to run',
    async () => {
      const rows = await rowsOf(
        busy,
        `SELECT 1 FROM system.processes WHERE query LIKE '%1e18%' AND query NOT LIKE '%processes%'`,
      );
      return rows.length === 1;
    },
    { timeoutMs: 10_000 },
  );
  leaving.process.kill('SIGTERM');
  expect(await leaving.exited).toMatchObject({ code: 0, signal: null });
  expect(await slow).toBe('failed');
  await busy.close();
  const again = await startFront(folder);
  again.process.kill('SIGTERM');
  expect(await again.exited).toMatchObject({ code: 0, signal: null });
  expect(again.errors()).toBe('');
});

test('what keeps it from starting is said plainly', async () => {
  const inUse = await newFolder();
  const first = await startFront(inUse);
  const second = spawnFront(inUse);
  expect(await second.exited).toMatchObject({ code: 1 });
  expect(second.errors()).toContain(`is in use by process ${first.process.pid}.`);
  first.process.kill('SIGKILL');
  await first.exited;

  const holder = createServer();
  await new Promise<void>((resolve) => holder.listen(0, '127.0.0.1', resolve));
  const { port } = holder.address() as { port: number };
  const busy = spawnFront(await newFolder(), port);
  expect(await busy.exited).toMatchObject({ code: 1 });
  expect(busy.errors()).toMatch(
    new RegExp(`^Port ${port} on 127\\.0\\.0\\.1 is taken by another process\\.`),
  );
  holder.close();

  const unwritable = spawnFront(join(import.meta.filename, 'data'));
  expect(await unwritable.exited).toMatchObject({ code: 1 });
  expect(unwritable.errors()).toContain('E_CLICKHOUSE_DATA_UNWRITABLE');
});
