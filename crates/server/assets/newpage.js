// A click on the picture swaps it and the form's ticket without loading the page again.
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
  button.classList.add("loading");
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
    button.classList.remove("loading");
  }
}

// Loads the ticket's picture first, so that picture and ticket change together or not at all.
async function show(ticket) {
  const old = button.querySelector("img");
  const picture = new Image(old.width, old.height);
  picture.alt = old.alt;
  picture.srcset = `/challenge/${ticket}@2x.png 2x`;
  picture.src = `/challenge/${ticket}.png`;
  await picture.decode();
  old.replaceWith(picture);
  form.elements.ticket.value = ticket;
}

function tell(text) {
  status.textContent = text;
}

// A wrong code comes back by a redirect, which carries no name: this tab remembers it that long.
const KEPT = "inkgate-username";
const name = form.elements.username;
if (form.dataset.again === "true" && name.value === "") {
  name.value = sessionStorage.getItem(KEPT) ?? "";
}
sessionStorage.removeItem(KEPT);
form.addEventListener("submit", () => sessionStorage.setItem(KEPT, name.value));
