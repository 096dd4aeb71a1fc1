// A click on the picture swaps it and the form's ticket without loading the page again.
"use strict";

const form = document.getElementById("login");
const button = form.querySelector(".picture");
const status = document.getElementById("status");
let busy = false;

button.addEventListener("click", (event) => {
  event.preventDefault();
  if (!busy) {
    swap();
  }
});

async function swap() {
  busy = true;
  tell(form.dataset.busy);
  try {
    const answer = await fetch(`/newpage/getcode/?t=${Math.random()}`, { cache: "no-store" });
    if (answer.status === 429) {
      return tell(form.dataset.tooMany);
    }
    const ticket = answer.headers.get("Inkgate-Ticket");
    if (!answer.ok || !ticket) {
      return tell(form.dataset.failed);
    }
    await show(ticket);
    form.elements.verify_code.value = "";
    form.elements.verify_code.focus();
    tell(form.dataset.fresh);
  } catch {
    tell(form.dataset.failed);
  } finally {
    busy = false;
  }
}

// Loads the ticket's picture first, so that picture and ticket change together or not at all.
async function show(ticket) {
  const old = button.querySelector("img");
  const picture = new Image(old.width, old.height);
  picture.alt = old.alt;
  picture.src = `/challenge/${ticket}.png`;
  await picture.decode();
  old.replaceWith(picture);
  form.elements.ticket.value = ticket;
}

function tell(text) {
  status.textContent = text;
}
