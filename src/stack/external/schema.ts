import { z } from 'zod';
import { didYouMean } from '../../base/did-you-mean.ts';
import { type COMPONENTS, endsOf, LINKS, type Link } from '../stack.ts';
import { allowableFaults } from './allowable.ts';
import { quantitySchema } from './quantity.ts';
import { secretSchema, urlSchema, valueSchema } from './secret.ts';

/** Components whose hooks an owner may write: what is not the harness's own. */
export const HOOKED = [
  'web',
  'worker',
  'redis',
  'postgres',
  's3',
  'clickhouse',
] as const satisfies readonly (typeof COMPONENTS)[number][];
export type Hooked = (typeof HOOKED)[number];

/** Links that a proxy can stand on there; names are resolved past all of them. */
const PROXIED = LINKS.filter((link) => endsOf(link).to !== 'dns');

/** A link, `->` taken for `→`. */
const linkSchema = z.preprocess(
  (text) => (typeof text === 'string' ? text.replace('->', '→') : text),
  z.enum(PROXIED as [Link, ...Link[]], { error: `expected a link: ${PROXIED.join(', ')}` }),
);

const command = z.string().min(1);

const hooksSchema = z.strictObject({
  state: command,
  healthy: command,
  kill: command.optional(),
  stop: command.optional(),
  start: command.optional(),
  pause: command.optional(),
  resume: command.optional(),
  timeout: quantitySchema('time').optional(),
});
/** The commands of one component, run by `sh -c`. */
export type Hooks = z.infer<typeof hooksSchema>;

const proxySchema = z
  .union([
    z.string().min(1),
    z.strictObject({
      name: z.string().min(1),
      address: z.string().regex(/^.+:\d+$/, { error: 'expected HOST:PORT' }),
    }),
  ])
  .transform((proxy) => (typeof proxy === 'string' ? { name: proxy } : proxy));

/** By link; a key with a plain arrow is read before the enum would refuse it. */
const proxiesSchema = z.record(z.string(), proxySchema).transform((proxies, context) => {
  const byLink: Partial<Record<Link, z.infer<typeof proxySchema>>> = {};
  for (const [key, proxy] of Object.entries(proxies)) {
    const link = linkSchema.safeParse(key);
    if (link.success) byLink[link.data] = proxy;
    else
      context.addIssue({
        code: 'custom',
        path: [key],
        message: `no such link; expected ${PROXIED.join(', ')}`,
      });
  }
  return byLink;
});

const allowedSchema = z.strictObject({
  on: z.union([linkSchema, z.enum(HOOKED)], {
    error: `expected a link such as worker→clickhouse, or one of ${HOOKED.join(', ')}`,
  }),
  faults: z.array(z.string().min(1)).min(1),
});

const abortSchema = z.strictObject({
  errorRate: z.strictObject({ above: quantitySchema('share'), over: quantitySchema('time') }).optional(),
  queueLength: z.strictObject({ above: quantitySchema('jobs') }).optional(),
  time: z.strictObject({ above: quantitySchema('time') }).optional(),
});

const environment = z.record(z.string(), z.string());

/** What an external target's file may hold; docs/external.md explains every field, docs/examples/external.yml is one. */
export const externalSchema = z
  .strictObject({
    name: z.string().regex(/^[\w.-]+$/, { error: 'expected one word of letters, digits, -, _ and .' }),
    project: z.strictObject({ id: z.string().min(1), publicKey: valueSchema, secretKey: secretSchema }),
    sharedProject: z.boolean().default(false),
    web: z.strictObject({ url: urlSchema('http', 'https') }),
    worker: z.strictObject({ url: urlSchema('http', 'https') }).optional(),
    clickhouse: z.strictObject({
      url: urlSchema('http', 'https'),
      database: z.string().min(1).default('default'),
      username: valueSchema,
      password: secretSchema,
    }),
    redis: z.strictObject({
      url: urlSchema('redis', 'rediss'),
      username: valueSchema.optional(),
      password: secretSchema.optional(),
      keyPrefix: z.string().min(1).optional(),
    }),
    s3: z.strictObject({
      endpoint: urlSchema('http', 'https'),
      region: z.string().min(1).default('auto'),
      bucket: z.string().min(1),
      prefix: z
        .string()
        .regex(/^$|\/$/, {
          error: 'expected nothing, or a folder that ends in "/", as LANGFUSE_S3_EVENT_UPLOAD_PREFIX has it',
        })
        .default(''),
      accessKeyId: valueSchema,
      secretAccessKey: secretSchema,
    }),
    settings: z.strictObject({ web: environment.optional(), worker: environment.optional() }).default({}),
    toxiproxy: z.strictObject({ url: urlSchema('http', 'https'), proxies: proxiesSchema }).optional(),
    hooks: z.partialRecord(z.enum(HOOKED), hooksSchema).default({}),
    allow: z
      .strictObject({
        faults: z.array(allowedSchema).default([]),
        recovery: z.boolean().default(false),
      })
      .default({ faults: [], recovery: false }),
    abort: abortSchema.default({}),
  })
  .superRefine(({ allow, abort, toxiproxy, hooks }, context) => {
    const wrong = (path: (string | number)[], message: string) =>
      context.addIssue({ code: 'custom', path, message });
    for (const [index, { on, faults }] of allow.faults.entries()) {
      const place = ['allow', 'faults', index, 'on'];
      const known = allowableFaults(on);
      for (const [position, fault] of faults.entries())
        if (!known.includes(fault))
          wrong(
            ['allow', 'faults', index, 'faults', position],
            `"${fault}" is no fault that can be injected there.${didYouMean(fault, known)} Expected one of ${known.join(', ')}`,
          );
      if (on.includes('→') && !toxiproxy?.proxies[on as Link])
        wrong(place, `toxiproxy.proxies does not name the proxy of ${on}`);
      if (!on.includes('→') && !hooks[on as Hooked]) wrong(place, `hooks has no commands for ${on}`);
    }
    if (allow.faults.length === 0) return;
    for (const condition of ['errorRate', 'queueLength', 'time'] as const)
      if (!abort[condition])
        wrong(['abort', condition], 'is missing: where faults are allowed, it must be said when to stop');
  });

/** What runs already, as its owner describes it: addresses, names of variables, and what may be done to it. Holds no secret. */
export type ExternalTarget = z.infer<typeof externalSchema>;
