/** Reads frames in the page, for engines whose workers cannot have them (Firefox). A blocked or hidden page gives none. */
export class FrameFeed {
  #video: HTMLVideoElement | null;
  #request = 0;

  constructor(
    track: MediaStreamTrack,
    private readonly onFrame: (frame: VideoFrame) => void,
  ) {
    const video = document.createElement('video');
    video.muted = true;
    video.playsInline = true;
    video.srcObject = new MediaStream([track]);
    video.play().catch(() => {});
    this.#video = video;
    this.#request = video.requestVideoFrameCallback(this.#read);
  }

  close(): void {
    this.#video?.cancelVideoFrameCallback(this.#request);
    if (this.#video) this.#video.srcObject = null;
    this.#video = null;
  }

  #read = (now: number, { captureTime }: VideoFrameCallbackMetadata): void => {
    const video = this.#video;
    if (!video) return;
    this.#request = video.requestVideoFrameCallback(this.#read);
    // The capture time is there for local cameras; the time of presentation follows it within a frame.
    this.onFrame(new VideoFrame(video, { timestamp: Math.round((captureTime ?? now) * 1000) }));
  };
}
