/** A passage of the support bot's handbook. */
export interface Passage {
  readonly id: string;
  readonly locale: string;
  readonly text: string;
}

/** What the support bot of a shop knows, in the languages of its customers. */
export const HANDBOOK: readonly Passage[] = [
  {
    id: 'returns-1',
    locale: 'en',
    text: 'Goods can be returned within 30 days. The label is in the parcel; if it is lost, print a new one under “My orders”. Refunds take up to ten working days.',
  },
  {
    id: 'delivery-2',
    locale: 'en',
    text: 'Standard delivery takes 2–4 working days, islands and mountain villages up to 9. Express orders placed before 14:00 CET leave the same day.',
  },
  {
    id: 'invoice-3',
    locale: 'en',
    text: 'An invoice can be re-issued with another address or VAT number until the end of the quarter. Ask for order number and the new data; never for card numbers.',
  },
  {
    id: 'rückgabe-1',
    locale: 'de',
    text: 'Rückgaben sind innerhalb von 30 Tagen möglich. Größenumtausch ist kostenlos; für Maßanfertigungen gilt § 312g Abs. 2 BGB.',
  },
  {
    id: 'livraison-2',
    locale: 'fr',
    text: 'La livraison prend 2 à 4 jours ouvrés. Pour la Corse et les îles, comptez jusqu’à 9 jours. Les colis « express » partent le jour même.',
  },
  {
    id: 'kessai-4',
    locale: 'ja',
    text: 'お支払いはクレジットカード、コンビニ払い、銀行振込がご利用いただけます。領収書は「注文履歴」から発行できます。',
  },
  {
    id: 'tuihuo-1',
    locale: 'zh',
    text: '收到商品后30天内可以退货。退款将在十个工作日内原路退回。定制商品不支持退货。',
  },
  {
    id: 'istirja-1',
    locale: 'ar',
    text: 'يمكن إرجاع المنتجات خلال 30 يومًا. يستغرق رد المبلغ حتى عشرة أيام عمل (رقم الطلب مطلوب: ORD-12345).',
  },
  {
    id: 'vapasi-1',
    locale: 'hi',
    text: 'सामान 30 दिनों के भीतर वापस किया जा सकता है। पैसे वापस आने में दस कार्य दिवस तक लग सकते हैं।',
  },
];

/** What customers ask, by language. */
export const QUESTIONS: Readonly<Record<string, readonly string[]>> = {
  en: [
    'My parcel ORD-48121 should have been here on Tuesday. Where is it?',
    'I lost the return label, what now? 😅',
    'Can you put our VAT number DE 811 907 980 on last month’s invoice?',
    'The left shoe is size 42, the right one 43 🤦🏽‍♀️ — can I swap only one?',
    'I was charged twice: 2 × €49.90. Please check "both" payments.',
  ],
  de: [
    'Wo bleibt meine Bestellung ORD-51007? Grüße aus Köln!',
    'Kann ich die Jacke gegen Größe XL tauschen?',
  ],
  fr: ['Où est mon colis ? J’ai payé l’« express » hier à 13 h.', 'Puis-je être remboursée avant Noël ? 🎄'],
  ja: ['領収書を会社名「株式会社𠮷田商店」で発行できますか？', 'コンビニ払いの期限はいつまでですか。'],
  zh: ['我的订单ORD-60233还没有发货，请帮我查一下。', '定制的杯子可以退吗？👩‍👩‍👧‍👦 是家庭套装。'],
  ar: ['أين طلبي ORD-33010؟ لم يصل بعد.', 'أريد استرداد المبلغ، كم يستغرق ذلك؟'],
  hi: ['मेरा ऑर्डर ORD-77120 कहाँ है?', 'क्या मैं यह कुर्ता वापस कर सकता हूँ?'],
};
