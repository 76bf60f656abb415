/** A table of numbers that grows without an object for each row: 8 bytes a number. */
export class Rows {
  readonly width: number;
  #values: Float64Array;
  #length = 0;

  constructor(width: number) {
    this.width = width;
    this.#values = new Float64Array(width * 64);
  }

  get length(): number {
    return this.#length / this.width;
  }

  add(...row: number[]): void {
    if (this.#length === this.#values.length) {
      const larger = new Float64Array(this.#length * 2);
      larger.set(this.#values);
      this.#values = larger;
    }
    this.#values.set(row, this.#length);
    this.#length += this.width;
  }

  at(row: number, column: number): number {
    return this.#values[row * this.width + column]!;
  }
}
