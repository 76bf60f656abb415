/** What may be tried out on the page. The elements need none of it. */
const [component, frame] = document.querySelectorAll('#component, #frame');

document.querySelector('#look').addEventListener('change', ({ target }) => {
  component.className = target.value;
});

/** A frame of this site may do what its page may, unless it is forbidden; one of another site has to be allowed. */
const { allow } = frame;
const forbidden = document.querySelector('#forbidden');
document.querySelector('#forbid').addEventListener('click', ({ target }) => {
  const forbid = target.ariaPressed !== 'true';
  target.ariaPressed = String(forbid);
  frame.allow = forbid ? "camera 'none'; microphone 'none'" : allow;
  // It holds for what is loaded from then on.
  frame.contentWindow.location.reload();
  forbidden.textContent = forbid
    ? 'It is forbidden, as in a frame of another site without “allow”. Turn the camera on in it.'
    : 'It is allowed again.';
});

/** The policy as it was sent, a rule to a line. */
const policy = document.querySelector('#policy');
const told = (headers) =>
  headers.get('Content-Security-Policy')?.replaceAll('; ', ';\n') ?? 'None: this is another server.';
fetch(location.href, { method: 'HEAD' }).then(
  ({ headers }) => (policy.textContent = told(headers)),
  () => (policy.textContent = 'The server gives no answer.'),
);

const refused = document.querySelector('#refused');
document.addEventListener('securitypolicyviolation', ({ effectiveDirective, blockedURI }) => {
  refused.textContent = `Refused by ${effectiveDirective}: ${blockedURI}. The elements go on.`;
});

document.querySelector('#break').addEventListener('click', () => {
  const script = document.createElement('script');
  script.textContent =
    'document.querySelector("#refused").textContent = "An inline script has run: there is no policy."';
  document.body.append(script);
  script.remove();
});
