import type { Access, Target } from '../langfuse/access.ts';

/** The processes of a stack. */
export const COMPONENTS = [
  'toxiproxy',
  'dns',
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
  /** Starts it again on the same data and port; resolves when it answers. */
  start(): Promise<void>;
  /** SIGTERM, then SIGKILL when it has not gone after the grace period (10 s). */
  stop(): Promise<void>;
  /** SIGKILL. */
  kill(): Promise<void>;
  /** SIGSTOP. */
  pause(): Promise<void>;
  /** SIGCONT. */
  resume(): Promise<void>;
  /** The last lines of its log, oldest first. */
  log(lines: number): Promise<string[]>;
}

/** What the DNS server answers for a name instead of its address. */
export type ZoneFault = 'nxdomain' | 'servfail';

/** One question that the DNS server was asked. */
export interface DnsQuery {
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Which process asked. */
  readonly from: AppProcess;
  readonly name: string;
  readonly type: string;
  readonly transport: 'udp' | 'tcp';
  /** `truncated` over UDP always; over TCP what was answered. */
  readonly answer: 'truncated' | 'address' | 'empty' | ZoneFault;
}

/** Hold of the DNS server; each process has a view of its own, so that a name can be gone for one only. */
export interface DnsControl {
  /** The host name under which the application knows a dependency. */
  nameOf(dependency: Exclude<Dependency, 'dns'>): string;
  setFault(from: AppProcess, name: string, fault: ZoneFault): Promise<void>;
  clearFault(from: AppProcess, name: string): Promise<void>;
  /** The questions asked at or after `since`, oldest first (the last 10,000 are kept). */
  queries(since: number): Promise<DnsQuery[]>;
}

/** One running instance of the whole: infrastructure plus application. */
export interface Stack extends AsyncDisposable {
  readonly kind: 'embedded';
  /** Id of this instance; in the environment of each of its processes as `LANGFUSE_CHAOS_STACK`. */
  readonly id: string;
  /** Folder with its data, logs and state. */
  readonly folder: string;
  readonly target: Target;
  readonly access: Access;
  /** URL of Toxiproxy's API. */
  readonly toxiproxyUrl: string;
  readonly dns: DnsControl;
  /** Every text that must not reach a report, a log or a history. */
  readonly secrets: readonly string[];
  /** Part → version. */
  readonly versions: Readonly<Record<string, string>>;
  component(name: Component): ComponentControl;
  /** Address that a process connects to for this link (Toxiproxy's listener). */
  linkAddress(link: Link): { readonly host: string; readonly port: number };
  /** Stops everything and removes the folder. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** The reference pipelines: the one with Langfuse v3.36.0's weaknesses, and one without. */
export const PIPELINES = ['v3.36.0', 'safe'] as const;
export type Pipeline = (typeof PIPELINES)[number];

/** What can be chosen when a stack is started. */
export interface StackOptions {
  /** Environment on top of the stack's own, by application process; Langfuse's names. */
  readonly settings?: Partial<Record<AppProcess, Readonly<Record<string, string>>>>;
  /** Which reference pipeline is under test; `v3.36.0` unless told. */
  readonly pipeline?: Pipeline;
  /** A defect planted in the reference pipeline, by its name in `src/reference/defects.ts`; none unless told. */
  readonly defect?: string;
  /** Whether Redis keeps an append-only file; true unless told. */
  readonly redisAppendOnly?: boolean;
  /** Whether it is for a person to work with, and not for one run alone. */
  readonly byHand?: boolean;
  /** Called as parts come up, for progress. */
  readonly onProgress?: (text: string) => void;
  readonly signal?: AbortSignal;
}
