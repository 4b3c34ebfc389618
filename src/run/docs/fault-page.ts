import { z } from 'zod';
import type { CatalogueEntry } from '../../faults/catalogue.ts';
import { CAPABILITIES, type Capability } from '../../stack/capabilities.ts';
import { COMPONENTS, LINKS } from '../../stack/stack.ts';
import type { OddTrafficEntry } from '../../traffic/odd/catalogue.ts';

/** The heading of each group and what all of its faults have in common. */
const GROUPS: Readonly<Record<Capability, { readonly title: string; readonly intro: string }>> = {
  link: {
    title: 'Links',
    intro:
      "Done by Toxiproxy to one link, so that one process meets them and the other does not. `direction: upstream` hits what the process sends: the dependency does not get it right. `direction: downstream` hits what comes back: the dependency did what it was asked, and the process does not hear of it. Felt by what the process's own connections met, which a preload in the process notes down; on a link to `dns`, by a look-up that failed for want of an answer in the process's log, or, where everything arrives in the end, by the question itself.",
  },
  dns: {
    title: 'DNS',
    intro:
      'Each of the two processes has a resolver of its own, so a name can be gone for one and there for the other.',
  },
  process: {
    title: 'Processes',
    intro:
      'A restarted Toxiproxy, DNS server or HTTP proxy comes back without the faults of links that it held; a scenario in which such a fault overlaps is refused.',
  },
  http: {
    title: 'HTTP to S3 and ClickHouse',
    intro:
      "The link leads through a proxy that reads HTTP: single requests get another answer than the server's.",
  },
  clickhouse: { title: 'ClickHouse', intro: 'Done to the server itself: both processes meet them.' },
  redis: { title: 'Redis', intro: 'Done to the server itself: both processes meet them.' },
  postgres: { title: 'Postgres', intro: 'Done to the server itself: both processes meet them.' },
  clock: {
    title: 'Clock',
    intro:
      "What one process takes for the present time. The machine's clock and the other processes' are right.",
  },
};

/**
 * `docs/faults.md`: every fault of the catalogue by group, and every kind of odd traffic. The same entries give the same text, to
 * the byte.
 */
export function renderFaultPage(
  faults: readonly CatalogueEntry[],
  oddTraffic: readonly OddTrafficEntry[],
): string {
  const groups = CAPABILITIES.map((group) => ({
    ...GROUPS[group],
    faults: faults.filter((fault) => fault.group === group),
  })).filter((group) => group.faults.length > 0);
  const sections = groups.map(({ title, intro, faults: members }) =>
    [
      `## ${title}`,
      '',
      intro,
      '',
      row('fault', '`on`', 'parameters', 'what the target sees', 'felt when', 'healed when'),
      row(...Array<string>(6).fill('---')),
      ...members.map((fault) =>
        row(
          `\`${fault.name}\``,
          placesOf(fault.schema),
          parametersOf(fault.schema),
          fault.summary,
          fault.feltWhen,
          fault.healedWhen,
        ),
      ),
      '',
    ].join('\n'),
  );
  return [
    '# Faults',
    '',
    "What a scenario's timeline can inject or send. Made by `npm run docs` from the files in `src/faults/` and `src/traffic/odd/`; change those.",
    '',
    "Each fault is written to the run's journal before it is injected and struck out after it is undone. It must be *felt*, its effect observed at the process that it is meant for, before it ends, or the run is unknown.",
    '',
    `Links are \`web→…\` and \`worker→…\` with \`clickhouse\`, \`redis\`, \`postgres\`, \`s3\` and \`dns\`; \`->\` may be written for \`→\`. Components are ${COMPONENTS.map(code).join(', ')}.`,
    '',
    'Two faults may not overlap when one touches what the other does: undoing the one would undo part of the other, or the one be felt by what the other does. A scenario with such a pair is refused:',
    '',
    '* two on the same link or component; one that starts a process without a dependency is on that link too, and `clickhouse-wiped`, whose recovery starts the web, on the web;',
    '* one on a component, and one on a link that leads to it;',
    '* one on a link to `dns`, and one on another link of the same process;',
    '* one on `toxiproxy`, `dns` or `http-proxy`, which hold the faults of links, and one on a link.',
    '',
    'One that begins after such a fault waits until that one is undone and seen healed, or not healed within 30 s: what takes longer than planned puts off the next.',
    '',
    ...sections,
    '## Odd traffic',
    '',
    "Sent beside the scenario's own traffic by a step `send`: events that a client may well send and that are known to be lost, doubled or mixed up.",
    '',
    row('traffic', 'parameters', 'what it is'),
    row('---', '---', '---'),
    ...oddTraffic.map(({ name, schema, summary }) => row(code(name), parametersOf(schema), summary)),
    '',
  ].join('\n');
}

const code = (text: string) => `\`${text}\``;

function row(...cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`;
}

/** Where a fault can be injected: every place is shown to its schema. */
function placesOf(schema: z.ZodType): string {
  const takes = (on: string) => !schema.safeParse({ on }).error?.issues.some(({ path }) => path[0] === 'on');
  const links = LINKS.filter(takes);
  const others = [...COMPONENTS, 'application'].filter(takes);
  return [...linksText(links), ...othersText(others)].join(', ');
}

function linksText(links: readonly string[]): string[] {
  if (links.length === LINKS.length) return ['a link'];
  const named = LINKS.filter((link) => !link.endsWith('→dns'));
  if (links.join() === named.join()) return ['a link, but not to `dns`'];
  return links.map(code);
}

function othersText(others: readonly string[]): string[] {
  if (others.length === COMPONENTS.length) return ['a component'];
  const missing = COMPONENTS.filter((name) => !others.includes(name));
  if (missing.length === 1) return [`a component, but not ${missing.map(code)}`];
  return others.map(code);
}

/** What JSON Schema knows of one parameter. */
interface Property {
  readonly description?: string;
  readonly enum?: readonly string[];
}

/** Every parameter but `on`, with what its schema says of it. */
function parametersOf(schema: z.ZodType): string {
  const { properties = {}, required = [] } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  return Object.entries(properties)
    .filter(([name]) => name !== 'on')
    .map(([name, property]) => {
      const { description = '', enum: values } = property as Property;
      const choice = values?.every((value) => description.includes(value)) === false;
      const needed = required.includes(name) ? ' (needed)' : '';
      return `${code(name)}${needed}: ${description}${choice ? ` (${values?.map(code).join(', ')})` : ''}`;
    })
    .join('<br>');
}
