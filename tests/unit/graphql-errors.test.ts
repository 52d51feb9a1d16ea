import { describe, expect, test } from '@jest/globals';
import { buildSchema, parse, specifiedRules, validate, GraphQLError } from 'graphql';
import { AppError } from '../../src/errors.js';
import type { Logger } from '../../src/logger.js';
import { publicError } from '../../src/schema/format-error.js';
import { assertAffordable, MAX_ALIASES, MAX_DEPTH, operationLimits } from '../../src/schema/limits.js';

function recorder(): { logger: Logger; lines: object[] } {
  const lines: object[] = [];
  const put = (fields: object, message: string): void => void lines.push({ ...fields, message });
  return { lines, logger: { debug: put, info: put, warn: put, error: put } };
}

describe('publicError', () => {
  test('client errors are told with their details', () => {
    const { logger, lines } = recorder();
    const error = new AppError('SERVER_BUSY', 'Busy.', { details: { retryAfterMs: 5 } });
    expect(publicError(error, logger)).toEqual({
      code: 'SERVER_BUSY',
      message: 'Busy.',
      retryable: true,
      details: { retryAfterMs: 5 },
    });
    expect(lines).toEqual([]);
  });

  test.each([new Error('/etc/secret'), new AppError('STORAGE_FAILED', '/etc/secret')])(
    '%s is masked and logged under its errorId',
    (error) => {
      const { logger, lines } = recorder();
      const told = publicError(new GraphQLError('x', { originalError: error }), logger);
      expect(told.code).toBe('INTERNAL_SERVER_ERROR');
      expect(JSON.stringify(told)).not.toContain('secret');
      expect(lines).toEqual([expect.objectContaining({ errorId: told.errorId, message: '/etc/secret' })]);
    },
  );

  test("GraphQL's own words on a bad value lose the value", () => {
    const { logger } = recorder();
    const error = new GraphQLError(
      'Variable "$topK" got invalid value "hunter2"; Int cannot represent non-integer value: "hunter2"',
      {
        extensions: { code: 'BAD_USER_INPUT' },
      },
    );
    expect(publicError(error, logger)).toEqual({
      code: 'BAD_USER_INPUT',
      retryable: false,
      message: 'Expected a value of type Int for topK',
      details: { path: 'topK', rule: 'a value of type Int' },
    });
  });
});

describe('operation limits', () => {
  const schema = buildSchema('type Query { a: Query, list(first: Int = 1): [Query!], leaf: Int }');
  const errors = (query: string) => validate(schema, parse(query), [...specifiedRules, operationLimits]);
  const nested = (depth: number): string => '{ '.concat('a { '.repeat(depth - 1), 'leaf', ' }'.repeat(depth));

  test('depth', () => {
    expect(errors(nested(MAX_DEPTH))).toEqual([]);
    expect(errors(nested(MAX_DEPTH + 1))[0]?.extensions).toEqual({
      code: 'QUERY_TOO_COMPLEX',
      details: { what: 'depth', limit: MAX_DEPTH, actual: MAX_DEPTH + 1 },
    });
  });

  test('aliases, also in fragments', () => {
    const aliases = (count: number) => Array.from({ length: count }, (_, i) => `x${i}: leaf`).join(' ');
    expect(errors(`{ ${aliases(MAX_ALIASES)} }`)).toEqual([]);
    expect(
      errors(`{ ...F leaf } fragment F on Query { ${aliases(MAX_ALIASES + 1)} }`)[0]?.extensions['code'],
    ).toBe('QUERY_TOO_COMPLEX');
  });

  test('fragments that double at each level are measured without being expanded', () => {
    const levels = Array.from(
      { length: 60 },
      (_, i) => `fragment F${i} on Query { ${i === 59 ? 'leaf' : `...F${i + 1} a { ...F${i + 1} }`} }`,
    );
    expect(errors(`{ ...F0 } ${levels.join(' ')}`).map(({ extensions }) => extensions['code'])).toContain(
      'QUERY_TOO_COMPLEX',
    );
  });

  test('a fragment cycle does not hang', () => {
    expect(errors('{ ...A } fragment A on Query { a { ...A } }').length).toBeGreaterThan(0);
  });

  test('cost is checked with its variables', () => {
    expect(() => assertAffordable(schema, parse('{ a { leaf } }'), null, {})).not.toThrow();
  });
});
