import type { Access, Target } from '../langfuse/access.ts';
import type { ClickHouseControl } from './clickhouse-control.ts';
import type { TargetGuard } from './guard.ts';
import type { HttpControl } from './http.ts';
import type { StackSpec } from './spec.ts';

/** The processes of a stack. */
export const COMPONENTS = [
  'toxiproxy',
  'dns',
  'http-proxy',
  'redis',
  'postgres',
  's3',
  'clickhouse',
  'web',
  'worker',
] as const;
export type Component = (typeof COMPONENTS)[number];

/** The two processes of the application; each sees the network through links of its own. */
export const APP_PROCESSES = ['web', 'worker'] as const;
export type AppProcess = (typeof APP_PROCESSES)[number];

/** What an application process reaches through a link. */
export const DEPENDENCIES = ['clickhouse', 'redis', 'postgres', 's3', 'dns'] as const;
export type Dependency = (typeof DEPENDENCIES)[number];

/** The versions that a stack's web and worker can run: that under test, and the one that it is replaced by in an upgrade. */
export const APP_VERSIONS = ['own', 'other'] as const;
export type AppVersion = (typeof APP_VERSIONS)[number];

/** One arrow of the stack; its Toxiproxy proxy has the same name. */
export type Link = `${AppProcess}→${Dependency}`;

/** Every link of a stack. */
export const LINKS: readonly Link[] = APP_PROCESSES.flatMap((from) =>
  DEPENDENCIES.map((to): Link => `${from}→${to}`),
);

/** The two ends of a link. */
export function endsOf(link: Link): { readonly from: AppProcess; readonly to: Dependency } {
  const [from, to] = link.split('→') as [AppProcess, Dependency];
  return { from, to };
}

/** Hold of one process of the stack. Every method resolves when its effect was observed. */
export interface ComponentControl {
  readonly name: Component;
  state(): Promise<'running' | 'paused' | 'exited'>;
  /** When the process that runs now, or ran last, was started; milliseconds since the epoch. */
  startedAt(): Promise<number>;
  /** Starts it again on the same data and port; resolves when it answers. */
  start(): Promise<void>;
  /** Starts it again and resolves at once: it may come up or end, as with a dependency away. */
  launch(): Promise<void>;
  /** Whether it answers now. */
  answers(): Promise<boolean>;
  /** SIGTERM, then SIGKILL when it has not gone after the grace period; 10 s unless told. */
  stop(graceMs?: number): Promise<void>;
  /** SIGKILL. */
  kill(): Promise<void>;
  /** SIGSTOP. */
  pause(): Promise<void>;
  /** SIGCONT. */
  resume(): Promise<void>;
  /** The last lines of its log, oldest first; only what begins after so many bytes, if told. */
  log(lines: number, after?: number): Promise<string[]>;
  /** Bytes of its log so far. */
  logSize(): Promise<number>;
}

/** What the DNS server answers one process for one name instead of its address. */
export type ZoneFault =
  /** NXDOMAIN, SERVFAIL, REFUSED, NOERROR without a record, or nothing at all, neither over UDP nor over TCP. */
  | { readonly kind: 'nxdomain' | 'servfail' | 'refused' | 'empty' | 'silent' }
  /** What it would answer anyway, so many milliseconds later. */
  | { readonly kind: 'slow'; readonly delayMs: number }
  /** Another IPv4 address. */
  | { readonly kind: 'address'; readonly address: string }
  /** NXDOMAIN for so many milliseconds, then the right address as long, and so on. */
  | { readonly kind: 'flapping'; readonly periodMs: number }
  /** No IPv4 address, but this IPv6 one. */
  | { readonly kind: 'aaaa-only'; readonly address: string };

/**
 * What the DNS server does to all questions of one process: `udp-only` cuts each connection over TCP at its question, after the
 * truncated answer over UDP has sent the resolver there; `away` answers neither over UDP nor over TCP.
 */
export const VIEW_FAULTS = ['udp-only', 'away'] as const;
export type ViewFault = (typeof VIEW_FAULTS)[number];

/** One question that the DNS server was asked. */
export interface DnsQuery {
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Which process asked. */
  readonly from: AppProcess;
  readonly name: string;
  readonly type: string;
  readonly transport: 'udp' | 'tcp';
  /** What was answered: `truncated` over UDP, if anything; `cut`: the connection was closed instead; `none`: nothing at all. */
  readonly answer: 'truncated' | 'address' | 'empty' | 'nxdomain' | 'servfail' | 'refused' | 'cut' | 'none';
  /** The fault that changed this answer. */
  readonly fault?: ZoneFault['kind'] | ViewFault;
}

/** Hold of the DNS server; each process has a view of its own, so that a name can be gone for one only. */
export interface DnsControl {
  /** The host name under which the application knows a dependency. */
  nameOf(dependency: Exclude<Dependency, 'dns'>): string;
  setFault(from: AppProcess, name: string, fault: ZoneFault): Promise<void>;
  clearFault(from: AppProcess, name: string): Promise<void>;
  /** Sets a fault of all names; `undefined` clears it. */
  setViewFault(from: AppProcess, fault: ViewFault | undefined): Promise<void>;
  /** The questions asked at or after `since`, oldest first (the last 10,000 are kept). */
  queries(since: number): Promise<DnsQuery[]>;
}

/** What a process says of its clock. */
export interface ClockReading {
  /** Milliseconds that it is ahead of the machine's; negative when it is behind. */
  readonly offsetMs: number;
  /** How often the program has looked at it since that was set. */
  readonly reads: number;
}

/** Hold of the clocks of the application's processes, each of its own. */
export interface ClockControl {
  /** Sets a process's clock so many milliseconds ahead (behind, if negative) of the machine's; it lasts over restarts until it is set to 0. Resolves when it says so, after 1 s all the same. */
  setOffset(process: AppProcess, offsetMs: number): Promise<void>;
  /** What was last set. */
  wantedOf(process: AppProcess): Promise<number>;
  /** What the process itself says. */
  readingOf(process: AppProcess): Promise<ClockReading>;
}

/**
 * One exchange over a connection of a link, as the process itself saw it: it sent something, and then came an answer or none. All
 * times are milliseconds since the epoch by the machine's own clock, all sizes bytes.
 */
export interface Exchange {
  /** When the process began to connect. */
  readonly openedAt: number;
  /** When the connection was accepted; absent if it was not. */
  readonly connectedAt?: number;
  /** When the process began to send; when the connection ended, if it never did. */
  readonly begunAt: number;
  readonly sent: number;
  readonly received: number;
  /** In how many pieces the answer came. */
  readonly pieces: number;
  /** When the first and the last piece of the answer came; absent while there is none. */
  readonly firstAt?: number;
  readonly lastAt?: number;
  /** When the connection ended in this exchange or after it. */
  readonly endedAt?: number;
  /** Who ended the connection, or the system's error, such as `ECONNRESET`. */
  readonly end?: 'local' | 'remote' | (string & {});
  /** How long the process waited for the other side after it had ended its own. */
  readonly closingMs?: number;
  /** Of the whole connection so far. */
  readonly sentInAll: number;
  readonly receivedInAll: number;
  /** When the process last wrote this down; an exchange without an answer had none by then. */
  readonly seenAt: number;
}

/** One running instance of the whole: infrastructure plus application. */
export interface Stack extends AsyncDisposable {
  readonly spec: StackSpec;
  /** Id of this instance; in the environment of each of its processes as `LANGFUSE_CHAOS_STACK`. */
  readonly id: string;
  /** Folder with its data, logs and state. */
  readonly folder: string;
  readonly target: Target;
  readonly access: Access;
  /** URL of Toxiproxy's API. */
  readonly toxiproxyUrl: string;
  readonly dns: DnsControl;
  readonly http: HttpControl;
  readonly clock: ClockControl;
  readonly clickhouse: ClickHouseControl;
  /** Every text that must not reach a report, a log or a history. */
  readonly secrets: readonly string[];
  /** Part → version. */
  readonly versions: Readonly<Record<string, string>>;
  /** What a run has to keep to; absent where the stack is the run's own. */
  readonly guard?: TargetGuard;
  component(name: Component): ComponentControl;
  /** Name of a link's proxy in Toxiproxy, where it is another than the link's. */
  proxyName?(link: Link): string;
  /** Address that a process connects to for this link (Toxiproxy's listener). */
  linkAddress(link: Link): { readonly host: string; readonly port: number };
  /** Address that the link leads to, behind Toxiproxy. */
  linkUpstream(link: Link): { readonly host: string; readonly port: number };
  /** The latest exchanges over a link, as the process at its near end saw them; none for links to `dns`, which go another way. */
  exchanges(link: Link): Promise<Exchange[]>;
  /** Brings the logs of its components into `logs/` of its folder; absent where they are written there anyway. Never fails: what can't be had is left out. */
  gatherLogs?(): Promise<void>;
  /**
   * Ends web or worker in good order and starts it from the stack's other version, or its own again, with the same ports and data. Before
   * a web, the migrations of its version are applied that were not yet, as Langfuse's own start of it does. Resolves to what it runs now when it answers;
   * absent where a stack can't do it.
   *
   * @throws ChaosError `E_STACK_START` when it does not come up, `E_MIGRATION`, `E_CHECKOUT…`; the signal's reason
   */
  replace?(process: AppProcess, by: AppVersion, signal?: AbortSignal): Promise<StackSpec>;
  /** Stops everything and removes the folder. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** What can be chosen when a stack is started. */
export interface StackOptions {
  /** Environment on top of the stack's own, by application process; Langfuse's names. */
  readonly settings?: Partial<Record<AppProcess, Readonly<Record<string, string>>>>;
  /** What is under test; the reference pipeline as it is unless told. */
  readonly spec?: StackSpec;
  /** The version of the same kind that web and worker are to be replaced by; none unless told. */
  readonly other?: StackSpec;
  /** Whether Redis keeps an append-only file; true unless told. */
  readonly redisAppendOnly?: boolean;
  /** Whether it is for a person to work with, and not for one run alone. */
  readonly byHand?: boolean;
  /** Called as parts come up, for progress. */
  readonly onProgress?: (text: string) => void;
  readonly signal?: AbortSignal;
}
