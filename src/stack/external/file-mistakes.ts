import { type Document, isMap, isNode, isScalar, isSeq, type LineCounter } from 'yaml';
import { z } from 'zod';
import { didYouMean } from '../../base/did-you-mean.ts';
import { issuesOf } from '../../scenario/mistakes.ts';

type Issue = z.core.$ZodIssue;

/**
 * What a schema refuses of a YAML file, a sentence for each mistake with its line and place. A key that is missing has the line of what it
 * is missing in.
 *
 * @param value the document as the schema was given it
 */
export function fileMistakes(
  error: z.ZodError,
  value: unknown,
  document: Document,
  lines: LineCounter,
  schema: z.ZodType,
): string[] {
  return issuesOf(error, value).flatMap((issue) =>
    // Each such key stands in a line of its own.
    (issue.code === 'unrecognized_keys' ? issue.keys : [undefined]).map((strange) => {
      const path = strange === undefined ? issue.path : [...issue.path, strange];
      const what = strange === undefined ? plain(issue) : unknownText(strange, issue.path, schema);
      return `line ${lines.linePos(offsetOf(document, path)).line}, ${path.map(String).join('.') || 'the whole file'}: ${what}`;
    }),
  );
}

const plain = ({ message }: Issue) => message.replace(/^Invalid input: /, '');

function unknownText(key: string, path: readonly PropertyKey[], schema: z.ZodType): string {
  const known = knownKeys(schema, path);
  const meant = didYouMean(key, known);
  if (meant !== '') return `there is no such field.${meant}`;
  return `there is no such field${known.length > 0 ? `; expected ${known.join(', ')}` : ''}`;
}

/** Where the nearest part of a path begins that is there; the key counts where there is one, since its value may begin a line later. */
function offsetOf(document: Document, path: readonly PropertyKey[]): number {
  let node: unknown = document.contents;
  let offset = isNode(node) ? (node.range?.[0] ?? 0) : 0;
  for (const key of path) {
    let place: unknown;
    if (isMap(node)) {
      const pair = node.items.find((each) => isScalar(each.key) && isKey(key, String(each.key.value)));
      [place, node] = [pair?.key, pair?.value];
    } else {
      node = isSeq(node) ? node.items[Number(key)] : undefined;
      place = node;
    }
    if (!isNode(place) || !place.range) break;
    offset = place.range[0];
  }
  return offset;
}

/** A link may have a plain arrow in the file. */
const isKey = (key: PropertyKey, written: string) =>
  [written, written.replace('->', '→')].includes(String(key));

/** As much of JSON Schema as is walked through. */
interface JsonSchema {
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: JsonSchema;
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
}

/** The keys that may stand at a path. */
function knownKeys(schema: z.ZodType, path: readonly PropertyKey[]): string[] {
  const root = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as JsonSchema;
  const below = ({ properties, additionalProperties, items, anyOf }: JsonSchema, key: PropertyKey) =>
    properties?.[String(key)] ??
    additionalProperties ??
    items ??
    anyOf?.find((each) => each.properties)?.properties?.[String(key)];
  const found = path.reduce<JsonSchema | undefined>((at, key) => at && below(at, key), root);
  const here = found?.properties ?? found?.anyOf?.find((each) => each.properties)?.properties;
  return Object.keys(here ?? {});
}
