/** A harness process without a watchdog that a test can kill: starts a stack of containers, prints its id, and stays. */
import { startStack } from '../../../src/stack/stacks.ts';

const stack = await startStack({ spec: { kind: 'docker' } });
console.log(stack.id);
setInterval(() => {}, 60_000);
