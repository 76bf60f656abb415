/** Holds as many bytes of numbers as it is told: JavaScript that no figure of the page's own thread shows. */
let held = null;
onmessage = ({ data: bytes }) => {
  held = Array.from({ length: bytes / 8 }, (_, index) => index + 0.5);
  postMessage(held.length);
};
