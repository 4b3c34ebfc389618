/** Stands in an expected row for a column that only the target can tell: what it knows of models and their tokenizers and prices, or a convention that is not known here. */
export const NOT_COMPARED = Symbol('not compared');
