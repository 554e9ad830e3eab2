// Fetches a path and shows what the tiers said about it, the newest answer first.
const form = document.getElementById('ask');
const table = document.getElementById('answers');
const names = ['cache-status', 'age', 'x-nonce', 'server-timing'];

function show(cells) {
  const row = table.tBodies[0].insertRow(0);
  for (const text of cells) row.insertCell().textContent = text;
  table.hidden = false;
}

form.addEventListener('submit', async (event) => {
  event.preventDefault();
  const path = new FormData(form).get('path');
  try {
    // Not `cache: 'no-store'`: the browser would then tell the edge, too, to leave its store aside.
    const response = await fetch(path);
    show([response.status, ...names.map((name) => response.headers.get(name) ?? '–')]);
    await response.body?.cancel();
  } catch (error) {
    show([String(error), '–', '–', '–', '–']);
  }
});
