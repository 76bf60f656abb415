import { expect } from '@open-wc/testing';
import { OnAirError } from '../../dist/core/errors.js';
import type * as LoadWorker from '../../dist/core/load-worker.js';

const workerFile = (name: string): string => new URL(`./support/workers/${name}.js`, import.meta.url).href;
const NativeWorker = globalThis.Worker;
const alive = new Set<Worker>();
let loader: typeof LoadWorker;
let started: { url: string; ended: boolean }[] = [];
let blobUrls = new Set<string>();

/** A page that has loaded nothing yet: the loader remembers what worked. */
let pages = 0;
const freshLoader = async (): Promise<typeof LoadWorker> =>
  (await import(new URL(`../../dist/core/load-worker.js?page=${pages++}`, import.meta.url).href)) as typeof LoadWorker;

/** Watches what is started; `refuse` says what the platform does with an address instead of starting it. */
function watchWorkers(refuse: (url: string) => void = () => undefined): void {
  globalThis.Worker = class extends NativeWorker {
    #record: { url: string; ended: boolean };
    constructor(url: string | URL, options?: WorkerOptions) {
      const record = { url: String(url), ended: false };
      started.push(record);
      try {
        refuse(record.url);
      } catch (thrown) {
        record.ended = true;
        throw thrown;
      }
      super(url, options);
      this.#record = record;
      alive.add(this);
    }
    override terminate(): void {
      super.terminate();
      this.#record.ended = true;
      alive.delete(this);
    }
  };
}

const rungOf = (url: string): string =>
  url.startsWith('blob:') ? 'blob' : url.includes('record.worker.js') ? 'module' : 'url';
const rungs = (): string[] => started.map(({ url }) => rungOf(url));

async function errorOf(promise: Promise<unknown>): Promise<OnAirError> {
  try {
    await promise;
  } catch (thrown) {
    expect(thrown).to.be.instanceOf(OnAirError);
    return thrown as OnAirError;
  }
  throw new Error('nothing was thrown');
}

const securityError = (): never => {
  throw new DOMException('not from here', 'SecurityError');
};

describe('the worker loader', () => {
  const createObjectURL = URL.createObjectURL.bind(URL);
  const revokeObjectURL = URL.revokeObjectURL.bind(URL);

  beforeEach(async () => {
    started = [];
    blobUrls = new Set();
    URL.createObjectURL = (blob) => {
      const url = createObjectURL(blob);
      blobUrls.add(url);
      return url;
    };
    URL.revokeObjectURL = (url) => {
      revokeObjectURL(url);
      blobUrls.delete(url);
    };
    watchWorkers();
    loader = await freshLoader();
  });

  afterEach(() => {
    for (const worker of alive) worker.terminate();
    Object.assign(globalThis, { Worker: NativeWorker });
    Object.assign(URL, { createObjectURL, revokeObjectURL });
    expect(blobUrls.size, 'blob URLs left').to.equal(0);
  });

  /** All that was started and is not in use has been ended. */
  const expectEnded = (inUse: number): void => {
    expect(started.filter(({ ended }) => !ended).length).to.equal(inUse);
  };

  it('starts the file that ships beside it', async () => {
    const host = await loader.loadWorker('record');
    expect(host.rung).to.equal('module');
    expect(host.blocked).to.equal(null);
    expect(rungs()).to.deep.equal(['module']);
  });

  it('starts the shipped text from a Blob where the file may not be a worker', async () => {
    watchWorkers((url) => rungOf(url) === 'module' && securityError());
    const host = await loader.loadWorker('record');
    expect(host.rung).to.equal('blob');
    expectEnded(1);
  });

  it('goes straight to what worked before', async () => {
    watchWorkers((url) => rungOf(url) === 'module' && securityError());
    (await loader.loadWorker('record')).terminate();
    expect((await loader.loadWorker('record')).rung).to.equal('blob');
    expect(rungs()).to.deep.equal(['module', 'blob', 'blob']);
  });

  it('climbs again when what worked before does not any more', async () => {
    let refused = 'module';
    watchWorkers((url) => rungOf(url) === refused && securityError());
    await loader.loadWorker('record');
    refused = 'blob';
    expect((await loader.loadWorker('record')).rung).to.equal('module');
    expect(rungs()).to.deep.equal(['module', 'blob', 'blob', 'module']);
  });

  it('starts the address that the page names, and talks both ways', async () => {
    loader.configureWorkers({ urls: { record: workerFile('echo') } });
    const host = await loader.loadWorker('record');
    expect(host.rung).to.equal('url');
    const answer = await new Promise((resolve) => {
      host.onmessage = resolve;
      host.post({ n: 1 });
    });
    expect(answer).to.deep.equal({ got: { n: 1 } });
    const { buffer } = new Uint8Array(8);
    const echoed = await new Promise<{ got: ArrayBuffer }>((resolve) => {
      host.onmessage = (data) => resolve(data as { got: ArrayBuffer });
      host.post(buffer, [buffer]);
    });
    expect([buffer.byteLength, echoed.got.byteLength]).to.deep.equal([0, 8]);
  });

  for (const [what, name] of [
    ['is not there', 'missing'],
    ['throws while it starts', 'broken'],
    ['is not one of ours', 'stranger'],
  ] as const) {
    it(`passes over an address whose file ${what}`, async () => {
      loader.configureWorkers({ urls: { record: workerFile(name) } });
      expect((await loader.loadWorker('record')).rung).to.equal('module');
      expectEnded(1);
    });
  }

  it('passes over a file that does not say it is ready in time', async () => {
    loader.configureWorkers({ urls: { record: workerFile('silent') }, handshake: 0.2 });
    const started = performance.now();
    const loading = loader.loadWorker('record');
    loader.configureWorkers({ handshake: 10 });
    expect((await loading).rung).to.equal('module');
    expect(performance.now() - started).to.be.greaterThan(199);
    expectEnded(1);
  });

  it('tells of a worker that throws later', async () => {
    loader.configureWorkers({ urls: { record: workerFile('echo') } });
    const host = await loader.loadWorker('record');
    const error = await new Promise<OnAirError>((resolve) => {
      host.onerror = resolve;
      host.post('throw');
    });
    expect(error).to.be.instanceOf(Error);
    expect(error.code).to.equal('worker-failed');
    expect(String(error.cause)).to.contain('thrown on purpose');
  });

  it('says nothing after it was ended', async () => {
    loader.configureWorkers({ urls: { record: workerFile('echo') } });
    const host = await loader.loadWorker('record');
    host.onmessage = () => expect.fail('a message after the end');
    host.post('late');
    host.terminate();
    const other = await loader.loadWorker('record');
    await new Promise((resolve) => {
      other.onmessage = resolve;
      other.post('a later one');
    });
  });

  it('is given up when asked to, and leaves no worker behind', async () => {
    loader.configureWorkers({ urls: { record: workerFile('silent') } });
    const giveUp = new AbortController();
    const loading = errorOf(loader.loadWorker('record', { signal: giveUp.signal }));
    giveUp.abort();
    expect((await loading).code).to.equal('aborted');
    expectEnded(0);
    expect((await errorOf(loader.loadWorker('record', { signal: AbortSignal.abort() }))).code).to.equal('aborted');
    expect(started.length).to.equal(1);
  });

  it('fails with what to do when no worker starts', async () => {
    watchWorkers(securityError);
    const error = await errorOf(loader.loadWorker('record'));
    expect(error.code).to.equal('worker-failed');
    expect(error.fatal).to.equal(true);
    expect(error.message).to.contain('configureWorkers()');
    expect(rungs()).to.deep.equal(['module', 'blob']);
  });

  it('names the line to add when the policy of the page stops workers', async () => {
    watchWorkers((url) => {
      const blockedURI = rungOf(url) === 'blob' ? 'blob' : url;
      const violation = { effectiveDirective: 'worker-src', blockedURI, disposition: 'enforce' } as const;
      queueMicrotask(() => {
        dispatchEvent(
          new SecurityPolicyViolationEvent('securitypolicyviolation', {
            ...violation,
            documentURI: location.href,
            originalPolicy: "worker-src 'none'",
            violatedDirective: 'worker-src',
            statusCode: 200,
          }),
        );
      });
      securityError();
    });
    const error = await errorOf(loader.loadWorker('record'));
    expect(error.code).to.equal('worker-blocked');
    expect(error.message).to.match(/worker-src 'self'$/);
  });

  it('works in the page when that is asked for and nothing else is left, and says so', async () => {
    watchWorkers(securityError);
    const host = await loader.loadWorker('record', { allowPage: true });
    expect(host.rung).to.equal('page');
    expect(host.blocked!.code).to.equal('worker-failed');
    expect(host.blocked!.fatal).to.equal(false);
    host.terminate();
  });

  it('refuses a deadline that is none', () => {
    for (const handshake of [0, -1, NaN]) {
      expect(() => loader.configureWorkers({ handshake }))
        .to.throw(OnAirError)
        .with.property('code', 'invalid-value');
    }
  });
});
