import type { Random } from '../../base/random.ts';

/**
 * Passages in many scripts, each a whole number of user-perceived characters, with what a pipeline may stumble
 * over: emoji joined and with skin tones, right-to-left text with its marks, combining accents, scripts without
 * spaces, characters beyond the first 65,536, and what JSON must escape. No lone surrogate: those poison a
 * whole insert of Langfuse 3.36.0 and are a fault of their own.
 */
const PASSAGES: readonly (readonly string[])[] = [
  [
    'How do I move my workspace to another region without losing the audit log? ',
    'The invoice of last month shows 14 seats, but we only have 12 people. ',
    'Please summarise the following ticket in two sentences. ',
    'According to section 4.2 of the handbook, refunds take up to ten working days. ',
    'I have looked this up: the export runs every night at 02:00 UTC. ',
    'Error 0x80070057 keeps coming back, even after a restart. ',
  ],
  [
    '{"tool":"search","arguments":{"query":"reset password","top_k":5}}\n',
    'SELECT id, name FROM tickets WHERE state = \'open\' AND note LIKE "%\\\\%"; ',
    '\tif (a < b && c > d) { return x; }\r\n',
    '<p class="answer">5 &lt; 7 &amp; true</p>\u0008\u001f ',
  ],
  [
    'Grüße aus Köln — naïve façade, señor! ',
    'e\u0301te\u0301 a\u0308o\u0308u\u0308 Z\u0335a\u0337l\u0336g\u0334o\u0335 ',
    'ǅ ﬁ ẞ İ ı ſ ',
  ],
  [
    '请帮我查询订单状态，谢谢。',
    '東京都の天気は晴れです。',
    '주문하신 상품이 발송되었습니다. ',
    '𠮷野家で𩸽を食べる。',
  ],
  ['مرحبا، كيف يمكنني استعادة كلمة المرور؟ ', 'שלום, איפה החשבונית שלי? ', '\u202Bעברית 123 English\u202C '],
  ['नमस्ते, मेरा ऑर्डर कहाँ है? ', 'สวัสดีครับ ช่วยตรวจสอบใบแจ้งหนี้ ', 'ඔබට කෙසේද? ', 'Привет, где мой заказ? '],
  ['👩‍👩‍👧‍👦 ', '👍🏽👍🏿 ', '🏳️‍🌈🇪🇺 ', '🤖💬🔎 ', '𝔘𝔫𝔦𝔠𝔬𝔡𝔢 '],
];

/** A passage and its length as it counts against a limit: bytes of its JSON text, never less than its UTF-8. */
interface Passage {
  readonly text: string;
  readonly bytes: number;
}

const MEASURED: readonly (readonly Passage[])[] = PASSAGES.map((group) =>
  group.map((text) => ({ text, bytes: Buffer.byteLength(JSON.stringify(text)) - 2 })),
);
const ENGLISH = MEASURED[0] as readonly Passage[];

/** Text of at most `bytes` bytes of UTF-8, even when written as JSON; mostly of about that length, never empty. */
export function makeText(random: Random, bytes: number): string {
  const passages = random.chance(0.6) ? ENGLISH : random.pick(MEASURED);
  let text = '';
  let left = bytes;
  for (;;) {
    const passage = random.pick(passages);
    if (passage.bytes > left) break;
    text += passage.text;
    left -= passage.bytes;
  }
  return text || '?'.repeat(Math.max(1, Math.min(left, 8)));
}

/**
 * A size in bytes as they occur: half of all below 160, one in a hundred above 8,000, one in a thousand above
 * 80,000 (a Pareto distribution), cut at `largest`.
 */
export function drawSize(random: Random, largest: number): number {
  return Math.min(largest, Math.floor(80 / (1 - random.float())));
}
