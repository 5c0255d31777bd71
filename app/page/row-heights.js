// How high the rows of a long list are: all alike, or each measured once it was seen.

/** All alike. */
export class SameHeights {
  count = 0;

  constructor(height) {
    this.height = height;
  }

  get total() {
    return this.count * this.height;
  }

  grow(count) {
    this.count = Math.max(this.count, count);
  }

  top(index) {
    return index * this.height;
  }

  at(offset) {
    return Math.min(this.count - 1, Math.max(0, Math.floor(offset / this.height)));
  }

  /** Nothing to learn. */
  learn() {
    return 0;
  }
}

/** Each its own: guessed at first, right once it was measured. A Fenwick tree, so that neither costs more than log n. */
export class MeasuredHeights {
  count = 0;
  total = 0;
  #sums = new Float64Array(1024);
  #each = new Float64Array(1024);

  constructor(guess) {
    this.guess = guess;
  }

  grow(count) {
    if (count >= this.#sums.length) {
      const length = 2 ** Math.ceil(Math.log2(count + 1));
      this.#sums = copied(this.#sums, length);
      this.#each = copied(this.#each, length);
    }
    for (let place = this.count + 1; place <= count; place += 1) {
      const height = this.guess(place - 1);
      let sum = height;
      for (let below = place - 1; below > place - (place & -place); below -= below & -below) sum += this.#sums[below];
      this.#sums[place] = sum;
      this.#each[place - 1] = height;
      this.total += height;
    }
    this.count = Math.max(this.count, count);
  }

  top(index) {
    let sum = 0;
    for (let place = index; place > 0; place -= place & -place) sum += this.#sums[place];
    return sum;
  }

  at(offset) {
    let place = 0;
    let left = offset;
    for (let step = this.#sums.length / 2; step >= 1; step /= 2) {
      if (place + step <= this.count && this.#sums[place + step] <= left) {
        place += step;
        left -= this.#sums[place];
      }
    }
    return Math.min(this.count - 1, place);
  }

  /** Takes a measured height; tells by how much the guess was off. */
  learn(index, height) {
    const change = height - this.#each[index];
    if (Math.abs(change) < 0.5) return 0;
    this.#each[index] = height;
    this.total += change;
    for (let place = index + 1; place <= this.count; place += place & -place) this.#sums[place] += change;
    return change;
  }
}

function copied(old, length) {
  const array = new Float64Array(length);
  array.set(old);
  return array;
}
