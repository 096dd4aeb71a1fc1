// A form's picture and its ticket, swapped together without loading the page again: when the
// visitor asks for another, and when the picture is found to have expired.
const form = document.getElementById("login");
const button = form.querySelector(".picture");
const status = document.getElementById("status");

// Milliseconds before the end in which nobody reads, types and sends a code any more.
const MARGIN = 5_000;

// `ask` fetches another ticket, `answer` is the field for the code, and `address` says where the
// picture is, unless it is at the ticket's own address.
export function keepPicture({ ask, answer, address = () => null }) {
  let end = endOfLife();
  let busy = false;

  button.addEventListener("click", async (event) => {
    event.preventDefault();
    if (await swap(form.dataset.fresh)) {
      answer.focus();
    }
  });
  answer.addEventListener("focus", swapExpired);
  answer.addEventListener("input", swapExpired);
  document.addEventListener("visibilitychange", swapExpired);

  function swapExpired() {
    if (Date.now() > end && document.visibilityState === "visible") {
      swap(form.dataset.renewed);
    }
  }

  // Whether there is another picture now.
  async function swap(news) {
    if (busy) {
      return false;
    }
    busy = true;
    button.classList.add("loading");
    tell(form.dataset.busy);
    try {
      const response = await ask();
      if (response.status === 429) {
        return tell(form.dataset.tooMany);
      }
      const ticket = response.headers.get("Inkgate-Ticket");
      if (!response.ok || !ticket) {
        return tell(form.dataset.failed);
      }
      const asked = endOfLife();
      await show(ticket, await address(response));
      form.elements.ticket.value = ticket;
      answer.value = "";
      end = asked;
      tell(news);
      return true;
    } catch {
      return tell(form.dataset.failed);
    } finally {
      busy = false;
      button.classList.remove("loading");
    }
  }
}

// When a picture that came just now is as good as expired.
function endOfLife() {
  return Date.now() + form.dataset.life * 1_000 - MARGIN;
}

// Loads the picture before it is shown, so that picture and ticket change together or not at all.
// A template's content loads nothing, so there the addresses can be changed.
async function show(ticket, address) {
  const old = button.querySelector("picture");
  const template = document.createElement("template");
  template.innerHTML = old.outerHTML.replaceAll(form.elements.ticket.value, ticket);
  const image = template.content.querySelector("img");
  image.src = address ?? image.src;
  const picture = document.importNode(template.content.firstChild, true);
  await picture.querySelector("img").decode();
  const before = old.querySelector("img").src;
  old.replaceWith(picture);
  URL.revokeObjectURL(before);
}

function tell(text) {
  status.textContent = text;
  return false;
}
