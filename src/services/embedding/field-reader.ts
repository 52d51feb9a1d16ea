import { AppError } from '../../errors.js';

export type Fields = Readonly<Record<string, unknown>>;

/** Reads fields of a model.json, and refuses invalid values. */
export class FieldReader {
  readonly #path: string;

  /** @param path of the file, for messages */
  constructor(path: string) {
    this.#path = path;
  }

  /** @throws AppError MODEL_MISMATCH naming the file and the field */
  fail(field: string, rule: string): never {
    const path = this.#path;
    throw new AppError('MODEL_MISMATCH', `${path}: expected ${rule} for ${field}.`, {
      details: { path, field },
    });
  }

  object(value: unknown, field: string): Fields {
    return isFields(value) ? value : this.fail(field, 'an object');
  }

  string(value: unknown, field: string): string {
    return typeof value === 'string' && value !== '' ? value : this.fail(field, 'a text');
  }

  fileName(value: unknown, field: string): string {
    const name = this.string(value, field);
    return /[\\/]/.test(name) ? this.fail(field, 'the name of a file beside model.json') : name;
  }

  integer(value: unknown, field: string, most = 16_384): number {
    return typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= most
      ? value
      : this.fail(field, `a whole number from 1 to ${most}`);
  }

  number(value: unknown, field: string): number {
    return typeof value === 'number' && Number.isFinite(value) ? value : this.fail(field, 'a number');
  }

  oneOf<T extends string>(value: unknown, field: string, values: readonly T[]): T {
    return values.find((one) => one === value) ?? this.fail(field, `one of ${values.join(', ')}`);
  }

  triple(value: unknown, field: string): [number, number, number] {
    const list: readonly unknown[] =
      Array.isArray(value) && value.length === 3 ? value : this.fail(field, 'three numbers');
    return [this.number(list[0], field), this.number(list[1], field), this.number(list[2], field)];
  }
}

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
