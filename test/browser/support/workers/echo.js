postMessage({ type: 'ready' });
onmessage = ({ data }) => {
  if (data === 'throw') throw new Error('thrown on purpose');
  postMessage({ got: data });
};
