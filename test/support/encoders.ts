/**
 * For a worker, ahead of its code: encoders of pictures fail with the first one that they get, as one does that its trial
 * has shown to work. The trial makes its own, for which it asks whether it is supported.
 */
export const STILLBORN = `
  {
    let tried = false;
    globalThis.VideoEncoder = class extends VideoEncoder {
      static isConfigSupported(config) {
        tried = true;
        return super.isConfigSupported(config);
      }
      constructor(init) {
        super(init);
        this.works = tried;
        tried = false;
      }
      encode(...given) {
        if (this.works) return super.encode(...given);
        this.close();
        throw new DOMException('The driver is gone.', 'EncodingError');
      }
    };
  }
`;
