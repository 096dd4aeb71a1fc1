// A comment form on Express that asks Inkgate in its own words.
import { readFileSync } from 'node:fs';

import express from 'express';

const { INKGATE = 'http://127.0.0.1:8080', SITEKEY, SECRET, PORT = 3000 } = process.env;
const page = readFileSync(new URL('../form.html', import.meta.url), 'utf8')
  .replaceAll('INKGATE', INKGATE)
  .replaceAll('SITEKEY', SITEKEY);

const app = express().use(express.urlencoded({ extended: false }));

app.get('/', (request, response) => response.send(page));

app.post('/', async (request, response) => {
  const answer = await fetch(`${INKGATE}/siteverify`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ secret: SECRET, response: request.body['inkgate-response'], action: 'comment' }),
  });
  const { success } = await answer.json();
  if (success) response.send('Thank you for your comment.');
  else response.status(403).send('Please go back and prove once more that you are a person.');
});

app.listen(PORT, '127.0.0.1');
