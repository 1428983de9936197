/** A sum whose error does not grow with the number of values: compensated after Neumaier (1974). */
export class CompensatedSum {
  #sum = 0;
  #compensation = 0;

  get value(): number {
    // Once a sum is infinite its compensation is NaN, and the sum itself is right.
    return Number.isFinite(this.#sum) ? this.#sum + this.#compensation : this.#sum;
  }

  add(value: number): void {
    const total = this.#sum + value;
    this.#compensation +=
      Math.abs(this.#sum) >= Math.abs(value) ? this.#sum - total + value : value - total + this.#sum;
    this.#sum = total;
  }

  /** Adds `values[from … to)`, leaving out NaN. */
  addAll(values: Float64Array, from: number, to: number): void {
    let sum = this.#sum;
    let compensation = this.#compensation;
    for (let index = from; index < to; index++) {
      const value = values[index];
      if (Number.isNaN(value)) continue;
      const total = sum + value;
      compensation += Math.abs(sum) >= Math.abs(value) ? sum - total + value : value - total + sum;
      sum = total;
    }
    this.#sum = sum;
    this.#compensation = compensation;
  }
}
