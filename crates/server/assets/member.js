// The button swaps the picture and the form's ticket without loading the page again.
const form = document.getElementById("login");
const button = form.querySelector(".picture");
const picture = button.querySelector("img");
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
    const answer = await fetch("/member/captcha", { cache: "no-store" });
    if (answer.status === 429) {
      return tell(form.dataset.tooMany);
    }
    const ticket = answer.headers.get("Inkgate-Ticket");
    if (!answer.ok || !ticket) {
      return tell(form.dataset.failed);
    }
    show(URL.createObjectURL(await answer.blob()));
    form.elements.ticket.value = ticket;
    form.elements.captcha.value = "";
    form.elements.captcha.focus();
    tell(form.dataset.fresh);
  } catch {
    tell(form.dataset.failed);
  } finally {
    busy = false;
    button.classList.remove("loading");
  }
}

function show(url) {
  const old = picture.src;
  picture.src = url;
  if (old.startsWith("blob:")) {
    URL.revokeObjectURL(old);
  }
}

function tell(text) {
  status.textContent = text;
}
