import { expect } from '@open-wc/testing';
import { LiveSocket, RequestChannel, type LiveSocketOptions } from '../../dist/core/channel/index.js';
import { RemoteServer } from './embedded-server.js';

const QUICK = { interval: 0.2, timeout: 0.4 };

/** 20 ms of sound, 48 kHz. */
const samples = (seed: number): Float32Array =>
  Float32Array.from({ length: 960 }, (_, index) => Math.sin(seed + index));

describe('LiveSocket in a page', () => {
  let server: RemoteServer;
  let socket: LiveSocket;

  const connect = async (options: LiveSocketOptions = {}) => {
    socket = new LiveSocket(server.socket, { reconnect: { min: 0.1, max: 0.5 }, ...options });
    await is('open');
  };
  /** Resolves once the socket is in this state. */
  const is = (wanted: string) =>
    new Promise<void>((resolve) => {
      if (socket.store.get().state === wanted) return resolve();
      const end = socket.store.subscribe(({ state }) => {
        if (state !== wanted) return;
        end();
        resolve();
      });
    });

  beforeEach(async () => {
    server = await RemoteServer.start();
  });
  afterEach(async () => {
    socket?.close();
    await server.close();
  });

  it('notices a silent link, replaces it and delivers what it swallowed, in the same session', async () => {
    await connect({ heartbeat: QUICK });
    const { session } = socket.store.get();
    await server.silence();
    const delivered = socket.send('into the void', new Uint8Array(1000));
    await is('reconnecting');
    await server.silence(false);
    await delivered;
    expect(socket.store.get().session).to.equal(session);
  });

  it('rejects what is larger than the server takes, and goes on with the rest', async () => {
    await server.close();
    server = await RemoteServer.start({ limits: { message: 100_000 } });
    await connect();
    const { session } = socket.store.get();
    const large = socket.send('large', new Uint8Array(4_000_000)).then(
      () => 'delivered',
      (error: { code: string }) => error.code,
    );
    const small = socket.send('small', new Uint8Array(90_000));
    expect(await large).to.equal('invalid-value');
    await small;
    expect(socket.store.get().session).to.equal(session);
  });

  it('measures the round trip', async () => {
    await connect({ heartbeat: QUICK });
    await new Promise<void>((resolve) => socket.store.subscribe(({ roundTrip }) => roundTrip !== null && resolve()));
    expect(socket.store.get().roundTrip).to.be.within(0, 1);
  });

  it('asks at once when the network is back, however far the next heartbeat is', async () => {
    await connect({ heartbeat: { interval: 600, timeout: 0.3 } });
    await server.silence();
    window.dispatchEvent(new Event('online'));
    await is('reconnecting');
    await server.silence(false);
    await is('open');
  });

  it('outlives the server: a new session, safe requests answered, the others told', async () => {
    await connect();
    const channel = new RequestChannel(socket);
    const { session } = socket.store.get();
    await server.silence();
    const safe = channel.request('echo', 'safe', { safe: true });
    const unsafe = channel.request('echo', 'unsafe').then(
      () => 'answered',
      (error: { code: string }) => error.code,
    );
    await server.stop();
    await is('reconnecting');
    await server.silence(false);
    await server.restart();
    expect((await safe).data).to.equal('safe');
    expect(await unsafe).to.equal('session-lost');
    expect(socket.store.get().session).not.to.equal(session);
  });

  it('holds a hundred conversations at a time, in sound, over links that are cut', async () => {
    await connect();
    const channel = new RequestChannel(socket);
    const conversation = async (seed: number) => {
      for (let turn = 0; turn < 5; turn++) {
        const sound = samples(seed * 10 + turn);
        const { data, bytes } = await channel.request('echo', { seed, turn }, { bytes: sound });
        expect(data).to.deep.equal({ seed, turn });
        expect(bytes?.byteLength).to.equal(sound.byteLength);
        expect(new Float32Array(bytes!.slice().buffer)[7]).to.equal(sound[7]);
        if (seed === 50 && turn < 3) await server.cutSockets();
      }
    };
    await Promise.all(Array.from({ length: 100 }, (_, seed) => conversation(seed)));
    expect(channel.pending).to.equal(0);
    expect(socket.store.get().reconnects).to.be.at.least(1);
    expect(channel.metrics.snapshot().histograms['request:echo']?.count).to.equal(500);
  });

  it('reads an answer in parts', async () => {
    await connect();
    const channel = new RequestChannel(socket);
    const indices: unknown[] = [];
    for await (const { data } of channel.stream('parts', { count: 50 }, { bytes: samples(1) })) indices.push(data);
    expect(indices).to.deep.equal(Array.from({ length: 50 }, (_, index) => ({ index })));
  });
});
