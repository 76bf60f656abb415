import { liveClock, type LiveClock } from './clock.js';

/** The page, its network and its clocks as a publisher sees them; tests put others in their place. */
export interface LivePlatform extends LiveClock {
  readonly fetch: typeof fetch;
  /** Undefined where there is no WebRTC. */
  readonly connect: ((configuration: RTCConfiguration) => RTCPeerConnection) | undefined;
  /** Codecs for a picture, in the order of the browser. Those that it receives: of others none may be preferred. */
  codecs(): readonly RTCRtpCodec[];
  readonly window: EventTarget | undefined;
  readonly document: (EventTarget & { readonly hidden: boolean; readonly baseURI: string }) | undefined;
  /** Whether the browser says that it has no network. */
  readonly offline?: boolean;
  /** The Network Information API, where there is one. */
  readonly network: (EventTarget & { readonly type?: string }) | undefined;
}

const page = globalThis as typeof globalThis & {
  readonly document?: Document;
  readonly navigator?: Navigator & { readonly connection?: LivePlatform['network'] };
};

export const livePlatform: LivePlatform = {
  ...liveClock,
  fetch: (...asked) => fetch(...asked),
  get connect() {
    return typeof RTCPeerConnection === 'undefined'
      ? undefined
      : (configuration: RTCConfiguration) => new RTCPeerConnection(configuration);
  },
  codecs: () => RTCRtpReceiver.getCapabilities('video')?.codecs ?? [],
  get window() {
    return page.document?.defaultView ?? undefined;
  },
  get document() {
    return page.document;
  },
  get offline() {
    return page.navigator?.onLine === false;
  },
  get network() {
    return page.navigator?.connection;
  },
};

export interface PageEvents {
  /** Something happened that ends connections, or lets them come up again. */
  stirred(): void;
  /** The page is left; what is asked from now on has to outlive it. */
  left(): void;
}

/** Follows what happens to a page and its network; the function that it answers ends that. */
export function followPage({ window, document, network }: LivePlatform, { stirred, left }: PageEvents): () => void {
  const over = new AbortController();
  const on = (target: EventTarget | undefined, type: string, hear: () => void) =>
    target?.addEventListener(type, hear, { signal: over.signal });
  on(window, 'online', stirred);
  on(window, 'offline', stirred);
  on(window, 'pageshow', stirred);
  on(window, 'pagehide', left);
  on(document, 'resume', stirred);
  on(document, 'visibilitychange', () => {
    if (!document?.hidden) stirred();
  });
  // It also tells of estimates, which change all the time.
  let type = network?.type;
  on(network, 'change', () => {
    if (type !== network?.type) stirred();
    type = network?.type;
  });
  return () => over.abort();
}
