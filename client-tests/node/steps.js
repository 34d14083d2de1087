// Runs one step after the other and prints what became of each: the lines that client-tests/run counts.

export class Steps {
  #client;
  #failed = false;

  /** After limitSeconds the whole program ends as failed, whatever it waits for. */
  constructor(client, limitSeconds) {
    this.#client = client;
    const tooLate = () => {
      console.log(`FAILED ${client}: not done after ${limitSeconds} s`);
      process.exit(1);
    };
    setTimeout(tooLate, limitSeconds * 1000).unref();
  }

  async step(name, run) {
    try {
      await run();
      console.log(`ok ${this.#client}: ${name}`);
    } catch (error) {
      this.#failed = true;
      console.log(`FAILED ${this.#client}: ${name}: ${String(error.message).split("\n")[0]}`);
    }
  }

  get exitCode() {
    return this.#failed ? 1 : 0;
  }
}

export function expect(what, actual, expected) {
  const [is, not] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (is !== not) {
    throw new Error(`${what} is ${is}, not ${not}`);
  }
}

export function expectBetween(what, actual, least, most) {
  if (!(actual >= least && actual <= most)) {
    throw new Error(`${what} is ${actual}, not ${least} to ${most}`);
  }
}

export function expectChat(actual, ...expected) {
  expect("what reached the chat", actual, expected);
}

/** The error that a promise must end with. */
export async function failureOf(promise, type) {
  const error = await promise.then(
    (value) => new Error(`it succeeded with ${JSON.stringify(value)}`),
    (failure) => failure,
  );
  if (!(error instanceof type)) {
    throw new Error(`a ${type.name} was expected: ${error.message}`);
  }
  return error;
}
