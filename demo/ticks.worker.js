/** Is told once how many milliseconds to wait, and then says each time that they have passed. */
onmessage = ({ data }) => setInterval(() => postMessage(null), data);
