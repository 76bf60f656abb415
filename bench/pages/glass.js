/**
 * Publishes a camera whose pictures say which one they are, plays them back from the server, and tells how old each is when
 * it is shown: from when the camera took it to when the page is told that it is presented.
 */

/** As the film has them: test/perf/known-film.ts. Eight bits of the number, and the same the other way round. */
const [WIDTH, HEIGHT, CELLS, CELL, PICTURES] = [640, 360, 16, 16, 120];

const canvas = new OffscreenCanvas(CELLS, 1);
const context = canvas.getContext('2d', { willReadFrequently: true });

/** The number that a picture says; null where it cannot be read. */
function numberOf(video) {
  const { videoWidth: width, videoHeight: height } = video;
  // From the middle of the cells, whatever size the picture has come in.
  context.drawImage(
    video,
    0,
    (height * CELL) / HEIGHT / 4,
    (width * CELLS * CELL) / WIDTH,
    (height * CELL) / HEIGHT / 2,
    0,
    0,
    CELLS,
    1,
  );
  const { data } = context.getImageData(0, 0, CELLS, 1);
  const bits = Array.from({ length: CELLS }, (_, cell) => Number(data[cell * 4 + 1] > 128));
  const read = (from) => bits.slice(from, from + 8).reduce((sum, bit) => sum * 2 + bit, 0);
  return read(0) === (~read(8) & 0xff) ? read(0) : null;
}

/** Calls with each picture of a stream that is presented. */
async function show(stream, seen) {
  const video = Object.assign(document.createElement('video'), { srcObject: stream, muted: true });
  document.body.append(video);
  const next = (_, metadata) => {
    seen(numberOf(video), performance.now(), metadata);
    video.requestVideoFrameCallback(next);
  };
  video.requestVideoFrameCallback(next);
  await video.play();
}

async function publish(url) {
  const producer = document.createElement('media-producer');
  for (const [name, value] of Object.entries({ width: WIDTH, height: HEIGHT, 'frame-rate': 30, quality: 'fixed' }))
    producer.setAttribute(name, value);
  producer.toggleAttribute('no-preview', true);
  const publisher = Object.assign(document.createElement('stream-publisher'), { src: url });
  producer.append(publisher);
  document.body.append(producer);
  await producer.start();
  await publisher.start();
  return producer.stream;
}

/** Plays by WHEP; candidates go with the offer. */
async function view(url) {
  const connection = new RTCPeerConnection({ bundlePolicy: 'max-bundle' });
  const stream = new MediaStream();
  connection.addEventListener('track', ({ track }) => stream.addTrack(track));
  for (const kind of ['audio', 'video']) connection.addTransceiver(kind, { direction: 'recvonly' });
  await connection.setLocalDescription();
  while (connection.iceGatheringState !== 'complete')
    await new Promise((resolve) => connection.addEventListener('icegatheringstatechange', resolve, { once: true }));
  const headers = { 'Content-Type': 'application/sdp' };
  const answer = await fetch(url, { method: 'POST', headers, body: connection.localDescription.sdp });
  if (answer.status !== 201) throw new Error(`WHEP: ${answer.status}`);
  await connection.setRemoteDescription({ type: 'answer', sdp: await answer.text() });
  return stream;
}

/**
 * Milliseconds of each picture, played back and in a preview beside, and how many came that did not say which they are.
 * @param {{ whip: string, whep: string }} urls
 * @param {{ settle: number, length: number }} options seconds: before it is measured, and for which it is
 */
async function measure({ whip, whep }, { settle, length }) {
  /** When pictures of a number were taken, the last one last; and what was seen. The film says the same number each 4 s. */
  const taken = Array.from({ length: PICTURES }, () => []);
  const [seen, previewed] = [[], []];
  let [unread, from] = [0, Infinity];
  let last = null;
  await show(await publish(whip), (number, now, { captureTime }) => {
    if (captureTime === undefined) throw new Error('This browser does not tell when a picture was taken.');
    if (number === null) return;
    // A camera is steady: what the preview has left out was taken in between.
    const step = last === null ? 1 : (number - last.number + PICTURES) % PICTURES;
    for (let left = step - 1; left >= 0; left--) {
      const share = left / step;
      taken[(number - left + PICTURES) % PICTURES].push(
        captureTime - share * (captureTime - (last?.at ?? captureTime)),
      );
    }
    last = { number, at: captureTime };
    if (now >= from) previewed.push(now - captureTime);
  });
  await show(await view(whep), (number, now) => {
    if (now < from) return;
    if (number === null) unread++;
    else seen.push({ number, now });
  });
  await new Promise((resolve) => setTimeout(resolve, settle * 1000));
  from = performance.now();
  await new Promise((resolve) => setTimeout(resolve, length * 1000));
  from = Infinity;
  // The preview may show a picture after it has come back, so that only now it is known when that was taken.
  const ages = seen.flatMap(({ number, now }) => now - taken[number].findLast((at) => at <= now));
  return { ages: ages.filter((age) => age >= 0), previewed, unread };
}

globalThis.glass = { measure };
